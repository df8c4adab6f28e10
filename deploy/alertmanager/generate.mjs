/**
 * Makes the inhibitions of alertmanager.yml from incidents.yml:
 *   node deploy/alertmanager/generate.mjs            writes them
 *   node deploy/alertmanager/generate.mjs --check    fails if they are not what it would write
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const target = new URL('alertmanager.yml', import.meta.url);
const [BEGIN, END] = ['  # Made from incidents.yml by generate.mjs:', '  # End of what is made.'];

const { incidents } = parse(read('incidents.yml'));

/** An alert that is implied brings what it implies itself, unless only some of its kind do. */
function followingFrom({ implies, told_by: own }) {
  const found = new Set();
  const open = [...implies];
  for (let name = open.pop(); name; name = open.pop()) {
    if (found.has(name) || name === own) continue;
    found.add(name);
    const further = incidents.filter(({ told_by, same }) => told_by === name && !same);
    open.push(...further.flatMap(({ implies }) => implies));
  }
  return [...found].toSorted((a, b) => a.localeCompare(b));
}

const rules = incidents.flatMap((incident) => {
  const { incident: name, told_by, where = {}, same } = incident;
  const source = [
    `alertname="${told_by}"`,
    ...Object.entries(where).map(([label, value]) => `${label}="${value}"`),
  ];
  return [
    `  # ${name[0].toUpperCase()}${name.slice(1)}.`,
    '  - source_matchers:',
    ...source.map((matcher) => `      - ${matcher}`),
    '    target_matchers:',
    `      - alertname=~"${followingFrom(incident).join('|')}"`,
    ...(same ? [`    equal: [${same.join(', ')}]`] : []),
  ];
});
const before = read('alertmanager.yml');
const [head, rest] = before.split(`${BEGIN}\n`);
const tail = rest.slice(rest.indexOf(END));
const text = `${head}${BEGIN}\n${rules.join('\n')}\n${tail}`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (before !== text) {
  process.stderr.write(
    'alertmanager.yml is not what incidents.yml makes: run node deploy/alertmanager/generate.mjs\n',
  );
  process.exitCode = 1;
}
