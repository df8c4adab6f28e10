import { describe, expect, it } from '@jest/globals';
import { printable } from './printable.js';

describe('what a terminal is given', () => {
  it('has no command for it, in seven or eight bits, and no letters in another order', () => {
    expect(printable('\u001b[2J\u009b31mred\u0007\u202egpj.exe')).toBe(
      '\\u001b[2J\\u009b31mred\\u0007\\u202egpj.exe',
    );
    expect(printable('100\rpaid')).toBe('100\\u000dpaid');
  });

  it('keeps lines, tabs, and letters of every script', () => {
    for (const text of ['a\r\nb\tc\n', 'żółć 名前 שם 👩‍👩‍👧']) expect(printable(text)).toBe(text);
  });

  it('keeps JSON what it was', () => {
    const value = { name: '\u009b31m\u007f\u202e' };
    expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
  });
});
