/**
 * `npm run budgets` prints how many lines of product code each part has, beside the number that
 * budgets.json gives it, files that are too long, and the walk of one scrape. People judge.
 * `node dev/dist/walk.js` makes that walk: it says which files had a part and are not in the list.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { filesUnder } from './files-under.mjs';

const root = resolve(import.meta.dirname, '../..');
const { parts, walk } = JSON.parse(readFileSync(join(import.meta.dirname, 'budgets.json'), 'utf8'));
const SOURCE = /\.(ts|tsx|css|html)$/;
const TEST = /\.spec\.ts$/;
const LONGEST_FILE = 350;

const linesOf = (path) => readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length;
const sum = (paths) => paths.reduce((total, path) => total + linesOf(path), 0);
const figure = (n) => n.toLocaleString('en-US').padStart(7);

const rows = parts.map(({ name, folders, without = [], lines, why = 'Nobody has said why.' }) => {
  const files = folders
    .flatMap((folder) => [...filesUnder(root, folder, ['testing'])])
    .filter((path) => SOURCE.test(path) && !TEST.test(path))
    .filter((path) => !without.some((other) => path.startsWith(`${other}/`)));
  return { name, files: files.length, lines: sum(files), budget: lines, why };
});
console.log('Lines of product code, without tests and their helpers:\n');
console.log(`  ${'part'.padEnd(24)}  files    lines   budget`);
for (const { name, files, lines, budget, why } of rows)
  console.log(
    `  ${name.padEnd(24)}${String(files).padStart(7)}  ${figure(lines)}  ${figure(budget)}${lines > budget ? `  over: ${why}` : ''}`,
  );

const long = [...filesUnder(root)].filter(
  (path) => /\.(ts|tsx|mjs|css)$/.test(path) && linesOf(path) > LONGEST_FILE,
);
console.log(`\nFiles of more than ${LONGEST_FILE} lines: ${long.length === 0 ? 'none' : ''}`);
for (const path of long) console.log(`  ${figure(linesOf(path))}  ${path}`);

console.log(`\nThe walk of one scrape. ${walk.rule}\n`);
const gone = walk.files.filter((path) => !existsSync(join(root, path)));
const there = walk.files.filter((path) => !gone.includes(path));
for (const path of there) console.log(`  ${figure(linesOf(path))}  ${path}`);
const over = there.length > walk.most.files || sum(there) > walk.most.lines;
console.log(
  `\n  ${there.length} files (budget ${walk.most.files}), ${figure(sum(there)).trim()} lines (budget ${figure(walk.most.lines).trim()})${over ? `  over: ${walk.why}` : ''}`,
);
console.log('\n  Beside them these run, which do not count:');
for (const { why } of walk.besides) console.log(`  - ${why}`);
if (gone.length > 0) {
  console.log(
    `\nThese files of the walk do not exist any more; mend dev/lint/budgets.json: ${gone.join(', ')}`,
  );
  process.exitCode = 1;
}
