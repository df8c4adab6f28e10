import { describe, expect, it } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { workbookRows } from './workbook.js';

const NAMESPACES =
  'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const TYPES = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** The smallest workbook that a spreadsheet opens; style 1 is a day with its time. */
function workbook(sheets: Record<string, string>): Buffer {
  const names = Object.keys(sheets);
  const files = {
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    'xl/workbook.xml': `<workbook ${NAMESPACES}><sheets>${names.map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${RELATIONS}">${names.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${TYPES}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}<Relationship Id="rIdStyles" Type="${TYPES}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet ${NAMESPACES}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
    ...Object.fromEntries(
      names.map((name, i) => [
        `xl/worksheets/sheet${i + 1}.xml`,
        `<worksheet ${NAMESPACES}><sheetData>${sheets[name]}</sheetData></worksheet>`,
      ]),
    ),
  };
  return Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
  );
}
const row = (nth: number, ...cells: string[]) =>
  `<row r="${nth}">${cells.map((cell, i) => cell.replace('<c', `<c r="${'ABCDEF'[i]}${nth}"`)).join('')}</row>`;
const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
const number = (value: string, style = 0) => `<c s="${style}"><v>${value}</v></c>`;
const cellsOf = async (file: Buffer, sheet?: string) =>
  (await workbookRows(file, sheet)).map(({ line, cells }) => [line, ...cells]);

describe('a workbook', () => {
  it('has texts, exact numbers, days in UTC and yes or no, by the rows that people see', async () => {
    const file = workbook({
      One: `${row(1, text('a'), text(' b '))}${row(3, number('1234.5599999999999'), number('7.30123456789012E+18'), number('46366', 1), number('46366.4166666667', 1), '<c t="b"><v>1</v></c>')}`,
    });
    expect(await cellsOf(file)).toEqual([
      [1, 'a', ' b ', '', '', ''],
      [2, '', '', '', '', ''],
      [3, '1234.56', '7.30123456789012E+18', '2026-12-10', '2026-12-10 10:00:00', 'yes'],
    ]);
  });

  it('has its rows in one sheet, or in the one that is named', async () => {
    const file = workbook({ One: row(1, text('a')), Empty: '', Two: row(1, text('b')) });
    await expect(cellsOf(file)).rejects.toThrow(
      'has rows in the sheets "One", "Two": name one of them with --sheet',
    );
    expect(await cellsOf(file, 'Two')).toEqual([[1, 'b']]);
    await expect(cellsOf(file, 'Three')).rejects.toThrow('has no sheet "Three", but "One"');
    expect(await cellsOf(workbook({ Empty: '', One: row(1, text('a')) }))).toEqual([[1, 'a']]);
  });

  it.each([
    ['an error', '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', 'has #DIV/0! in the cell A1'],
    [
      'a formula that nobody has calculated',
      '<c><f>1+1</f></c>',
      'has a formula without a result in the cell A1',
    ],
  ])('has no cell with %s, which would read as an empty one', async (_, cell, why) => {
    await expect(cellsOf(workbook({ One: row(1, cell) }))).rejects.toThrow(why);
  });

  it('that is none is named', async () => {
    const broken = Buffer.from(zipSync({ 'xl/other.xml': strToU8('<x/>') }));
    await expect(cellsOf(broken)).rejects.toThrow('is a workbook that cannot be read');
  });
});
