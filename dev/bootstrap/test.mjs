import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ENDS_WITH_US, interruption, run, say } from './child.mjs';
import { build, environment } from './prepare.mjs';

/** tsc reads again what has changed, and what rests on that. */
function remembering(name) {
  return ['--incremental', '--tsBuildInfoFile', `node_modules/.cache/${name}.tsbuildinfo`];
}

/** @type {[name: string, program: string, options: string[]][]} */
const CHECKS = [
  ['types of the tests', 'tsc', ['-p', 'tsconfig.spec.json', ...remembering('spec')]],
  ['types of the pages', 'tsc', ['-p', 'web/tsconfig.json', ...remembering('web')]],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['format', 'prettier', ['--check', '.', '--log-level', 'warn']],
  ['exports', 'knip', ['--no-progress', '--no-config-hints']],
  ['comments', 'node', ['dev/lint/comments.mjs', '--quiet']],
  [
    'imports',
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', 'libs', 'services', 'tools', 'web', 'dev', 'examples'],
  ],
];

/** Tests that need no server, and half a minute of processor time or more each. */
const SLOW = [
  '/faults\\.spec\\.ts$',
  '/simulat(ion|or)\\.spec\\.ts$',
  '\\.property\\.spec\\.ts$',
  // Each rule of Prometheus is broken in turn.
  '/operations/rules\\.spec\\.ts$',
  '/recipes/alert\\.spec\\.ts$',
];

/** What needs a server, a browser or minutes: the whole of npm test runs it. */
const NOT_QUICK = ['node_modules', '/dist/', '\\.(int|e2e|docker)\\.spec\\.ts$', ...SLOW];
const QUICK_CHECKS = new Set(['types of the tests', 'comments']);

/**
 * Build, checks and tests, or with arguments build and tests. `--quick` is for the loop of work:
 * types, and the tests that need no server. Stops at the first that fails and says which ones that
 * left out.
 * @returns the exit status
 */
export async function test(root, words) {
  const quick = words.includes('--quick');
  const args = words.filter((word) => word !== '--quick');
  const checks = quick ? CHECKS.filter(([name]) => QUICK_CHECKS.has(name)) : CHECKS;
  const program = ([name, file, options]) => ({
    name,
    start: () =>
      run(join(root, 'node_modules/.bin', file), options, {
        quiet: true,
        cwd: root,
        env: environment(root),
      }),
  });
  const steps = [
    { name: 'build', start: () => build(root) },
    ...(args.length > 0 ? [] : checks.map(program)),
  ];
  for (const [at, { name, start }] of steps.entries()) {
    process.stderr.write(`${name} ... `);
    const began = performance.now();
    const { status, output } = await start();
    say(`${status === 0 ? '' : 'failed after '}${seconds(began)}`);
    if (status === 0) continue;
    if (!interruption()) say(output.trimEnd());
    say(
      `\nNot run: ${[...steps.slice(at + 1), { name: 'tests' }].map((left) => left.name).join(', ')}`,
    );
    return interruption() || 1;
  }
  if (!quick) return jest(root, args);
  const status = await jest(root, [...args, '--testPathIgnorePatterns', ...NOT_QUICK]);
  say('Quick: no lint, and no test that needs a server or minutes. npm test runs everything.');
  return status;
}

async function jest(root, args) {
  say('tests ...');
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-results-'));
  const file = join(folder, 'results.json');
  try {
    const node = [
      ...ENDS_WITH_US,
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
    ];
    const { status } = await run('node', [...node, '--json', `--outputFile=${file}`, ...args], {
      cwd: root,
      env: environment(root),
    });
    say(`tests ${status === 0 ? 'took' : 'failed after'} ${seconds(began)}\n`);
    report(root, file);
    return status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const seconds = (began) => `${((performance.now() - began) / 1000).toFixed(1)} s`;

/**
 * The runner's own totals; a file that could not even be loaded counts as one failure, or it would
 * not show in them.
 */
function report(root, file) {
  let results;
  try {
    results = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    say('The test runner ended without results.');
    return;
  }
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  for (const { name, assertionResults } of results.testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status === 'pending' || status === 'todo')
        process.stdout.write(
          `skipped: ${fullName} (${relative(root, name)}): ${reasonIn(fullName)}\n`,
        );
    }
  }
}

/**
 * A skipped test carries its reason in its name or its group's, in square brackets:
 * `... [needs ../shared/data]`.
 */
const reasonIn = (fullName) => /\[([^\]]+)\]/.exec(fullName)?.[1] ?? 'its name gives no reason';
