import { formatMoney, printableInLine } from '@cliptally/contracts';

/**
 * Where a command writes: what was asked for goes out, everything else (progress, remarks) beside
 * it.
 */
export interface Output {
  out: (text: string) => void;
  note: (text: string) => void;
  /** For programs: JSON instead of tables. */
  json: boolean;
  /** Whether a person watches `note`, so that a line may be written over. */
  live: boolean;
}

export type Cell = string | number | boolean | null | undefined;
export type Column<T> = readonly [title: string, cell: (row: T) => Cell];

const text = (cell: Cell): string =>
  cell === null || cell === undefined || cell === '' ? '-' : printableInLine(String(cell));

/** Columns side by side; those whose cells are all amounts or numbers stand to the right. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = rows.map((row) => columns.map(([, cell]) => text(cell(row))));
  const widths = columns.map(([title], i) =>
    Math.max(title.length, ...cells.map((line) => line[i]!.length)),
  );
  const right = columns.map((_, i) =>
    cells.every((line) => /^(-|-?[\d,.]+( [A-Z]{3})?)$/.test(line[i]!)),
  );
  const line = (parts: readonly string[]) =>
    parts
      .map((part, i) => (right[i] ? part.padStart(widths[i]!) : part.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(columns.map(([title]) => title)), ...cells.map(line)].join('\n');
}

/** One thing, a line for each of its properties. */
export function card(properties: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(...properties.map(([name]) => name.length));
  return properties.map(([name, value]) => `${name.padEnd(width)}  ${text(value)}`).join('\n');
}

export const money = (amount: number | null | undefined, currency: string): string =>
  amount === null || amount === undefined ? '-' : formatMoney(amount, currency);
export const count = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
export const minute = (instant: string | null | undefined): string =>
  instant ? `${instant.slice(0, 16)}Z` : '-';

/** Prints a list: an array for programs, a table for people, and a remark where there is more. */
export function printList<T>(
  output: Output,
  { items, more }: { items: T[]; more: boolean },
  columns: readonly Column<T>[],
  empty: string,
): void {
  if (output.json) output.out(JSON.stringify(items, null, 2));
  else output.out(items.length === 0 ? empty : table(items, columns));
  if (more) output.note(`There are more than ${items.length}; --limit shows more.`);
}

/** Prints one thing; an answer that only gives a location is said as such. */
export function printOne<T extends object>(
  output: Output,
  thing: T,
  show: (thing: T) => string,
): void {
  if (output.json) output.out(JSON.stringify(thing, null, 2));
  else if ('location' in thing && !('status' in thing))
    output.out(`Kept, and not yet visible: read ${String(thing.location)} in a moment.`);
  else output.out(show(thing));
}
