import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  amountOf,
  damageOf,
  readSheet,
  writeCsv,
  type Columns,
  type Row,
} from '@cliptally/spreadsheets';
import { unzipSync, strFromU8 } from 'fflate';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readFile } from './read-file.js';

const found = (() => {
  try {
    return execFileSync('soffice', ['--version'], { encoding: 'utf8' }).includes('LibreOffice');
  } catch {
    return false;
  }
})();

/** Codes of LibreOffice: separator, encoding. */
const SEPARATORS = { comma: 44, semicolon: 59, tab: 9 };
const ENCODED = { 'UTF-8': 76, 'UTF-16': 65535, 'windows-1252': 1 };
const TRANSFERS: Columns = {
  what: 'transfers',
  needed: ['payout_id', 'reference'],
  others: ['account', 'amount'],
};
const ROWS = [
  ['payout_id', 'account', 'amount', 'reference'],
  ['p-1', 'Zoë "Z" Doe; Paris, FR', '1234.50', 'SEPA 1'],
  ['-p2', '=HYPERLINK("http://x.example","x")', '300.00', '@ref'],
  ["'p3", '+49 170; =1+1', '0.05', '007'],
  ['p-4', '\ttab | -1', '1234567.89', '7301234567890123456'],
];

(found ? describe : describe.skip)(
  `a file that LibreOffice opens and saves${found ? '' : ' [needs soffice]'}`,
  () => {
    let dir: string;
    beforeAll(() => {
      dir = mkdtempSync(join(tmpdir(), 'cliptally-libreoffice-'));
    });
    afterAll(() => rmSync(dir, { recursive: true, force: true }));

    /** Opens the text as CSV with the separator, formulas and all, and saves it as another file. */
    function saved(name: string, csv: string, separator: number, as: string): string {
      const out = join(dir, name);
      mkdirSync(out);
      writeFileSync(join(out, 'in.csv'), csv);
      execFileSync('soffice', [
        '--headless',
        `-env:UserInstallation=${pathToFileURL(join(dir, 'profile')).href}`,
        `--infilter=CSV:${separator},34,76,1,,0,false,true,false,false,false,0,true`,
        '--convert-to',
        as,
        '--outdir',
        join(out, 'saved'),
        join(out, 'in.csv'),
      ]);
      return join(
        out,
        'saved',
        `in.${as.slice(0, as.includes(':') ? as.indexOf(':') : undefined)}`,
      );
    }
    const formulasIn = (file: string) =>
      Object.values(
        unzipSync(readFileSync(file), { filter: ({ name }) => name.includes('sheet1') }),
      ).flatMap((part) => strFromU8(part).match(/<f[ >].*?<\/f>/g) ?? []);
    const asCsv = (separator: number, encoding: number) =>
      `csv:Text - txt - csv (StarCalc):${separator},34,${encoding},1,,0,false,true,false`;

    it.each(Object.entries(SEPARATORS))(
      'C9: has no formula, split at a %s, though it would have one without the guard',
      (name, separator) => {
        const raw = `a${String.fromCharCode(separator)}=1+1\n`;
        expect(formulasIn(saved(`raw-${name}`, raw, separator, 'xlsx'))).toHaveLength(1);
        expect(formulasIn(saved(`guarded-${name}`, writeCsv(ROWS), separator, 'xlsx'))).toEqual([]);
      },
    );

    const meaningOf = (rows: readonly Row[]) =>
      rows.map(({ values }) => [
        values['payout_id'],
        values['account'],
        amountOf(values['amount']!, 'USD'),
      ]);
    const expected = ROWS.slice(1).map(([id, account, amount]) => [
      id,
      account,
      amountOf(amount!, 'USD'),
    ]);

    it.each([
      ['comma', 'UTF-8'],
      ['semicolon', 'UTF-8'],
      ['tab', 'UTF-16'],
      ['semicolon', 'windows-1252'],
    ] as const)('C8: comes back as CSV with a %s, in %s', async (separator, encoding) => {
      const as = asCsv(SEPARATORS[separator], ENCODED[encoding]);
      const file = saved(`${separator}-${encoding}`, writeCsv(ROWS), SEPARATORS.comma, as);
      const named = encoding === 'windows-1252' ? { encoding } : {};
      if ('encoding' in named)
        await expect(readFile(file, [TRANSFERS], {})).rejects.toThrow(/is not UTF-8 in line 2/);
      const { rows } = await readFile(file, [TRANSFERS], named);
      expect(meaningOf(rows)).toEqual(expected);
      // What the spreadsheet has made of it is refused, and what it has left is as it was.
      expect(rows.map(({ values }) => damageOf(values['reference']!))).toEqual([
        null,
        null,
        null,
        expect.stringContaining('turned into a number'),
      ]);
    });

    it('C7: is read as a workbook, whatever its name says', async () => {
      const workbook = saved('workbook', writeCsv(ROWS), SEPARATORS.comma, 'xlsx');
      const named = join(dir, 'workbook.csv');
      writeFileSync(named, readFileSync(workbook));
      const { rows } = await readFile(named, [TRANSFERS], {});
      expect(meaningOf(rows)).toEqual(expected);
      expect(await readFile(workbook, [TRANSFERS], {})).toMatchObject({ rows });
      expect(damageOf(rows.at(-1)!.values['reference']!)).toContain('turned into a number');
    });

    it('C7: as a workbook has its days in UTC, and no cell that is in error', async () => {
      const days: Columns = { what: 'days', needed: ['at', 'yes', 'share'], others: [] };
      const text = 'at,yes,share\n2026-12-10,true,0.1\n2026-12-10 10:30,false,1234.56\n';
      const file = saved('days', text, SEPARATORS.comma, 'xlsx');
      const { rows } = await readFile(file, [days], {});
      expect(rows.map(({ line, values }) => [line, values])).toEqual([
        [2, { at: '2026-12-10', yes: 'yes', share: '0.1' }],
        [3, { at: '2026-12-10 10:30:00', yes: 'no', share: '1234.56' }],
      ]);
      const wrong = saved('wrong', `${text}=1/0,true,1\n`, SEPARATORS.comma, 'xlsx');
      await expect(readFile(wrong, [days], {})).rejects.toThrow(
        /has #DIV\/0! in the cell A4: mend its formula/,
      );
      const csv = saved('wrong-csv', `${text}=1/0,true,1\n`, SEPARATORS.comma, asCsv(44, 76));
      expect(readSheet(readFileSync(csv, 'utf8'), [days]).broken).toMatchObject([
        { line: 4, reason: expect.stringContaining('at: #DIV/0! is what a spreadsheet shows') },
      ]);
    });
  },
);
