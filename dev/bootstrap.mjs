/**
 * What every npm command of this repository runs first, on a machine with Node.js 20, npm 11 and
 * nothing else: it installs the dependencies and builds the sources if that is needed, then runs
 * the command on the Node.js 24 that comes with the dependencies.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ENDS_WITH_US, interruption, run, say, Stop } from './bootstrap/child.mjs';
import { FOR_REBUILDS } from './bootstrap/flags.mjs';
import { build, environment, install } from './bootstrap/prepare.mjs';
import { test } from './bootstrap/test.mjs';

const root = resolve(import.meta.dirname, '..');

/**
 * source: what exists in a fresh checkout; program: what runs once it is built, after flags of
 * Node.js and before words of its own.
 */
const PROGRAMS = {
  start: { source: 'dev/src/main.ts', program: 'dev/dist/main.js' },
  cliptally: { source: 'tools/cli/src/main.ts', program: 'tools/cli/dist/main.js' },
  events: { source: 'tools/ops/src/events.ts', program: 'dev/dist/ops.js', words: ['events'] },
  rebuild: {
    source: 'tools/ops/src/rebuild.ts',
    program: 'dev/dist/ops.js',
    words: ['rebuild'],
    flags: FOR_REBUILDS,
  },
  bench: { source: 'bench/main.mjs', program: 'bench/main.mjs' },
  attack: { source: 'dev/src/attacks/main.ts', program: 'dev/dist/attacks/main.js' },
  chaos: { source: 'dev/src/chaos/main.ts', program: 'dev/dist/chaos/main.js' },
  simulate: { source: 'dev/src/simulation/main.ts', program: 'dev/dist/simulation/main.js' },
};

const HABITS = [
  ['Run', [
    ['start', 'npm start', 'everything on this machine, with a sample world; Ctrl-C stops it'],
    ['start', 'npm start -- --once', 'one cycle (submit, schedule, scrape, settle), then exit; --json for scripts'],
    ['start', 'npm start -- --help', 'its other options'],
  ]],
  ['Use', [
    ['cliptally', 'npm run cliptally -- <command>', 'campaigns, clips, statements, payouts from the command line'],
    ['events', 'npm run events', 'read the log'],
    ['rebuild', 'npm run rebuild -- <projection>', 'a projection made anew from the log, beside the live one'],
  ]],
  ['Change', [
    [null, 'npm test', 'every check and every test, with real PostgreSQL and NATS'],
    [null, 'npm test -- --quick', 'types, and the tests that need no server: for the loop of work'],
    [null, 'npm test -- <part of a path>', 'only the tests that match'],
    [null, 'npm run build', 'compile what changed'],
    [null, 'npm run lint', 'lint and formatting; npm run format mends the latter'],
    [null, 'npm run imports', 'who may import whom'],
    ['simulate', 'npm run simulate -- --seeds N', 'crashes, lost answers and races on money, seed by seed'],
    ['chaos', 'npm run chaos', 'processes, networks and disks broken under load: lost, doubled, time to recover'],
    ['attack', 'npm run attack', 'what SECURITY.md promises, tried from outside: held, open or broken'],
    ['bench', 'npm run bench -- <name>', 'the figures of performance, measured here: log, pipeline or scheduling'],
  ]],
]; // prettier-ignore

function help() {
  const here = HABITS.map(([title, lines]) => [
    title,
    lines.filter(([name]) => !name || existsSync(join(root, PROGRAMS[name].source))),
  ]);
  const groups = here.filter(([, lines]) => lines.length > 0).map(([title, lines]) => [`  ${title}`, ...lines.map(([, use, what]) => `    ${use.padEnd(34)}${what}`)].join('\n')); // prettier-ignore
  process.stdout.write(
    `\nCliptally: views of clips, turned into exact earnings\n\n${groups.join('\n\n')}\n\n`,
  );
  return 0;
}

async function runProgram(name, args) {
  const { source, program, flags = [], words = [] } = PROGRAMS[name];
  if (!existsSync(join(root, source)))
    throw new Stop(`npm run ${name} is not part of this checkout: ${source} does not exist.`);
  await install(root);
  await buildOrStop();
  if (!existsSync(join(root, program)))
    throw new Stop(
      `The build did not make ${program}; delete ${program.split('dist')[0]}dist and run it again.`,
    );
  const { status } = await run(
    'node',
    [...flags, ...ENDS_WITH_US, '--enable-source-maps', join(root, program), ...words, ...args],
    {
      cwd: root,
      env: environment(root),
    },
  );
  return status;
}

async function buildOrStop() {
  const { status, output } = await build(root);
  if (interruption()) throw new Stop('The build was interrupted.', interruption());
  if (status === 0) return;
  const lines = output.trimEnd().split('\n');
  say(lines.slice(0, 40).join('\n'));
  if (lines.length > 40) say(`... and ${lines.length - 40} more lines`);
  throw new Stop('The sources do not compile: the lines above say where.');
}

async function main([command = 'help', ...args]) {
  if (command === 'help') return help();
  if (command === 'test') {
    await install(root);
    return test(root, args);
  }
  if (Object.hasOwn(PROGRAMS, command)) return runProgram(command, args);
  throw new Stop(`There is no command "${command}"; npm run help lists them.`);
}

/** As libs/telemetry/src/explain.ts says it, which may not be built yet. */
function defect(error) {
  const sentence = `npm could not start the command (${error?.message ?? error}): run it again with CLIPTALLY_STACK=1, which shows where, and report that.`;
  return process.env.CLIPTALLY_STACK && error?.stack ? `${sentence}\n${error.stack}` : sentence;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Stop ? error.message : defect(error));
  process.exitCode = error instanceof Stop ? error.status : 1;
}
