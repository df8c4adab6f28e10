import { decimalOf } from '../../ui/money.js';
import type { Item } from '../app/routes.js';

export type Line = Item<'GET /campaigns/{id}/statement'>;

const COLUMNS: readonly (readonly [
  name: string,
  of: (line: Line) => string | number | undefined,
])[] = [
  ['at', ({ at }) => at],
  ['kind', ({ kind }) => kind],
  ['clip', ({ clipId }) => clipId],
  ['creator', ({ creatorId }) => creatorId],
  ['from_views', ({ fromViews }) => fromViews],
  ['to_views', ({ toViews }) => toViews],
  ['rate_per_thousand', ({ rate, currency }) => amount(rate, currency)],
  ['due', ({ due, currency }) => amount(due, currency)],
  ['amount', ({ amount: minor, currency }) => amount(minor, currency)],
  ['sum', ({ sum, currency }) => amount(sum, currency)],
  ['currency', ({ currency }) => currency],
  ['reason', ({ reason }) => reason],
  ['by', ({ by }) => by],
  ['observation', ({ observation }) => observation],
  ['event', ({ eventId }) => eventId],
];

/** Lines as a table that spreadsheets open (RFC 4180), amounts as decimals. */
export function csvOf(lines: readonly Line[]): string {
  const rows = lines.map((line) => COLUMNS.map(([, of]) => cell(of(line) ?? '')));
  return [COLUMNS.map(([name]) => name), ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function amount(minor: number | null | undefined, currency: string): string | undefined {
  if (minor === null || minor === undefined) return undefined;
  return `${minor < 0 ? '-' : ''}${decimalOf(Math.abs(minor), currency)}`;
}

function cell(value: string | number): string {
  const text = String(value);
  // A spreadsheet would run it as a formula; reasons are what people have typed.
  const runs = /^[=+\-@\t\r]/.test(text) && !/^-\d+(\.\d+)?$/.test(text);
  const safe = runs ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
