import { REPORT_COLUMNS, writeCsv } from '@cliptally/spreadsheets';

export interface RefusedRow {
  line: number;
  reason: string;
  values: Readonly<Record<string, string>>;
  /** Of a row that could not be read: its text, to the letter. */
  raw?: string;
}

/** The refused rows as a file that can be mended and imported again. */
export function refusedCsv(columns: readonly string[], rows: readonly RefusedRow[]): string {
  const raw = rows.some((row) => row.raw !== undefined);
  const own = columns.filter((column) => !REPORT_COLUMNS.includes(column));
  return writeCsv([
    ['line', 'reason', ...(raw ? ['raw'] : []), ...own],
    ...rows.map((row) => [
      String(row.line),
      row.reason,
      ...(raw ? [row.raw ?? ''] : []),
      ...own.map((column) => row.values[column] ?? ''),
    ]),
  ]);
}
