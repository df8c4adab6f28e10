/**
 * `npm run budgets` prints how many lines of product code each part has, beside the number that
 * budgets.json gives it, and the files that decide or append as one normal, billed scrape goes by.
 * Adapters (buckets, limits, rows of tables) and helpers are not listed. People judge.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { filesUnder } from './files-under.mjs';

const root = resolve(import.meta.dirname, '../..');
const { parts, walk } = JSON.parse(readFileSync(join(import.meta.dirname, 'budgets.json'), 'utf8'));
const SOURCE = /\.(ts|tsx|css|html)$/;
const TEST = /\.spec\.ts$/;

const linesOf = (path) => readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length;
const sum = (paths) => paths.reduce((total, path) => total + linesOf(path), 0);
const figure = (n) => n.toLocaleString('en-US').padStart(7);

const rows = parts.map(({ name, folders, without = [], lines }) => {
  const files = folders
    .flatMap((folder) => [...filesUnder(root, folder, ['testing'])])
    .filter((path) => SOURCE.test(path) && !TEST.test(path))
    .filter((path) => !without.some((other) => path.startsWith(`${other}/`)));
  return { name, files: files.length, lines: sum(files), budget: lines };
});
console.log('Lines of product code, without tests and their helpers:\n');
console.log(`  ${'part'.padEnd(24)}  files    lines   budget`);
for (const { name, files, lines, budget } of rows)
  console.log(
    `  ${name.padEnd(24)}${String(files).padStart(7)}  ${figure(lines)}  ${figure(budget)}${lines > budget ? '  over' : ''}`,
  );

console.log('\nOne scrape, from the plan to the statement:\n');
const gone = walk.files.filter((path) => !existsSync(join(root, path)));
const there = walk.files.filter((path) => !gone.includes(path));
for (const path of there) console.log(`  ${figure(linesOf(path))}  ${path}`);
console.log(
  `\n  ${there.length} files (at most ${walk.most.files}), ${figure(sum(there)).trim()} lines (at most ${figure(walk.most.lines).trim()})`,
);
if (gone.length > 0) {
  console.log(
    `\nThese files of the walk do not exist any more; mend dev/lint/budgets.json: ${gone.join(', ')}`,
  );
  process.exitCode = 1;
}
