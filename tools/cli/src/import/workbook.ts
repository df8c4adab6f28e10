import { FileFault, type FileRow } from '@cliptally/spreadsheets';
import { unzipSync, strFromU8 } from 'fflate';
import readWorkbook from 'read-excel-file/node';

/** Of a number, a spreadsheet keeps 15 digits; the rest is noise of its binary form. */
const EXACT = 15;

/**
 * The rows of the one sheet of a workbook (.xlsx) that has any, or of the one that is named.
 * Numbers and days become the text that a careful person would have typed. Throws a
 * {@link FileFault}.
 */
export async function workbookRows(file: Buffer, named?: string): Promise<FileRow[]> {
  const sheets = await readWorkbook(file, { trim: false, parseNumber: numberText }).catch(
    (error: unknown) => {
      throw new FileFault(`is a workbook that cannot be read (${(error as Error).message})`);
    },
  );
  requireNoErrors(file);
  const wanted = sheets.filter(({ sheet, data }) =>
    named === undefined ? data.some((row) => row.some((cell) => cell !== null)) : sheet === named,
  );
  const names = (some: typeof sheets) => some.map(({ sheet }) => `"${sheet}"`).join(', ');
  if (wanted.length > 1)
    throw new FileFault(`has rows in the sheets ${names(wanted)}: name one of them with --sheet`);
  if (named !== undefined && wanted.length === 0)
    throw new FileFault(`has no sheet "${named}", but ${names(sheets)}`);
  const rows = wanted[0]?.data ?? [];
  return rows.map((cells, i) => {
    const texts = cells.map((cell) => textOf(cell));
    return { line: i + 1, cells: texts, raw: texts.join('\t') };
  });
}

/** The types of the library say `typeof Date` if it gives a Date. */
function textOf(cell: unknown): string {
  if (cell instanceof Date) return dayOf(cell);
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return typeof cell === 'string' ? cell : '';
}

/** A day is a number of days, so that a time of day has lost its last digits. */
function dayOf(date: Date): string {
  const [day, time] = new Date(Math.round(date.getTime() / 1000) * 1000).toISOString().split('T');
  return time === '00:00:00.000Z' ? day! : `${day} ${time!.slice(0, 8)}`;
}

/**
 * A cell in error and a formula that nobody has calculated read as empty cells: what is left out
 * has another meaning.
 */
function requireNoErrors(file: Buffer): void {
  const parts = unzipSync(file, {
    filter: ({ name }) => /^xl\/worksheets\/[^/]+\.xml$/.test(name),
  });
  for (const part of Object.values(parts))
    for (const [, attributes, content = ''] of strFromU8(part).matchAll(CELL)) {
      const place = /\br="([A-Z]+\d+)"/.exec(attributes!)?.[1] ?? '';
      const value = /<v>([^<]*)<\/v>/.exec(content)?.[1];
      if (/\bt="e"/.test(attributes!))
        throw new FileFault(`has ${value ?? 'an error'} in the cell ${place}: mend its formula`);
      if (/<f[\s>/]/.test(content) && value === undefined)
        throw new FileFault(
          `has a formula without a result in the cell ${place}: open and save it`,
        );
    }
}

const CELL = /<c\b([^>]*?)(?:\/>|>([\s\S]*?)<\/c>)/g;

/** A number as its cell shows it: what has more digits than a spreadsheet keeps is not exact. */
function numberText(text: string): string {
  const value = Number(text);
  if (Math.abs(value) >= 10 ** EXACT) return value.toExponential().replace('e', 'E');
  return String(Number(value.toPrecision(EXACT)));
}
