import { decimalOf } from '../../ui/money.js';
import { get } from '../app/api.js';
import type { Item } from '../app/routes.js';

export type Line = Item<'GET /campaigns/{id}/statement'>;

/** Every line of what a campaign has paid, however many there are. */
export async function everyLine(
  id: string,
  { signal, onRead }: { signal: AbortSignal; onRead: (lines: number) => void },
): Promise<Line[]> {
  const lines: Line[] = [];
  for (let cursor: string | undefined; ;) {
    const query = { limit: 200, cursor };
    const page = await get('GET /campaigns/{id}/statement', { id, query, signal });
    lines.push(...page.lines);
    onRead(lines.length);
    if (page.next === null) return lines;
    cursor = page.next;
  }
}

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

const amount = (minor: number | null | undefined, currency: string): number | string | undefined =>
  minor === null || minor === undefined
    ? undefined
    : minor < 0
      ? Number(`-${decimalOf(-minor, currency)}`)
      : decimalOf(minor, currency);

function cell(value: string | number): string {
  const text = String(value);
  // A spreadsheet would run it as a formula; reasons are what people have typed.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Gives the browser a file to save. */
export function save(name: string, text: string, type: string): void {
  // Excel takes a file without this mark for its own old encoding.
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
