import { claimCode, isSameAccount, type AccountName, type Platform } from '@cliptally/contracts';
import type { Decided, Fact } from './fact.js';
import { conflict, malformed, requireText, rule } from './rule-broken.js';

/** A creator's claim to an account of a platform. */
export interface Account extends AccountName {
  claimId: string;
  creatorId: string;
  platform: Platform;
  /** What proves it, in the account's bio or in the caption of one of its clips. */
  code: string;
  status: 'CLAIMED' | 'VERIFIED' | 'RELEASED';
  proof: 'code' | 'admin' | null;
  claimedAt: string;
  verifiedAt: string | null;
  /** Why it is the creator's no more. */
  reason: string | null;
}

export type AccountFact = Fact<'AccountClaimed' | 'AccountVerified' | 'AccountReleased'>;

/** `by` of what a code has proved. */
export const BY_CODE = 'cliptally:accounts';
const MOST_ACCOUNTS = 30;

/** The claim after one more event of its creator's stream that is about it. */
export function evolveAccount(account: Account | null, fact: AccountFact): Account {
  if (fact.type === 'AccountClaimed') {
    const { by: _, ...data } = fact.data;
    const rest = { proof: null, verifiedAt: null, reason: null } as const;
    return { ...data, status: 'CLAIMED', claimedAt: fact.time, ...rest };
  }
  if (!account)
    throw new Error(`${fact.type} of the account claim "${fact.data.claimId}" came before it.`);
  if (fact.type === 'AccountReleased')
    return { ...account, status: 'RELEASED', reason: fact.data.reason };
  const { handle, externalId, proof } = fact.data;
  return { ...account, handle, externalId, proof, status: 'VERIFIED', verifiedAt: fact.time };
}

/** As people know it: "@ann" on "tiktok". */
export const shownName = ({ handle, externalId }: AccountName): string =>
  handle === null ? `the account ${externalId}` : `@${handle}`;

const HANDLE = /^[\p{L}\p{M}\p{N}._-]{1,100}$/u;
const ID = /^[\w-]{1,100}$/;

/** The account that a creator names by its handle, by the address of its page, or by its id. */
export function accountNameOf(
  platform: Platform,
  {
    handle = null,
    externalId = null,
  }: Partial<Record<keyof AccountName, string | null | undefined>>,
): AccountName {
  const given = handle === null ? { handle, externalId: null } : handleIn(platform, handle.trim());
  const name = { handle: given.handle, externalId: externalId ?? given.externalId };
  if (name.handle !== null && !HANDLE.test(name.handle))
    throw malformed('handle', 'handle must be the name of an account, such as "@ann", or the address of its page.'); // prettier-ignore
  if (name.externalId !== null && !ID.test(name.externalId))
    throw malformed('externalId', 'externalId must be the id that the platform gives the account.');
  if (name.handle === null && name.externalId === null)
    throw malformed('handle', 'handle is needed, or externalId: say which account it is.');
  return name;
}

function handleIn(platform: Platform, text: string): AccountName {
  if (!/[/?]/.test(text)) return { handle: text.replace(/^@/, ''), externalId: null };
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  const [first = '', second = ''] = url?.pathname.split('/').filter(Boolean) ?? [];
  if (platform === 'youtube' && first === 'channel') return { handle: null, externalId: second };
  if (platform === 'facebook' && first === 'profile.php')
    return { handle: null, externalId: url!.searchParams.get('id') };
  const plain = decoded(first).replace(/^@/, '');
  return { handle: plain, externalId: null };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface Claim extends AccountName {
  creatorId: string;
  platform: Platform;
  by: string;
}

const isOpen = ({ status }: Account): boolean => status !== 'RELEASED';

/** The creator's own claim to the account, if it has one that stands. */
export const claimTo = (
  own: readonly Account[],
  { platform, ...name }: AccountName & { platform: Platform },
): Account | undefined =>
  own.find((one) => isOpen(one) && one.platform === platform && isSameAccount(one, name));

/** Nothing where the creator has claimed the account already. */
export function decideClaim(
  own: readonly Account[],
  claim: Claim,
  claimId: string,
): Decided<'AccountClaimed'>[] {
  if (claimTo(own, claim)) return [];
  if (own.filter(isOpen).length >= MOST_ACCOUNTS)
    throw conflict(
      'too_many_accounts',
      `There are ${MOST_ACCOUNTS} accounts of "${claim.creatorId}" already: release one first.`,
    );
  return [{ type: 'AccountClaimed', data: { ...claim, claimId, code: claimCode(claimId) } }];
}

export interface Verification {
  /** What a source has read of the account; the claim's own name without it. */
  name?: AccountName;
  proof: 'code' | 'admin';
  /** Whether the account is taken from the creator who has it. */
  takeOver?: boolean;
  by: string;
}

/** The names of the account as far as they are known. */
export const namesOf = (account: Account, name: AccountName = account): AccountName => ({
  handle: name.handle ?? account.handle,
  externalId: name.externalId ?? account.externalId,
});

/**
 * Makes the account the creator's. `owners` are the verified claims to any of its names: those of
 * another creator are refused, or released where an admin takes the account over.
 */
export function decideVerification(
  account: Account,
  owners: readonly Account[],
  { name, proof, takeOver = false, by }: Verification,
): Decided<'AccountVerified' | 'AccountReleased'>[] {
  if (account.status === 'RELEASED')
    throw conflict(
      'account_released',
      `The claim to ${shownName(account)} was released: claim the account again.`,
    );
  if (account.status === 'VERIFIED') return [];
  const others = owners.filter(({ claimId }) => claimId !== account.claimId);
  const rival = others.find(({ creatorId }) => creatorId !== account.creatorId);
  if (rival && !takeOver)
    throw conflict(
      'account_owned',
      `${shownName(account)} on ${account.platform} is an account of another creator: an admin can take it over.`,
    );
  const { claimId, creatorId, platform } = account;
  return [
    ...others.map((one) => released(one, { reason: `It is an account of ${creatorId} now.`, by })),
    {
      type: 'AccountVerified',
      data: { creatorId, claimId, platform, ...namesOf(account, name), proof, by },
    },
  ];
}

/** Nothing where it was released before. */
export function decideAccountRelease(
  account: Account,
  { reason, by }: { reason: string; by: string },
): Decided<'AccountReleased'>[] {
  requireText(reason, 'reason');
  return isOpen(account) ? [released(account, { reason, by })] : [];
}

function released(
  { creatorId, claimId, platform, handle, externalId, status }: Account,
  { reason, by }: { reason: string; by: string },
): Decided<'AccountReleased'> {
  const verified = status === 'VERIFIED';
  const data = { creatorId, claimId, platform, handle, externalId, verified, reason, by };
  return { type: 'AccountReleased', data };
}

/** Throws unless a scrape of a clip can read the account: one of its platform has to be known. */
export function requireClip(account: Account, clipId: string | null): string {
  if (clipId !== null) return clipId;
  throw rule(
    'no_clip_to_read',
    'id',
    `No clip of "${account.creatorId}" on ${account.platform} is scraped: submit one of ${shownName(account)}, or ask an admin.`,
  );
}
