import { parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { wrongUse } from '../failure.js';

/**
 * A row by the names of its columns; empty cells are left out. `line` is where it begins in the
 * file.
 */
export interface Row {
  line: number;
  values: Readonly<Record<string, string>>;
}

export interface RefusedRow extends Row {
  reason: string;
}

export interface Sheet {
  columns: string[];
  rows: Row[];
  /** Rows that are no CSV. */
  broken: RefusedRow[];
}

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * Reads a CSV file as spreadsheets of any country write it: comma, semicolon or tab, with or
 * without a byte order mark.
 */
export async function readCsv(file: string): Promise<Sheet> {
  const sheet: Sheet = { columns: [], rows: [], broken: [] };
  const delimiter = await delimiterOf(file);
  const parser = createReadStream(file).pipe(
    parse({
      bom: true,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      relax_column_count_less: true,
      info: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        sheet.broken.push({
          line: Number(error?.['lines'] ?? 0),
          values: {},
          reason: `is no row of this file: ${error?.message ?? 'it cannot be read'}`,
        });
        return undefined;
      },
      columns: (names: string[]) => (sheet.columns = names),
    }),
  );
  for await (const { record, info } of parser as AsyncIterable<{
    record: Record<string, string>;
    info: { lines: number };
  }>) {
    const values = Object.fromEntries(
      Object.entries(record).filter(([, value]) => value !== undefined && value !== ''),
    );
    if (Object.keys(values).length > 0) sheet.rows.push({ line: info.lines, values });
  }
  return sheet;
}

/** The one that the first line has most of. */
async function delimiterOf(file: string): Promise<string> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw wrongUse(
      error.code === 'ENOENT'
        ? `There is no file ${file}.`
        : `${file} cannot be read (${error.code}).`,
    );
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64_000), 0, 64_000, 0);
    const [first = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1);
    return DELIMITERS.map((delimiter) => ({
      delimiter,
      parts: first.split(delimiter).length,
    })).reduce((a, b) => (b.parts > a.parts ? b : a)).delimiter;
  } finally {
    await handle.close();
  }
}

/** The refused rows as a file that can be mended and imported again. */
export function refusedCsv(columns: readonly string[], rows: readonly RefusedRow[]): string {
  const own = columns.filter((column) => column !== 'line' && column !== 'reason');
  const cell = (text: string) =>
    /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = rows.map(({ line, reason, values }) => [
    String(line),
    reason,
    ...own.map((column) => values[column] ?? ''),
  ]);
  return [['line', 'reason', ...own], ...lines]
    .map((cells) => `${cells.map(cell).join(',')}\n`)
    .join('');
}
