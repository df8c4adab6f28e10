/**
 * Runs a bench by the name of its folder: `npm run bench -- scheduling --quick`. What only a bench
 * needs is installed in its folder when it first runs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FOR_REBUILDS } from '../dev/bootstrap/flags.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(`${here}${entry.name}/main.mjs`)).map(({ name }) => name); // prettier-ignore
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(`npm run bench -- <name>: one of ${names.join(', ')}.\n`);
  process.exit(64);
}
const run = (file, args) => {
  const { status } = spawnSync(file, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
const madeAt = (file) =>
  statSync(`${here}${name}/${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (madeAt('package-lock.json') > madeAt('node_modules/.package-lock.json'))
  run('npm', ['ci', '--no-audit', '--no-fund', '--prefix', `${here}${name}`]);
const flags = name === 'log' ? FOR_REBUILDS : [];
run(process.execPath, [...flags, `${here}${name}/main.mjs`, ...args]);
