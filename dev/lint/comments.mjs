/**
 * `npm run lint:comments` lists comments that are too wide or too long, and holds the counts of
 * {@link LEFT}. With `-- base..HEAD` it lets none pass that the commits of the range have written.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { filesUnder } from './files-under.mjs';
import { faultsIn, isSource } from './find-comments.mjs';

/** Comments from before there were bounds. Lower a number if you mend some; nothing raises one. */
const LEFT = { width: 26, length: 7 };
/** Written by programs. */
const GENERATED = new Set(['deploy/k8s/components/prometheus-operator/prometheus-rule.yaml']);
const MOST_OUTPUT = 64 * 1024 * 1024;

const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: MOST_OUTPUT });

/** Lines that the commits of a range have written, by path. */
function writtenIn(range) {
  const lines = new Map();
  let path = '';
  for (const line of git(
    'diff',
    '--unified=0',
    '--no-color',
    '--no-ext-diff',
    '--find-renames',
    range,
  ).split('\n')) {
    path = /^\+\+\+ b\/(.*)$/.exec(line)?.[1] ?? path;
    const hunk = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (!hunk) continue;
    const known = lines.get(path) ?? new Set();
    for (let n = 0; n < Number(hunk[2] ?? 1); n++) known.add(Number(hunk[1]) + n);
    lines.set(path, known);
  }
  return lines;
}

function faultsOfRange(range) {
  const newest = range.split(/\.{2,3}/).at(-1) || 'HEAD';
  return [...writtenIn(range)]
    .filter(([path]) => isSource(path) && !GENERATED.has(path))
    .flatMap(([path, written]) =>
      faultsIn(path, git('show', `${newest}:${path}`))
        .filter(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, i) => from + i).some((n) => written.has(n)),
        )
        .map((fault) => ({ path, ...fault })),
    );
}

const faultsOfAll = () =>
  [...filesUnder('.')]
    .filter((path) => isSource(path) && !GENERATED.has(path))
    .flatMap((path) =>
      faultsIn(path, readFileSync(path, 'utf8')).map((fault) => ({ path, ...fault })),
    );

const [range] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const quiet = process.argv.includes('--quiet');
const faults = range ? faultsOfRange(range) : faultsOfAll();
const counts = { width: 0, length: 0 };
for (const { rule } of faults) counts[rule]++;
const most = range ? { width: 0, length: 0 } : LEFT;
const said = quiet
  ? []
  : faults.map(({ path, rule, from, what }) => `${path}:${from}: ${rule}: ${what}`);
said.push(
  `${counts.width} comment lines are too wide (${most.width} may be), ${counts.length} comments too long (${most.length}).`,
);
if (counts.width > most.width || counts.length > most.length) {
  said.push(
    'npm run lint:comments lists them; npm run lint:comments -- main..HEAD only those of your commits.',
  );
  process.exitCode = 1;
}
process.stdout.write(`${said.join('\n')}\n`);
