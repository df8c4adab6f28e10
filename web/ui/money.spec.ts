import { CURRENCIES, minorDigits } from '@cliptally/contracts/currencies';
import { describe, expect, it } from '@jest/globals';
import { assert, constantFrom, integer, property } from 'fast-check';
import { decimalOf, minorOf, money } from './money.js';

describe('amounts', () => {
  it.each(CURRENCIES)('of %s have the digits that the API counts with', (currency) => {
    // Intl alone shows HUF and IDR a hundred times too large.
    const digits = money(10 ** minorDigits(currency) * 7, currency).replaceAll(/[^\d]/g, '');
    expect(digits).toBe(`7${'0'.repeat(minorDigits(currency))}`);
  });

  it('are exact up to the largest that the API takes', () => {
    expect(money(1500, 'USD')).toMatch(/15\.00/);
    expect(money(1500, 'JPY')).toMatch(/1,500/);
    expect(money(1500, 'KWD')).toMatch(/1\.500/);
    expect(money(-5, 'EUR')).toMatch(/^-.*0\.05/);
    expect(money(9_007_199_254_740_991, 'USD')).toMatch(/90,071,992,547,409\.91/);
  });

  it('come back from the text that they are typed as', () => {
    assert(
      property(
        integer({ min: 0, max: 10 ** 13 }),
        constantFrom(...CURRENCIES),
        (amount, currency) => minorOf(decimalOf(amount, currency), currency) === amount,
      ),
    );
  });

  it.each([
    ['12', 'USD', 1200],
    ['12.5', 'USD', 1250],
    ['12,50', 'EUR', 1250],
    [' 7. ', 'USD', 700],
    ['1500', 'JPY', 1500],
    ['1.5', 'JPY', null],
    ['1,234', 'USD', null],
    ['1.234', 'KWD', 1234],
    ['-1', 'USD', null],
    ['1e3', 'USD', null],
    ['', 'USD', null],
    ['.5', 'USD', null],
  ])('%j in %s is %j', (text, currency, amount) => {
    expect(minorOf(text, currency)).toBe(amount);
  });
});
