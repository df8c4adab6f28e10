import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const git = (...args) => execFileSync('git', ['-C', ROOT, ...args], { maxBuffer: 1e9 });

/**
 * Builds the scheduler of an earlier commit in a folder of its own, with today's packages and its
 * own libraries. Its simulator lives in the same worlds as ours: only their form has to be the
 * same.
 */
export function checkOut(commit) {
  const sha = git('rev-parse', '--short', `${commit}^{commit}`).toString().trim();
  const folder = join(ROOT, '.cliptally', 'bench', sha);
  const own = join(folder, 'node_modules');
  if (!existsSync(own)) {
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-x', '-C', folder], { input: git('archive', sha) });
    for (const room of ['libs', 'services'])
      for (const name of readdirSync(join(folder, room))) {
        const part = join(folder, room, name);
        if (!existsSync(join(part, 'package.json'))) continue;
        const link = join(own, JSON.parse(readFileSync(join(part, 'package.json'), 'utf8')).name);
        mkdirSync(join(link, '..'), { recursive: true });
        symlinkSync(part, link);
      }
  }
  // The domain needs contracts alone; other parts may need packages that are gone.
  const project = join(folder, 'services', 'scheduler', 'tsconfig.domain.json');
  const compilerOptions = { rootDir: 'src', outDir: 'dist', composite: false, incremental: false };
  const only = { include: ['src/domain'], exclude: ['**/*.spec.ts'], references: [] };
  writeFileSync(project, JSON.stringify({ extends: './tsconfig.json', compilerOptions, ...only }));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const args of [
    ['-b', join(folder, 'libs', 'contracts')],
    ['-p', project],
  ])
    execFileSync(process.execPath, [tsc, ...args], { cwd: folder, stdio: ['ignore', 2, 2] });
  return { name: `default of ${sha}`, folder };
}

/** What its default policy does in a world, as its own simulator sees it. */
export async function earlier({ name, folder }, world, share) {
  const of = (path) => import(new URL(path, `file://${folder}/`));
  const { simulate } = await of('bench/scheduling/simulate.mjs');
  const { DEFAULT_POLICY, POLICIES } = await of('services/scheduler/dist/domain/index.js');
  return { name, ...simulate(world, { policy: POLICIES[DEFAULT_POLICY], share, every: 1 }) };
}
