import { describe, expect, it } from '@jest/globals';
import { opaqueIdOf } from './opaque.js';

describe('who has decided, for ever', () => {
  it('is an id instead of an e-mail address, the same for all its spellings', () => {
    const ids = ['Ann@Example.com', 'ann@example.com', ' ann@example.com ', 'ａnn@example.com'].map(opaqueIdOf); // prettier-ignore
    expect(new Set(ids)).toEqual(new Set([expect.stringMatching(/^admin-[0-9a-f]{20}$/)]));
    expect(opaqueIdOf('bob@example.com')).not.toBe(ids[0]);
  });

  it.each(['auth0|5f7c8ec7', 'a1b2', 'ann', 'two words', '00u1abcd', '@ann', 'ann@'])(
    'stays %s',
    (subject) => {
      expect(opaqueIdOf(subject)).toBe(subject);
    },
  );
});
