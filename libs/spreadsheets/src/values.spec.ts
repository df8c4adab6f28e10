import { describe, expect, it } from '@jest/globals';
import { damageOf, shownInstead } from './damage.js';
import { lostText } from './lost-text.js';
import { amountOf, instantOf, wholeOf } from './values.js';

describe('an instant in a file', () => {
  it.each([
    ['2026-12-10', '2026-12-10T00:00:00.000Z'],
    ['2026-12-10 10:00', '2026-12-10T10:00:00.000Z'],
    ['2026-12-10T10:00:30', '2026-12-10T10:00:30.000Z'],
    ['2026-12-10T10:00:30.5Z', '2026-12-10T10:00:30.500Z'],
    ['2026-12-10 10:00 UTC', '2026-12-10T10:00:00.000Z'],
    ['2026-12-10T10:00+02:00', '2026-12-10T08:00:00.000Z'],
    ['2026-12-10 10:00 -0530', '2026-12-10T15:30:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('C5: %s has one meaning on every machine', (text, value) => {
    const zone = process.env['TZ'];
    for (const other of ['America/New_York', 'Asia/Tokyo', 'UTC']) {
      process.env['TZ'] = other;
      expect(instantOf(text)).toEqual({ value });
    }
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  it.each([
    ['2027-02-30', 'no day of the calendar'],
    ['2027-02-29', 'no day of the calendar'],
    ['2026-13-01', 'no day of the calendar'],
    ['2026-12-24 (Thu)', 'something behind'],
    ['2026-12-24 10:00 CET', 'something behind'],
    ['2026-12-24T25:00', 'no time of day'],
    ['2026-12-24T10:00+25:00', 'no time of day'],
    ['12/10/2026', 'can be read as two days'],
    ['10.12.2026 10:00', 'can be read as two days'],
    ['46366', 'the number that a spreadsheet has for a day'],
    ['tomorrow', 'is not an instant'],
  ])('C5: %s is refused: %s', (text, why) => {
    expect(instantOf(text)).toEqual({ fault: expect.stringContaining(why) });
    expect(instantOf(text)).toEqual({ fault: expect.stringContaining(text) });
  });
});

describe('an amount in a file', () => {
  it.each([
    ['1234.50', 'USD', 123_450],
    ['1234.5', 'USD', 123_450],
    ['1234', 'USD', 123_400],
    ['1,234.00', 'USD', 123_400],
    ['1.234,00', 'USD', 123_400],
    ['1234,50', 'USD', 123_450],
    ['1 234,50', 'EUR', 123_450],
    ['1\u202F234,50 €', 'EUR', 123_450],
    ["1'234.50", 'CHF', 123_450],
    ['1,234,567', 'USD', 123_456_700],
    ['$1,234.00', 'USD', 123_400],
    ['1234.5 USD', 'USD', 123_450],
    ['1234', 'JPY', 1_234],
    ['1,234', 'JPY', 1_234],
    ['1.234', 'KWD', 1_234],
    ['1234,500', 'KWD', 1_234_500],
    ['1,234.567', 'KWD', 1_234_567],
  ])('C8: %s %s is %i minor units', (text, currency, value) => {
    expect(amountOf(text, currency)).toEqual({ value });
  });

  it.each([
    ['1,234', 'USD', 'two amounts'],
    ['1.234', 'EUR', 'two amounts'],
    ['1,234', 'KWD', 'two amounts'],
    ['1234.567', 'USD', 'more than 2 decimals'],
    ['12.5', 'JPY', 'more than 0 decimals'],
    ['12,34.00', 'USD', 'not an amount'],
    ['1,234,56', 'USD', 'not an amount'],
    ['1.23E+12', 'USD', 'not an amount'],
    ['-5', 'USD', 'not an amount'],
    ['', 'USD', 'not an amount'],
    ['9'.repeat(30), 'USD', 'too large'],
    [' 1'.repeat(1_000_000), 'USD', 'not an amount'],
  ])('C8: %.20s %s is refused: %s', (text, currency, why) => {
    expect(amountOf(text, currency)).toEqual({ fault: expect.stringContaining(why) });
  });

  it('is a whole number of minor units if no decimals are asked for', () => {
    expect(wholeOf('1500')).toEqual({ value: 1_500 });
    for (const text of ['15.00', '1,500', '1e3', '-1', '9'.repeat(16)])
      expect(wholeOf(text)).toEqual({ fault: expect.stringContaining('not a whole number') });
    expect(wholeOf('1,500')).toEqual({ fault: expect.stringContaining('sign for thousands') });
  });
});

describe('an id or a reference in a file', () => {
  it.each([
    ['1.23E+12', 'turned into a number'],
    ['1,23E+12', 'turned into a number'],
    ['1E-05', 'turned into a number'],
    ['7301234567890120000', 'rounded to 15 digits'],
    ['1-Mar', 'turned into a day'],
    ['Mar-01', 'turned into a day'],
    ['3. Mai', 'turned into a day'],
    ['#REF!', 'instead of a value'],
    ['#BEZUG!', 'instead of a value'],
    ['#####', 'instead of a value'],
    ['Err:502', 'instead of a value'],
  ])('C8: %s is damaged: %s', (id, why) => expect(damageOf(id)).toContain(why));

  it.each(['bank 1', 'SEPA-1', '7301234567890123456', 'mark-01', '#1 fan', 'e10', '2026-12'])(
    '%s is not',
    (id) => expect([damageOf(id), shownInstead(id)]).toEqual([null, null]),
  );

  it('C4: is not what is left of it in another encoding', () => {
    expect(lostText('Jos\uFFFD')).toContain('has lost a character');
    expect(lostText('JosÃ© and ZoÃ«')).toContain('seems to be José and Zoë');
    expect(lostText('â€œquotedâ€\u009D')).toContain('seems to be “quoted”');
    for (const text of ['José', 'Zoë', 'Ã', 'naïve café', '日本', '😀', '“quoted”', 'Ängström ©'])
      expect(lostText(text)).toBeNull();
  });
});
