import { describe, expect, it } from '@jest/globals';
import { csvOf, type Line } from './csv.js';

const line = (more: Partial<Line>): Line => ({
  at: '2026-02-01T08:00:00.000Z',
  kind: 'accrued',
  eventId: '0b7c6f7e-6a0e-5d0f-8a3b-5b6f3f0d1c01',
  creatorId: 'ann',
  currency: 'USD',
  amount: 3600,
  sum: 6000,
  ...more,
});

/** Of the cell in a column of the second line. */
const cellOf = (csv: string, column: string): string => {
  const [header, row] = csv.split('\r\n') as [string, string];
  return row.split(',')[header.split(',').indexOf(column)]!;
};

describe('the export of lines', () => {
  it.each([
    ['USD', 3600, '36.00'],
    ['JPY', 3600, '3600'],
    ['KWD', -5, '-0.005'],
    ['USD', -3600, '-36.00'],
  ])('%s %i is %s', (currency, amount, decimal) => {
    expect(cellOf(csvOf([line({ currency, amount })]), 'amount')).toBe(decimal);
  });

  // What spreadsheets run: OWASP, "CSV Injection".
  it.each(['=1+1', '+1', '-1+2', '@SUM(A1)', '\t=1'])('runs no formula: %j', (reason) => {
    expect(cellOf(csvOf([line({ kind: 'reversed', reason })]), 'reason')).toBe(`'${reason}`);
  });

  it('quotes what has commas, quotes or lines (RFC 4180)', () => {
    const csv = csvOf([line({ kind: 'reversed', reason: 'no "tag",\nand late' })]);
    expect(csv).toContain(',"no ""tag"",\nand late",');
  });

  it('has its header alone if there is no line', () => {
    expect(csvOf([])).toMatch(/^at,kind,[a-z_,]+\r\n$/);
  });
});
