import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FAMILIES } from './fault.js';
import { FAULTS } from './faults/index.js';
import { isSound, type Outcome } from './run.js';

const FILE = fileURLToPath(new URL('../../../../docs/reliability.md', import.meta.url));
const [FROM, TO] = ['<!-- chaos: results -->', '<!-- chaos: end -->'];
const HEAD = [
  'fault',
  'times',
  'lost',
  'doubled',
  'differs',
  'recovered in',
  'most memory',
  'seed',
];

const seconds = (ms: number | null): string =>
  ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`;
const megabytes = ({ memory }: Outcome): string =>
  memory ? `${Math.round(memory.bytes / 1e6)} MB (${memory.service})` : '-';

/** For a person who watches. */
export function lineOf(outcome: Outcome): string {
  const { fault, struck, skipped, recoveredMs, calm, judgement, problem } = outcome;
  const name = fault.name.padEnd(34);
  if (skipped) return `skipped  ${name} ${struck}`;
  if (problem !== null) return `broken   ${name} ${problem}`;
  const wrong = judgement?.checks.filter(({ lost, twice, differs }) => lost + twice + differs > 0);
  const numbers = judgement
    ? `${judgement.lost} lost, ${judgement.doubled} doubled, ${judgement.differs} differ; ${judgement.events} events`
    : 'not judged';
  return [
    `${isSound(outcome) ? 'sound  ' : 'broken '}  ${name} ${struck}; ${numbers}; recovered in ${seconds(recoveredMs)}; ${megabytes(outcome)}; took ${seconds(outcome.tookMs)}${calm ? '' : '; work does not end'}`,
    ...(wrong ?? []).flatMap(({ invariants, what, examples }) => [
      `           invariant ${invariants.join(', ')}: ${what}`,
      ...examples.map((example) => `             ${example}`),
    ]),
  ].join('\n');
}

/** For programs. */
export function objectOf({ fault, judgement, ...outcome }: Outcome): object {
  const { name, family } = fault;
  return { fault: name, family, ...outcome, ...judgement };
}

/** What was run before and not now stays as it was. */
export async function writeReport(outcomes: readonly Outcome[], seed: number): Promise<void> {
  const text = await readFile(FILE, 'utf8');
  await writeFile(FILE, withResults(text, outcomes, seed));
}

export function withResults(text: string, outcomes: readonly Outcome[], seed: number): string {
  const [before, rest = ''] = text.split(FROM);
  const [old, after] = rest.split(TO);
  if (after === undefined)
    throw new Error(`There are no lines "${FROM}" and "${TO}" to write between.`);
  const rows = new Map<string, string[]>();
  for (const line of old!.split('\n')) {
    const name = /^\| `([^`]+)`/.exec(line)?.[1];
    if (name) rows.set(name, line.split('|').slice(1, -1).map((cell) => cell.trim())); // prettier-ignore
  }
  const byFault = Map.groupBy(outcomes, ({ fault }) => fault.name);
  for (const [name, all] of byFault) rows.set(name, rowOf(name, all, seed));
  const tables = Object.entries(FAMILIES).flatMap(([family, title]) => {
    const own = FAULTS.filter((fault) => fault.family === family);
    const written = own.flatMap(({ name }) => (rows.has(name) ? [rows.get(name)!] : []));
    return written.length === 0 ? [] : [`### ${title}`, '', ...tableOf([HEAD, ...written]), ''];
  });
  return `${before}${FROM}\n\n${tables.join('\n')}\n${TO}${after}`;
}

function tableOf([head, ...rows]: string[][]): string[] {
  const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [lineOf(head!), `|${'---|'.repeat(head!.length)}`, ...rows.map(lineOf)];
}

function rowOf(name: string, all: readonly Outcome[], seed: number): string[] {
  const first = `\`${name}\`: ${all[0]!.fault.what}`;
  const run = all.filter(({ skipped }) => !skipped);
  if (run.length === 0) return [first, '0', '-', '-', '-', all[0]!.struck, '-', String(seed)];
  const sum = (of: 'lost' | 'doubled' | 'differs') =>
    run.reduce((total, { judgement }) => total + (judgement?.[of] ?? NaN), 0);
  const by = (of: (one: Outcome) => number) => run.toSorted((a, b) => of(b) - of(a))[0]!;
  const slowest = by(({ recoveredMs }) => recoveredMs ?? Infinity);
  const largest = by(({ memory }) => memory?.bytes ?? 0);
  const sums = [run.length, sum('lost'), sum('doubled'), sum('differs')].map(String);
  return [first, ...sums, seconds(slowest.recoveredMs), megabytes(largest), String(seed)];
}
