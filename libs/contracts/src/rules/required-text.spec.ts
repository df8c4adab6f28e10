import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { checksOf, mergedChecks, textIn } from './required-text.js';

describe('the text that a caption needs', () => {
  it.each([
    ['a hashtag', 'New drop #ad', '#ad', true],
    ['in other letters', 'New drop #AD!', '#Ad', true],
    ['in full-width letters', 'new ＃ＡＤ', '#ad', true],
    ['composed another way', 'un cafe\u0301 avec @acme', 'café avec', true],
    ['with a zero-width space in it', '#a\u200bd', '#ad', true],
    ['over a line end', 'paid\n partnership with acme', 'paid partnership', true],
    ['a mention before a full stop', 'thanks @acme.', '@acme', true],
    ['a mention of a handle with a dot', 'thanks @acme.fans', '@acme', false],
    ['a longer hashtag', 'our #adventure', '#ad', false],
    ['a hashtag in a script without spaces', '#광고입니다', '#광고', false],
    ['a phrase in a script without spaces', 'この動画は広告です', '広告', true],
    ['part of a word', 'broad smile', 'ad', false],
    ['the word itself', 'an ad, of course', 'ad', true],
    ['no caption', '', '#ad', false],
    ['an emoji after it', '#ad❤️', '#ad', true],
  ])('%s', (_, caption, wanted, found) => {
    expect(textIn(caption, [wanted])).toEqual(found ? [wanted] : []);
  });

  it('is found at any place, in any case, between spaces', () => {
    const word = fc.stringMatching(/^[#@]?[a-z]{2,10}$/);
    fc.assert(
      fc.property(fc.array(fc.string()), word, fc.array(fc.string()), (before, wanted, after) => {
        const caption = [...before, wanted.toUpperCase(), ...after].join(' ');
        expect(textIn(caption, [wanted])).toEqual([wanted]);
      }),
    );
  });

  it('is what any of the campaigns wants, and nothing if none does', () => {
    expect(mergedChecks([])).toBeNull();
    expect(checksOf({ requireOwnedAccount: false })).toBeNull();
    expect(checksOf({ requireOwnedAccount: true })).toEqual({ account: true });
    expect(mergedChecks([{ text: ['#b'] }, { text: ['#a', '#b'], account: true }])).toEqual({ account: true, text: ['#a', '#b'] }); // prettier-ignore
  });
});
