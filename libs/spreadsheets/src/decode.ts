import { FileFault } from './file-fault.js';

/** Encodings that can be named; a file without a name is UTF-8, or its mark says what it is. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

const MARKS: readonly [Encoding, readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** What begins like this is no text. */
const BINARIES: readonly [what: string, begin: readonly number[]][] = [
  ['an old Excel workbook (.xls)', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46]],
  ['a gzip file', [0x1f, 0x8b]],
];
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** What begins like this is text, but no table with delimiters. */
const TEXTS: readonly [what: string, begin: RegExp][] = [
  ['a web page (HTML)', /^\s*(<!doctype html|<(html|head|body|meta|table|div)\b)/i],
  ['XML', /^\s*<\?xml/i],
  ['a text document (RTF)', /^\{\\rtf/],
  ['JSON', /^\s*(\[\s*)?\{\s*"/],
];

const SAVE_AS = 'save it as "CSV UTF-8" in your spreadsheet';

const begins = (bytes: Uint8Array, begin: readonly number[]): boolean =>
  begin.every((byte, i) => bytes[i] === byte);

/** Whether a file is a workbook of Excel 2007 or later, whatever its name says. */
export const isWorkbook = (bytes: Uint8Array): boolean =>
  begins(bytes, ZIP) && latin(bytes).includes('xl/');

/**
 * The text of a file, to the letter: never a replacement character. Throws a {@link FileFault} that
 * names what the file is, or the first line that is not in its encoding.
 */
export function decode(bytes: Uint8Array, named?: Encoding): string {
  const [marked, mark] = MARKS.find(([, begin]) => begins(bytes, begin)) ?? [null, []];
  if (marked === null) refuseBinaries(bytes);
  const encoding = marked ?? named ?? unmarked(bytes);
  const text = decoded(bytes.subarray(mark.length), encoding, marked ?? named);
  const kind = TEXTS.find(([, begin]) => begin.test(text.slice(0, 1_000)));
  if (kind) throw new FileFault(`is ${kind[0]}, not CSV: ${SAVE_AS}`);
  // CP/M's end of a file, which old programs still write.
  const whole = text.endsWith('\u001A') ? text.slice(0, -1) : text;
  if (!/[^\s\uFEFF\u200B]/.test(whole))
    throw new FileFault('is empty: it has neither a header nor rows');
  return whole;
}

function refuseBinaries(bytes: Uint8Array): void {
  const what = BINARIES.find(([, begin]) => begins(bytes, begin))?.[0];
  if (what) throw new FileFault(`is ${what}, not CSV: ${SAVE_AS}`);
  if (!begins(bytes, ZIP)) return;
  const content = latin(bytes);
  if (content.includes('xl/')) throw new FileFault('is an Excel workbook (.xlsx), not CSV');
  const open = content.includes('opendocument.spreadsheet');
  throw new FileFault(
    `is ${open ? 'an OpenDocument spreadsheet (.ods)' : 'a ZIP file'}, not CSV: ${SAVE_AS}`,
  );
}

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** ASCII as UTF-16 is every second byte 0. */
function unmarked(bytes: Uint8Array): Encoding {
  const head = bytes.subarray(0, 1_000);
  const zeros = [0, 0];
  head.forEach((byte, i) => byte === 0 && zeros[i % 2]!++);
  const [even, odd] = zeros as [number, number];
  if (odd > head.length / 4 && even === 0) return 'utf-16le';
  return even > head.length / 4 && odd === 0 ? 'utf-16be' : 'utf-8';
}

function decoded(bytes: Uint8Array, encoding: Encoding, certain: Encoding | undefined): string {
  const text = strictly(bytes, encoding);
  const undefinedByte = encoding === 'windows-1252' ? (text?.search(/[\u0080-\u009F]/) ?? -1) : -1;
  if (text !== null && undefinedByte < 0) return text;
  const line = text === null ? firstBad(bytes, encoding) : lineAt(text, undefinedByte);
  throw new FileFault(
    `is not ${encoding.toUpperCase()} in line ${line}: ${SAVE_AS}${certain ? '' : ', or name its encoding if you know it, for example windows-1252'}`,
    line,
  );
}

/** Null if a byte is not of the encoding. */
function strictly(bytes: Uint8Array, encoding: Encoding): string | null {
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.isWellFormed() ? text : null;
  } catch {
    return null;
  }
}

/** The longest beginning that can be decoded ends in the line that cannot. */
function firstBad(bytes: Uint8Array, encoding: Encoding): number {
  const wide = encoding.startsWith('utf-16') ? 2 : 1;
  const [high, low] = encoding === 'utf-16be' ? [0, 1] : [1, 0];
  let [line, from] = [1, 0];
  for (let i = 0; i + wide <= bytes.length; i += wide) {
    if (bytes[i + (wide === 1 ? 0 : low)] !== 10 || (wide === 2 && bytes[i + high] !== 0)) continue;
    if (strictly(bytes.subarray(from, i), encoding) === null) return line;
    [line, from] = [line + 1, i + wide];
  }
  return line;
}

/** The line of a place in a text, from 1; lines end as spreadsheets of any system end them. */
export const lineAt = (text: string, at: number): number =>
  (text.slice(0, at).match(/\r\n|\r|\n/g)?.length ?? 0) + 1;
