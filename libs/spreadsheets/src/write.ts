import { guarded } from './guard.js';

const NEEDS_QUOTES = /[",;|\t\r\n]|^[\s\u00A0]|[\s\u00A0]$/;

const cellOf = (text: string): string => {
  const safe = guarded(text);
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/**
 * Rows as CSV (RFC 4180) with a byte order mark, without which Excel takes UTF-8 for something
 * else. No spreadsheet runs a cell of it, whichever separator it splits at.
 */
export const writeCsv = (rows: readonly (readonly string[])[]): string =>
  `\uFEFF${rows.map((row) => `${row.length === 1 && row[0] === '' ? '""' : row.map(cellOf).join(',')}\r\n`).join('')}`;
