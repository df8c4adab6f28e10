import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const git = (...args) => execFileSync('git', ['-C', ROOT, ...args], { maxBuffer: 1e9 });

/**
 * Builds the scheduler of an earlier commit in a folder of its own, with the packages of today's
 * and its own libraries. Its simulator lives in the same worlds as ours: only their form has to be
 * the same.
 */
export function checkOut(commit) {
  const sha = git('rev-parse', '--short', `${commit}^{commit}`).toString().trim();
  const folder = mkdtempSync(join(tmpdir(), `cliptally-${sha}-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  execFileSync('tar', ['-x', '-C', folder], { input: git('archive', sha) });
  const packages = join(folder, 'node_modules');
  mkdirSync(join(packages, '@cliptally'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (name !== '@cliptally' && !name.startsWith('.'))
      symlinkSync(join(ROOT, 'node_modules', name), join(packages, name));
  for (const room of ['libs', 'services'])
    for (const name of readdirSync(join(folder, room))) {
      const own = join(folder, room, name);
      if (existsSync(join(own, 'package.json')))
        symlinkSync(own, join(packages, JSON.parse(readFileSync(join(own, 'package.json'))).name));
    }
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-b', 'services/scheduler'], { cwd: folder, stdio: ['ignore', 2, 2] }); // prettier-ignore
  return { name: `default of ${sha}`, folder };
}

/** What its default policy does in a world, as its own simulator sees it. */
export async function earlier({ name, folder }, world, share) {
  const of = (path) => import(new URL(path, `file://${folder}/`));
  const { simulate } = await of('bench/scheduling/simulate.mjs');
  const { DEFAULT_POLICY, POLICIES } = await of('services/scheduler/dist/domain/index.js');
  return { name, ...simulate(world, { policy: POLICIES[DEFAULT_POLICY], share, every: 1 }) };
}
