import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keysIn, taxKeysOf } from './tax-keys.js';
import { open, seal } from './tax-seal.js';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const PRODUCTION = { NODE_ENV: 'production' };
const inline = (text: string) => taxKeysOf({ TAX_PROFILE_KEYS: text }, PRODUCTION)!;

describe('the keys of tax profiles', () => {
  it('are several, the first for new profiles, in a variable or in a file', () => {
    const dir = mkdtempSync(join(tmpdir(), 'cliptally-keys-'));
    try {
      const file = join(dir, 'keys');
      writeFileSync(file, `b:${key(2)}\na:${key(1)}\n`);
      const read = taxKeysOf({ TAX_PROFILE_KEYS_FILE: file }, PRODUCTION)!;
      expect(read).toEqual(inline(`b:${key(2)},a:${key(1)}`));
      expect([read.current, [...read.keys.keys()]]).toEqual(['b', ['b', 'a']]);
      expect(() =>
        taxKeysOf({ TAX_PROFILE_KEYS: `a:${key(1)}`, TAX_PROFILE_KEYS_FILE: file }, {}),
      ).toThrow('both set');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('are needed in production alone', () => {
    expect(() => taxKeysOf({}, PRODUCTION)).toThrow(
      'Neither TAX_PROFILE_KEYS nor TAX_PROFILE_KEYS_FILE is set',
    );
    expect(taxKeysOf({}, {})).toBeNull();
  });

  it.each([
    ['no id', key(1), 'key 1 must be an id'],
    ['too short', `a:${Buffer.alloc(16, 1).toString('base64')}`, 'key 1 ("a") must be 32 bytes'],
    ['too long', `a:${Buffer.alloc(33, 1).toString('base64')}`, 'key 1 ("a") must be 32 bytes'],
    ['not base64', `a:${'!'.repeat(44)}`, 'key 1 ("a") must be 32 bytes'],
    ['cut off', `a:${key(1)},b:${key(2).slice(0, -2)}`, 'key 2 ("b") must be 32 bytes'],
    ['twice an id', `a:${key(1)},a:${key(2)}`, 'key 2 has the id "a" of another key'],
    ['nothing', ',', 'TAX_PROFILE_KEYS has no key'],
  ])('are refused by name and not by value: %s', (_, text, fault) => {
    let message = '';
    try {
      inline(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(fault);
    for (const part of text.split(/[,:]/).filter((one) => one.length > 2))
      expect(message).not.toContain(part);
  });

  it('are named if their file cannot be read', () => {
    expect(() => taxKeysOf({ TAX_PROFILE_KEYS_FILE: '/nowhere/keys' }, PRODUCTION)).toThrow(
      'TAX_PROFILE_KEYS_FILE: the file cannot be read (ENOENT)',
    );
  });
});

describe('what is sealed', () => {
  const keys = keysIn(`a:${key(1)}`, 'test');
  const ann = { creatorId: 'ann', changedAt: new Date('2026-03-01T00:00:00Z') };
  const sealed = seal('a secret', ann, keys);

  it('opens for whom it was sealed, and no two seals are alike', () => {
    expect(open(sealed, ann, keys)).toBe('a secret');
    expect(seal('a secret', ann, keys).sealed).not.toEqual(sealed.sealed);
  });

  it.each([
    ['another creator', sealed, { ...ann, creatorId: 'bob' }, keys],
    ['another year', sealed, { ...ann, changedAt: new Date('2027-03-01T00:00:00Z') }, keys],
    ['another key of the same id', sealed, ann, keysIn(`a:${key(2)}`, 'test')],
    ['another id of the same key', { ...sealed, keyId: 'b' }, ann, keysIn(`b:${key(1)}`, 'test')],
    ['no such key', sealed, ann, keysIn(`b:${key(2)}`, 'test')],
    ['no keys', sealed, ann, null],
    ['nothing left', { ...sealed, sealed: Buffer.alloc(0) }, ann, keys],
    ['a part of the tag', { ...sealed, sealed: sealed.sealed.subarray(0, -12) }, ann, keys],
    ...Array.from({ length: sealed.sealed.length }, (_, i) => {
      const changed = Buffer.from(sealed.sealed);
      changed[i]! ^= 1;
      return [`byte ${i} changed`, { ...sealed, sealed: changed }, ann, keys] as const;
    }),
  ] as const)(
    'does not open with %s, and the fault says nothing of it',
    (_, what, of, withKeys) => {
      expect(() => open(what, of, withKeys)).toThrow(
        /^it is sealed with the key|^its row was changed/,
      );
    },
  );
});
