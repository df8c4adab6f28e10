import { describe, expect, it } from '@jest/globals';
import { decode } from './decode.js';
import { readSheet, type Columns } from './sheet.js';
import { writeCsv } from './write.js';

const CLIPS: Columns = { what: 'clips', needed: ['url', 'campaignId'], others: ['creatorId'] };
const PEOPLE: Columns = { what: 'people', needed: ['payout_id', 'name'], others: [], more: true };
const valuesOf = (text: string, kinds = [CLIPS]) =>
  readSheet(text, kinds).rows.map(({ line, values }) => [line, values]);
const ONE = { url: 'u', campaignId: 'c', creatorId: 'a' };
const bytes = (text: string, encoding: 'latin1' | 'utf16le' | 'utf8' = 'utf8') =>
  Buffer.from(text, encoding);

describe('the encoding of a file', () => {
  const text = 'payout_id,name\n1,Zoë\n';
  it('is UTF-8 or UTF-16, with or without a mark', () => {
    const wide = bytes(text, 'utf16le');
    for (const file of [
      bytes(text),
      bytes(`\uFEFF${text}`),
      wide,
      bytes(`\uFEFF${text}`, 'utf16le'),
      Buffer.from(wide).swap16(),
      bytes(`\uFEFF${text}`, 'utf16le').swap16(),
    ])
      expect(decode(file)).toBe(text);
  });

  it('C4: is windows-1252 only if somebody says so, and no character is ever lost', () => {
    const file = bytes('payout_id,name\n1,Ann\n2,Zo\u00EB\n', 'latin1');
    expect(() => decode(file)).toThrow(/is not UTF-8 in line 3: .*windows-1252/);
    expect(decode(file, 'windows-1252')).toContain('2,Zoë');
    expect(() => decode(Buffer.from([0x41, 0x0a, 0x81]), 'windows-1252')).toThrow(/in line 2/);
    // The mark of the file is more certain than what somebody says.
    expect(decode(bytes(`\uFEFF${text}`), 'windows-1252')).toBe(text);
    expect(() => decode(bytes('\uFEFFa\nb\uD800c', 'utf16le'))).toThrow(
      /is not UTF-16LE in line 2/,
    );
    expect(() => decode(Buffer.concat([bytes('\uFEFFab', 'utf16le'), bytes('c')]))).toThrow(
      /is not UTF-16LE/,
    );
  });

  it.each([
    ['an Excel workbook (.xlsx)', 'PK\x03\x04.....xl/workbook.xml'],
    [
      'an OpenDocument spreadsheet (.ods)',
      'PK\x03\x04application/vnd.oasis.opendocument.spreadsheet',
    ],
    ['a ZIP file', 'PK\x03\x04 something'],
    ['an old Excel workbook (.xls)', '\u00D0\u00CF\u0011\u00E0'],
    ['a PDF document', '%PDF-1.7'],
    ['a web page (HTML)', '\n<HTML><table>'],
    ['a web page (HTML)', '<!DOCTYPE html>'],
    ['XML', '<?xml version="1.0"?><Workbook/>'],
    ['JSON', '[{"url": 1}]'],
  ])('C7: what is no CSV is named: %s', (what, content) => {
    expect(() => decode(bytes(content, 'latin1'))).toThrow(`is ${what}, not CSV`);
  });

  it.each(['', '\uFEFF', '\n \r\n', '\x1A'])(
    'C7: an empty file (%j) has its own sentence',
    (text) =>
      expect(() => decode(bytes(text))).toThrow('is empty: it has neither a header nor rows'),
  );
});

describe('the table in a file', () => {
  it.each([
    ['a comma', 'url,campaignId,creatorId\nu,c,a\n', 2],
    ['a semicolon', 'url;campaignId;creatorId\nu;c;a\n', 2],
    ['a tab', 'url\tcampaignId\tcreatorId\nu\tc\ta\n', 2],
    ['"sep="', 'sep=;\nurl;campaignId;creatorId\nu;c;a\n', 3],
    ['"sep=" of a sign of its own', 'sep=^\r\nurl^campaignId^creatorId\r\nu^c^a\r\n', 3],
    ['lines that end with CR (onadata #757)', 'url,campaignId,creatorId\ru,c,a\r', 2],
    ['letter case and spaces', ' URL ;Campaign ID;creator_id\nu;c;a\n', 2],
    [
      'no-break spaces (manage-vaccinations #3410)',
      'url\u00A0,campaignId,creatorId\nu\u00A0,\u00A0c,a',
      2,
    ],
    ['zero-width marks (postmangovsg #88)', '\u200Burl,campaignId,creatorId\n\uFEFFu,c,a', 2],
    [
      'titles and commas above',
      'Clips; of, March, and, April\n\nurl;campaignId;creatorId\nu;c;a\n',
      4,
    ],
    ['empty columns at the right', 'url,campaignId,creatorId,,\nu,c,a,,\n', 2],
    ['empty rows (AzureStorageExplorer #3136)', 'url,campaignId,creatorId\n,,\nu,c,a\n,,\n,,\n', 3],
    ['columns in another order', 'creatorId,url,campaignId\na,u,c\n', 2],
    ['="..." to keep text', 'url,campaignId,creatorId\nu,"=""c""",="a"\n', 2],
    ['quotes, also behind spaces', '"url", "campaignId", "creatorId"\n"u", "c", "a"\n', 2],
    ['its header again', 'url,campaignId,creatorId\nurl,campaignId,creatorId\nu,c,a\n', 3],
    ['the mark of an old end of file', 'url,campaignId,creatorId\nu,c,a\n\x1A', 2],
  ])('C7: is found with %s', (_, text, line) => {
    expect(valuesOf(decode(bytes(text)))).toEqual([[line, ONE]]);
  });

  it('has rows without their last cells, as Excel writes them (exceljs #454)', () => {
    expect(valuesOf('url,campaignId,creatorId\nu,c\n')).toEqual([
      [2, { url: 'u', campaignId: 'c' }],
    ]);
  });

  it('C2: has each column once', () => {
    for (const header of [
      'url,campaignId,url',
      'url,campaignId,URL ',
      'url,Campaign ID,campaign_id',
    ])
      expect(() => valuesOf(`${header}\n1,2,3\n`)).toThrow(/has the column "\w+" more than once/);
  });

  it('has the columns that are needed, and none that is not known', () => {
    expect(() => valuesOf('url,creatorId\nu,a\n')).toThrow(
      'has no column campaignId: a file of clips needs url and campaignId',
    );
    expect(() => valuesOf('url,campaignId,creator\nu,c,a\n')).toThrow(
      'has a column "creator" that is not known',
    );
    expect(() => valuesOf('<x>\n')).toThrow('has no column url, campaignId');
    expect(valuesOf('payout_id,name,note\n1,Ann,x\n', [PEOPLE])).toEqual([
      [2, { payout_id: '1', name: 'Ann' }],
    ]);
  });

  it.each([
    ['more cells than names', 'u,c,a,b', 'cell 4 is below no name'],
    ['typographic quotes (CsvReader #25)', '“u,v”,c,a', 'cell 4 is below no name'],
    ['a lost character', 'u,c,a\uFFFD', 'has lost a character'],
    ['characters saved twice', 'u,c,JosÃ©', 'seems to be José'],
    ['a line break', 'u,"c\nd",a', 'campaignId: has a line break'],
    ['an error of the spreadsheet', 'u,#N/A,a', '#N/A is what a spreadsheet shows'],
  ])('has rows that cannot be taken, with their text: %s', (_, row, reason) => {
    const { rows, broken } = readSheet(`url,campaignId,creatorId\nu,c,a\n${row}\nu,c,a\n`, [CLIPS]);
    expect(rows).toHaveLength(2);
    expect(broken).toMatchObject([{ line: 3, raw: row, reason: expect.stringContaining(reason) }]);
  });

  it('C6: names the line where a quote begins that is never closed, and reads the others', () => {
    const rows = Array.from({ length: 300 }, (_, i) => (i === 0 ? '"u,c,a' : `u${i},c,a`));
    const sheet = readSheet(['url,campaignId,creatorId', ...rows].join('\r\n'), [CLIPS]);
    expect(sheet.broken).toEqual([
      {
        line: 2,
        raw: '"u,c,a',
        reason: 'the quote that begins cell 1 is never closed',
        values: {},
      },
    ]);
    expect(sheet.rows).toHaveLength(299);
    expect(sheet.rows.at(-1)).toMatchObject({ line: 301, values: { url: 'u299' } });
  });

  it('C6: refuses a quote inside a cell that is not well written, by its own line', () => {
    const text =
      'url,campaignId,creatorId\n5" u,c,a\nu,"c ""d""",a\n"u" x,c,a\n"u\nv" x,c,a\nu,c,a\n';
    const { rows, broken } = readSheet(text, [CLIPS]);
    expect(rows.map(({ line, values }) => [line, values['campaignId']])).toEqual([
      [3, 'c "d"'],
      [7, 'c'],
    ]);
    expect(broken.map(({ line, raw, reason }) => [line, raw, reason])).toEqual([
      [2, '5" u,c,a', expect.stringContaining('a quote stands inside cell 1')],
      [4, '"u" x,c,a', expect.stringContaining('text follows the quote that closes cell 1')],
      [5, '"u', expect.stringContaining('text follows the quote that closes cell 1')],
      [6, 'v" x,c,a', expect.stringContaining('a quote stands inside cell 1')],
    ]);
  });

  it('is what was written', () => {
    const rows = [
      ['url', 'campaignId'],
      ['=u', '-c;=d'],
    ];
    expect(valuesOf(decode(bytes(writeCsv(rows))))).toEqual([
      [2, { url: '=u', campaignId: '-c;=d' }],
    ]);
  });
});
