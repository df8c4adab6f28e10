import { describe, expect, it } from '@jest/globals';
import { accountIdsOf, claimCode, codesIn, isSameAccount } from './account-names.js';

const named = (handle: string | null, externalId: string | null = null) => ({ handle, externalId });

describe('the names of an account', () => {
  it.each([
    ['one handle, in other letters and with "@"', named('Ann.Clips'), named('@ann.clips'), true],
    ['two handles', named('ann'), named('zoe'), false],
    ['one id, after the handle has changed', named('ann', '1'), named('ann2', '1'), true],
    ['one handle, of another id by now', named('ann', '1'), named('ann', '2'), false],
    ['one handle, and one id alone is known', named('ann'), named('ann', '2'), true],
    ['an id, and nothing but a handle', named(null, '1'), named('ann'), false],
    ['nothing', named(null), named(null), false],
  ])('%s', (_, a, b, same) => {
    expect([isSameAccount(a, b), isSameAccount(b, a)]).toEqual([same, same]);
  });

  it('give it an id each, of its platform', () => {
    expect(accountIdsOf('tiktok', named('@Ann', '1'))).toEqual([
      ...accountIdsOf('tiktok', named(null, '1')),
      ...accountIdsOf('tiktok', named('ann')),
    ]);
    expect(accountIdsOf('x', named('ann'))).not.toEqual(accountIdsOf('tiktok', named('ann')));
    expect(accountIdsOf('x', named('1'))).not.toEqual(accountIdsOf('x', named(null, '1')));
  });
});

describe('the code of a claim', () => {
  it('is found in a bio, each once and at most five', () => {
    const code = claimCode('0b3c1f52-5f0e-5c3e-9a77-3f8f1f0c9a11');
    expect(codesIn(`Clips & more (${code.toUpperCase()})\nmail@ann.example`, code)).toEqual([code]);
    expect(codesIn('cliptally-123', `${code}0`, `x${code}`)).toEqual([]);
    const many = Array.from({ length: 9 }, (_, i) => `cliptally-000000000${i}`);
    expect(codesIn(many.join(' '))).toHaveLength(5);
  });
});
