/** Runs a bench by the name of its folder: `npm run bench -- scheduling --quick`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(`${here}${entry.name}/main.mjs`)).map(({ name }) => name); // prettier-ignore
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(`npm run bench -- <name>: one of ${names.join(', ')}.\n`);
  process.exit(64);
}
process.exit(spawnSync(process.execPath, [`${here}${name}/main.mjs`, ...args], { stdio: 'inherit' }).status ?? 1);
