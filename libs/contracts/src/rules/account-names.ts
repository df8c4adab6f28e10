import type { AccountName } from '../events/creator.js';
import { derivedId } from '../ids.js';
import type { Platform } from '../platform.js';

/** Handles are compared so: platforms ignore case, and show some letters in two forms. */
export const handleKey = (handle: string): string =>
  handle.trim().replace(/^@/, '').normalize('NFKC').toLowerCase();

/**
 * Whether two names are of one account. Ids decide if both have one: a handle that one account
 * leaves goes to somebody else.
 */
export function isSameAccount(a: AccountName, b: AccountName): boolean {
  if (a.externalId !== null && b.externalId !== null) return a.externalId === b.externalId;
  return a.handle !== null && b.handle !== null && handleKey(a.handle) === handleKey(b.handle);
}

/** Ids of the account, one by each of its names. */
export const accountIdsOf = (platform: Platform, { handle, externalId }: AccountName): string[] => [
  ...(externalId === null ? [] : [derivedId('account', platform, 'id', externalId)]),
  ...(handle === null ? [] : [derivedId('account', platform, 'handle', handleKey(handle))]),
];

const CODE = /\bcliptally-[0-9a-f]{10}\b/gi;
const MOST_CODES = 5;

/** What proves a claim; it follows from the claim's id. */
export const claimCode = (claimId: string): string =>
  `cliptally-${derivedId('claim-code', claimId).replaceAll('-', '').slice(0, 10)}`;

/** The codes of claims that texts have in them. */
export const codesIn = (...texts: readonly string[]): string[] =>
  [...new Set(texts.flatMap((text) => text.match(CODE) ?? []).map((code) => code.toLowerCase()))]
    .toSorted()
    .slice(0, MOST_CODES);
