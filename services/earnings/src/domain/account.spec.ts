import { claimCode } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import {
  accountNameOf,
  claimTo,
  decideAccountRelease,
  decideClaim,
  decideVerification,
  evolveAccount,
  type Account,
} from './account.js';
import type { Decided } from './fact.js';
import { eventId, fact, on, refusal } from './testing/facts.js';

const named = (handle: string | null, externalId: string | null = null) => ({ handle, externalId });
const claim = (creatorId: string, name = named('ann.clips'), n = 1): Account => {
  const claimId = eventId(n);
  const data = { creatorId, claimId, platform: 'tiktok' as const, ...name };
  const event = fact('AccountClaimed', { ...data, code: claimCode(claimId), by: creatorId }, on(1));
  return evolveAccount(null, event);
};
const after = (account: Account, events: readonly Decided[]): Account =>
  events
    .filter(({ data }) => 'claimId' in data && data.claimId === account.claimId)
    .reduce((one, { type, data }) => evolveAccount(one, fact(type, data as never, on(2)) as never), account); // prettier-ignore
const bySource = { proof: 'code', by: 'cliptally:accounts' } as const;
const verified = (account: Account) => after(account, decideVerification(account, [], bySource));

describe('the account that a creator names', () => {
  it.each([
    ['tiktok', '@Ann.Clips', named('Ann.Clips')],
    ['tiktok', 'https://www.tiktok.com/@ann.clips?lang=en', named('ann.clips')],
    ['youtube', 'youtube.com/@ann/shorts', named('ann')],
    ['youtube', 'https://www.youtube.com/@%EC%83%98', named('샘')],
    ['youtube', 'https://www.youtube.com/channel/UC38IQsAvIsxxjztdMZQtwHA', named(null, 'UC38IQsAvIsxxjztdMZQtwHA')],
    ['instagram', 'instagram.com/ann.clips/reels/', named('ann.clips')],
    ['x', 'https://x.com/ann', named('ann')],
    ['facebook', 'https://www.facebook.com/profile.php?id=61561816852392', named(null, '61561816852392')],
  ] as const)('%s: %s', (platform, handle, name) => {
    expect(accountNameOf(platform, { handle })).toEqual(name);
  }); // prettier-ignore

  it.each([{}, { handle: '@' }, { handle: 'ann clips' }, { handle: 'https://www.tiktok.com/' }])(
    'is refused if it is none: %j',
    (given) => {
      expect(refusal(() => accountNameOf('tiktok', given))).toMatchObject({ code: 'malformed', field: 'handle' }); // prettier-ignore
    },
  );
});

describe('a claim to an account', () => {
  it('has a code of its own, and is made once', () => {
    const asked = { creatorId: 'ann', platform: 'tiktok', ...named('ann.clips'), by: 'ann' } as const; // prettier-ignore
    const [made] = decideClaim([], asked, eventId(1));
    expect(made).toMatchObject({ type: 'AccountClaimed', data: { code: claimCode(eventId(1)) } });
    expect(decideClaim([claim('ann')], { ...asked, ...named('@ANN.clips') }, eventId(2))).toEqual([]); // prettier-ignore
    expect(claimTo([claim('ann')], { platform: 'x', ...named('ann.clips') })).toBeUndefined();
    const many = Array.from({ length: 30 }, (_, i) => claim('ann', named(`a${i}`), i));
    expect(refusal(() => decideClaim(many, asked, eventId(99))).code).toBe('too_many_accounts');
  });

  it('is proved by its code, and learns every name of the account', () => {
    const account = claim('ann');
    const events = decideVerification(account, [], { ...bySource, name: named('Ann.Clips', '73') });
    const proved = after(account, events);
    expect(proved).toMatchObject({ status: 'VERIFIED', proof: 'code', handle: 'Ann.Clips', externalId: '73', verifiedAt: on(2) }); // prettier-ignore
    expect(decideVerification(proved, [proved], bySource)).toEqual([]);
  });

  it('cannot be proved while another creator has the account; an admin takes it over', () => {
    const [his, hers] = [verified(claim('bob')), claim('ann', named('ann.clips'), 2)];
    for (const how of [bySource, { proof: 'admin', by: 'admin-1' }] as const)
      expect(refusal(() => decideVerification(hers, [his], how)).code).toBe('account_owned');
    const how = { proof: 'admin', takeOver: true, by: 'admin-1' } as const;
    const events = decideVerification(hers, [his], how);
    expect(events.map(({ type, data }) => [type, data.creatorId])).toEqual([
      ['AccountReleased', 'bob'],
      ['AccountVerified', 'ann'],
    ]);
    expect([after(his, events).status, after(hers, events).status]).toEqual(['RELEASED', 'VERIFIED']); // prettier-ignore
    expect(after(his, events).reason).toContain('ann');
  });

  it('of the same creator by another name is replaced', () => {
    const [byId, byHandle] = [verified(claim('ann', named(null, '73'))), claim('ann', named('ann.clips'), 2)]; // prettier-ignore
    const events = decideVerification(byHandle, [byId], { ...bySource, name: named('ann.clips', '73') }); // prettier-ignore
    expect(events.map(({ type }) => type)).toEqual(['AccountReleased', 'AccountVerified']);
  });

  it('ends with a release, and is made anew after it', () => {
    const account = verified(claim('ann'));
    const events = decideAccountRelease(account, { reason: 'sold', by: 'ann' });
    expect(events).toMatchObject([{ data: { verified: true, reason: 'sold' } }]);
    const gone = after(account, events);
    expect(decideAccountRelease(gone, { reason: 'sold', by: 'ann' })).toEqual([]);
    expect(refusal(() => decideVerification(gone, [], bySource)).code).toBe('account_released');
    expect(claimTo([gone], { platform: 'tiktok', ...named('ann.clips') })).toBeUndefined();
  });
});
