import type { Fault } from './links.js';
import type { Document } from './markdown.js';
import type { Tree } from './tree.js';

/** What npm does by itself, of what documents ask for. */
const OF_NPM = new Set(['ci', 'install', 'run', 'exec', 'sbom', 'audit', '--version']);

/** What is wrong with the words after `npm run cliptally --`; null if nothing is. */
export type CliCheck = (words: readonly string[]) => Promise<string | null>;

/** Commands of npm that name no script, or words that the script does not know. */
export async function faultyCommands(
  tree: Tree,
  file: string,
  { spans, code }: Document,
  cli: CliCheck,
): Promise<Fault[]> {
  const { scripts } = JSON.parse(tree.read('package.json')) as { scripts: Record<string, string> };
  const faults: Fault[] = [];
  for (const { line, text } of [...spans, ...code])
    for (const command of commandsIn(text)) {
      const what = await faultOf(tree, scripts, command, cli);
      if (what) faults.push({ file, line, what: `\`${command}\`: ${what}` });
    }
  return faults;
}

/** `A=b npm x -- y && npm z # why` are two. */
function commandsIn(text: string): string[] {
  return text
    .replace(/\s#\s.*$/, '')
    .split(/&&|\|\|?|;/)
    .flatMap(
      (part) => /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(npm(?: .*)?)$/.exec(part.trimEnd())?.[1] ?? [],
    );
}

async function faultOf(
  tree: Tree,
  scripts: Record<string, string>,
  command: string,
  cli: CliCheck,
): Promise<string | null> {
  // -s keeps npm silent, wherever it stands.
  const [, first, ...rest] = command.split(/\s+/).filter((word) => word !== '-s') as [
    string,
    string?,
    ...string[],
  ];
  // "npm" alone is the program.
  if (first === undefined) return null;
  const named = first === 'run' ? rest.shift() : first;
  if (named === undefined || /^[<*]/.test(named)) return null;
  if (!Object.hasOwn(scripts, named))
    return first !== 'run' && OF_NPM.has(named) ? null : `there is no script "${named}"`;
  if (first !== 'run' && named !== 'start' && named !== 'test')
    return `npm has no command "${named}": npm run ${named}`;
  if (rest.length === 0) return null;
  if (rest[0] !== '--') return `words for the script stand after "--"`;
  return wordsFault(tree, named, rest.slice(1), cli);
}

/** Where a script's words are explained. */
const PROGRAMS: Record<string, readonly string[]> = {
  start: ['dev/src/options.ts'],
  events: ['tools/ops/src/events.ts', 'tools/ops/src/skips.ts', 'tools/ops/src/archive.ts'],
  rebuild: ['tools/ops/src/projections.ts'],
  simulate: ['dev/src/simulation/main.ts'],
  contracts: ['libs/contracts/src/documents/write.ts'],
};

async function wordsFault(
  tree: Tree,
  script: string,
  words: readonly string[],
  cli: CliCheck,
): Promise<string | null> {
  const [word = ''] = words;
  const free = word === '' || /^[<.A-Z]/.test(word);
  if (script === 'cliptally') return free ? null : cli(words);
  if (script === 'test' || script === 'jest')
    return free || word.startsWith('-') || hasTests(tree, word)
      ? null
      : `no test matches "${word}"`;
  if (script === 'lint:commits' || script === 'lint:comments')
    return free || /^[\w./-]+\.{2,3}\w+$/.test(word) ? null : `"${word}" is no range`;
  if (script === 'bench') {
    if (!free && !tree.has(`bench/${word}/main.mjs`)) return `there is no bench "${word}"`;
    const sources = [...tree.files].filter(
      (path) => path.startsWith(`bench/${word}/`) && path.endsWith('.mjs'),
    );
    return optionsFault(words, sources.map((path) => tree.read(path)).join('\n'));
  }
  const program = PROGRAMS[script];
  if (program === undefined) return null;
  const source = program.map((path) => tree.read(path)).join('\n');
  if (
    (script === 'events' || script === 'rebuild') &&
    !free &&
    !word.startsWith('-') &&
    !new RegExp(`^ {2}'?${word}'?: `, 'm').test(source)
  )
    return `${program.join(', ')} knows no "${word}"`;
  return optionsFault(words, source);
}

function optionsFault(words: readonly string[], source: string): string | null {
  const unknown = words.filter(
    (word) =>
      word.startsWith('--') && !new RegExp(`${word}\\b|\\b${word.slice(2)}: \\{ type`).test(source),
  );
  return unknown.length === 0 ? null : `there is no option ${unknown.join(', ')}`;
}

const hasTests = (tree: Tree, part: string): boolean =>
  [...tree.files].some((path) => path.includes(part) && path.endsWith('.spec.ts'));
