import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decode } from './decode.js';
import { guarded, unguarded } from './guard.js';
import { records } from './records.js';
import { writeCsv } from './write.js';

/** Text as people write it, and what is hard for a reader or runs in a spreadsheet. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('=+-@\'";,|\t\r\n a1＝\u00A0\uFEFF\0')) }),
  fc.constantFrom(
    "=cmd|'/c calc'!A1",
    '\t=1+1',
    'a;=1+1',
    '7.3E+18',
    '#REF!',
    'PK\x03\x04',
    '<html>',
  ),
);
const table = fc.array(fc.array(text, { minLength: 1, maxLength: 4 }), { minLength: 1 });
const HEADER = ['text'];
const cellsOf = (csv: string) =>
  Array.from(records(csv, ','), (row) => ('cells' in row ? row.cells.map(unguarded) : row));

/** As a spreadsheet does it, which refuses nothing: a quote counts where a cell begins. */
const split = (csv: string, delimiter: string): string[] =>
  csv
    .match(
      new RegExp(`(?:"(?:[^"]|"")*(?:"|$))?[^\\r\\n${delimiter}]*(?:[\\r\\n${delimiter}]|$)`, 'g'),
    )!
    .map((cell) =>
      cell.replace(/^"((?:[^"]|"")*)"?/, (_, inner: string) => inner.replaceAll('""', '"')),
    );

describe('what is written', () => {
  it('is read as the same rows, whatever they hold', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const file = new TextEncoder().encode(writeCsv([HEADER, ...rows]));
        expect(cellsOf(decode(file))).toEqual([HEADER, ...rows]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('C9: runs in no spreadsheet, at whichever separator it splits', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const csv = writeCsv(rows).slice(1);
        for (const delimiter of [',', ';', '\t', '|'])
          for (const cell of split(csv, delimiter))
            expect(cell).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/);
        for (const row of records(csv, ','))
          expect('cells' in row && row.cells.filter((cell) => /^[\t\r\n]/.test(cell))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has one guarded form for each text', () => {
    fc.assert(
      fc.property(text, (cell) => {
        expect(unguarded(guarded(cell))).toBe(cell);
      }),
      { numRuns: 5_000 },
    );
  });
});
