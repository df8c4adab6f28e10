/** `npm run lint:commits -- base..HEAD`: their messages, by the rules of CONTRIBUTING.md. */
import { spawnSync } from 'node:child_process';

const WIDEST = 72;
const TYPES = [
  'feat',
  'fix',
  'perf',
  'refactor',
  'test',
  'docs',
  'build',
  'ci',
  'style',
  'chore',
  'revert',
];
const SUBJECT = new RegExp(`^(?:${TYPES.join('|')})(?:\\([a-z0-9-]+\\))?!?: \\S`);

/** @returns {string[]} what is wrong with a message */
function faultsOf(message) {
  const [subject, second, ...body] = message.trimEnd().split('\n');
  return [
    subject.length > WIDEST && `the subject has ${subject.length} characters, ${WIDEST} at most`,
    !SUBJECT.test(subject) &&
      `the subject must begin as "fix: ..." or "fix(scraper): ...", with one of ${TYPES.join(', ')}`,
    subject.endsWith('.') && 'the subject is no sentence: leave out its full stop',
    body.join('').trim() === '' && 'there is no body that says why',
    second !== undefined && second !== '' && 'an empty line must follow the subject',
  ].filter(Boolean);
}

const [range] = process.argv.slice(2);
if (!range) {
  process.stderr.write('npm run lint:commits -- <range>, for example main..HEAD\n');
  process.exit(64);
}
const { status, stdout, stderr } = spawnSync(
  'git',
  ['log', '--no-merges', '--reverse', '--format=%h%x01%B%x00', range, '--'],
  {
    encoding: 'utf8',
  },
);
if (status !== 0) {
  process.stderr.write(stderr);
  process.exit(status ?? 1);
}
const commits = stdout.split('\0').map((text) => text.trimStart()).filter(Boolean); // prettier-ignore
let faulty = 0;
for (const commit of commits) {
  const [id, message] = commit.split('\u0001');
  const faults = faultsOf(message);
  if (faults.length > 0) faulty++;
  for (const fault of faults)
    process.stdout.write(`${id} ${JSON.stringify(message.split('\n')[0])}: ${fault}\n`);
}
process.stdout.write(`${commits.length} commits, ${faulty} with faults.\n`);
process.exitCode = faulty === 0 ? 0 : 1;
