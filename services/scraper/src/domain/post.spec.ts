import { claimCode } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { answers, digestOf, isSamePost, seenPost, type Post } from './post.js';

const code = claimCode('0b3c1f52-5f0e-5c3e-9a77-3f8f1f0c9a11');
const post = (more: Partial<Post> = {}): Post => ({
  account: { handle: 'ann', externalId: '1' },
  bio: `clips all day ${code}`,
  caption: { text: 'New #ad', whole: true },
  ...more,
});
const checks = { account: true, text: ['#ad', '@acme'] } as const;
const asked = { ...checks, text: [...checks.text] };
const seen = seenPost(asked, post(), null);

describe('what is seen of a post', () => {
  it('is its account, codes of claims, and what the caption has: no bio and no caption', () => {
    expect(seen).toEqual({
      account: { handle: 'ann', externalId: '1' },
      codes: [code],
      text: { found: ['#ad'], missing: ['@acme'] },
    });
  });

  it('is nothing that nobody asked for', () => {
    expect(seenPost({ account: true }, post(), null).text).toBeNull();
    expect(seenPost({ text: ['#ad'] }, post(), null)).toMatchObject({ account: null, codes: [] });
  });

  it.each<[string, Post | undefined]>([
    ['says nothing', undefined],
    ['has no account and no text', { account: null, bio: null, caption: null }],
    ['knows the handle alone', post({ account: { handle: 'ann', externalId: null } })],
    ['knows the id alone', post({ account: { handle: null, externalId: '1' } })],
    ['has a title without the tag', { account: null, bio: `a ${code}`, caption: { text: 'title', whole: false } }],
  ])('stays as it was if a source %s', (_, said) => {
    expect(isSamePost(seenPost(asked, said, seen), seen)).toBe(true);
  }); // prettier-ignore

  it('changes with the account, the bio and the caption', () => {
    const renamed = seenPost(asked, post({ account: { handle: 'ann2', externalId: null } }), seen);
    expect(renamed.account).toEqual({ handle: 'ann2', externalId: null });
    expect(seenPost(asked, post({ bio: '' }), seen).codes).toEqual([]);
    const edited = post({ caption: { text: 'New @Acme', whole: true } });
    expect(seenPost(asked, edited, seen).text).toEqual({ found: ['@acme'], missing: ['#ad'] });
    const title = post({ caption: { text: 'New @Acme', whole: false } });
    expect(seenPost(asked, title, null).text).toEqual({ found: ['@acme'], missing: [] });
  });

  it('is an answer only to a request that asks for no more', () => {
    const kept = { text: seen.text, digest: digestOf('x-1', asked, post({})) };
    expect(answers(undefined, undefined)).toBe(true);
    expect(answers(asked, undefined)).toBe(false);
    expect(answers(asked, kept)).toBe(true);
    expect(answers({ ...asked, fresh: true }, kept)).toBe(false);
    expect(answers({ text: ['#other'] }, kept)).toBe(false);
  });
});
