import {
  decode,
  FileFault,
  isWorkbook,
  readSheet,
  sheetOf,
  writeCsv,
  type Columns,
  type Encoding,
  type Sheet,
} from '@cliptally/spreadsheets';
import { readFileSync } from 'node:fs';
import { wrongUse } from '../failure.js';
import { workbookRows } from './workbook.js';

/** How a person says to read a file, if the file does not say it itself. */
export interface ReadingOptions {
  encoding?: Encoding;
  sheet?: string;
  /** Reads all of the process's input, for a file that is called "-". */
  input?: () => Buffer;
}

/** A file of one of the kinds: CSV or a workbook, whatever its name says. */
export async function readFile<C extends Columns>(
  file: string,
  kinds: readonly C[],
  { encoding, sheet, input }: ReadingOptions,
): Promise<Sheet<C>> {
  const piped = file === '-' && input !== undefined;
  const bytes = piped ? input() : bytesOf(file);
  return named(piped ? 'The input' : file, async () => {
    if (isWorkbook(bytes)) return sheetOf(await workbookRows(bytes, sheet), kinds);
    return readSheet(decode(bytes, encoding), kinds);
  });
}

/** The file as CSV that the API reads; a line of it is a row of the workbook. */
export async function csvOf(file: string, { encoding, sheet }: ReadingOptions): Promise<string> {
  const bytes = bytesOf(file);
  return named(file, async () =>
    isWorkbook(bytes)
      ? writeCsv((await workbookRows(bytes, sheet)).map(({ cells }) => cells))
      : decode(bytes, encoding),
  );
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw wrongUse(
      code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${code}).`,
    );
  }
}

async function named<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FileFault) throw wrongUse(`${file} ${error.message}.`);
    throw error;
  }
}
