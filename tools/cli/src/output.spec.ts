import { describe, expect, it } from '@jest/globals';
import { card, table } from './output.js';

describe('what people have named, in a terminal', () => {
  const named = (name: string) => table([{ name, amount: 5 }], [['NAME', (row) => row.name], ['AMOUNT', (row) => row.amount]]); // prettier-ignore

  it.each([
    ['a line end', 'spring\nother  9', 'spring\\u000aother  9'],
    ['the line end of Windows', 'spring\r\nother', 'spring\\u000d\\u000aother'],
    ['a way back to the beginning of the line', 'spring\rother', 'spring\\u000dother'],
    ['a tab', 'spring\tother', 'spring\\u0009other'],
    ['an escape', '\u001b[2Jspring', '\\u001b[2Jspring'],
    ['a line end of C1', 'spring\u0085other', 'spring\\u0085other'],
    ['a turn of letters', 'spring\u202egnirps', 'spring\\u202egnirps'],
  ])('%s stays in its cell, written out', (_, name, shown) => {
    expect(named(name).split('\n')).toEqual([`NAME${' '.repeat(shown.length - 4)}  AMOUNT`, `${shown}       5`]); // prettier-ignore
    expect(card([['name', name]])).toBe(`name  ${shown}`);
  });
});
