import type { CampaignTerms, SeenPost } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Account } from './account.js';
import { BY_ELIGIBILITY } from './clip.js';
import { decideEligibility, shortfallsOf, unknownsOf } from './eligibility.js';
import { ADMIN, accepted, and, CAMPAIGN, eventId, fact, given, launched, on, recorded, rejected, submitted } from './testing/facts.js'; // prettier-ignore

const CLIP = 'tiktok-1';
const NOW = new Date(on(5));
const seen = (more: Partial<SeenPost> = {}): SeenPost => ({
  account: { handle: 'ann.clips', externalId: '73' },
  codes: [],
  text: null,
  ...more,
});
const owned = (handle: string | null, externalId: string | null = null): Account[] => [
  { handle, externalId, claimId: eventId(9), creatorId: 'ann', platform: 'tiktok', code: 'c', status: 'VERIFIED', proof: 'code', claimedAt: on(1), verifiedAt: on(1), reason: null },
]; // prettier-ignore
const state = (terms: Partial<CampaignTerms>, ...facts: Parameters<typeof given>) =>
  given(launched(terms), ...facts);
const entryOf = (of: ReturnType<typeof given>) => of.clips.get(CLIP)!;
const decide = (of: ReturnType<typeof given>, post: SeenPost | null, accounts: Account[] = []) =>
  decideEligibility(entryOf(of), of.campaign, { post, owned: accounts }, NOW);

describe('a campaign that asks for a clip of the own account', () => {
  const terms = { requireOwnedAccount: true };
  const clip = state(terms, accepted(CLIP));

  it('holds a clip of another account once it is known, and says whose', () => {
    expect(decide(clip, null)).toEqual([]);
    expect(decide(clip, seen(), owned('ann.clips'))).toEqual([]);
    expect(decide(clip, seen({ account: { handle: 'new.name', externalId: '73' } }), owned(null, '73'))).toEqual([]); // prettier-ignore
    expect(decide(clip, seen(), owned('zoe'))).toMatchObject([
      { type: 'ClipHeld', data: { code: 'foreign_author', reason: 'The clip is on @ann.clips, which "ann" has not proved to own.', by: BY_ELIGIBILITY, reviewAt: on(8) } },
    ]); // prettier-ignore
    expect(decide(state({}, accepted(CLIP)), seen())).toEqual([]);
  });

  it('holds it before its review too, and nothing that was rejected', () => {
    expect(decide(state(terms, submitted(CLIP)), seen())).toMatchObject([{ type: 'ClipHeld' }]);
    expect(decide(state(terms, submitted(CLIP), rejected(CLIP)), seen())).toEqual([]);
  });

  it('releases it when the account is proved, and holds it anew if it is released', () => {
    const held = and(clip, recorded(decide(clip, seen()), on(5)));
    expect(decide(held, seen())).toEqual([]);
    const free = and(held, recorded(decide(held, seen(), owned('ann.clips')), on(6)));
    expect(entryOf(free)).toMatchObject({ hold: null, cleared: null });
    expect(decide(free, seen(), owned('zoe'))).toMatchObject([{ type: 'ClipHeld' }]);
  });

  it('holds no clip again that a person has released, nor one that a person holds', () => {
    const held = and(clip, recorded(decide(clip, seen()), on(5)));
    const named = { clipId: CLIP, platform: 'tiktok', campaignId: CAMPAIGN, by: ADMIN } as const;
    const free = and(held, fact('ClipReleased', named, on(6)));
    expect(entryOf(free).cleared).toMatchObject({ rules: ['foreign_author'] });
    expect(decide(free, seen())).toEqual([]);
    const byPerson = fact('ClipHeld', { ...named, reason: 'odd', reviewAt: on(9) }, on(5));
    expect(decide(and(clip, byPerson), seen())).toEqual([]);
    expect(decide(and(clip, byPerson), seen(), owned('ann.clips'))).toEqual([]);
  });

  it('says where a source does not say whose account it is', () => {
    expect(decide(clip, seen({ account: null }))).toEqual([]);
    expect(unknownsOf(clip.campaign.terms, seen({ account: null }))).toEqual(['author_unknown']);
    expect(unknownsOf(clip.campaign.terms, null)).toEqual([]);
    expect(unknownsOf(clip.campaign.terms, seen())).toEqual([]);
  });
});

describe('a campaign that asks for a text', () => {
  const terms = { requiredText: ['#ad', '@acme'] };
  const clip = state(terms, accepted(CLIP));
  const lacking = (text: SeenPost['text']) =>
    shortfallsOf(entryOf(clip), clip.campaign.terms, { post: seen({ text }), owned: [] });

  it('holds a clip whose caption has none of it, until it has', () => {
    expect(lacking({ found: ['@acme'], missing: ['#ad'] })).toEqual([]);
    expect(lacking({ found: [], missing: ['@acme', '#ad', '#other'] })).toEqual([
      { code: 'missing_text', reason: 'The caption has none of #ad, @acme.' },
    ]);
    const held = and(clip, recorded(decide(clip, seen({ text: { found: [], missing: ['#ad', '@acme'] } })), on(5))); // prettier-ignore
    expect(entryOf(held).hold).toMatchObject({ code: 'missing_text' });
    expect(decide(held, seen({ text: { found: ['#ad'], missing: [] } }))).toMatchObject([{ type: 'ClipReleased' }]); // prettier-ignore
  });

  it('says if nobody has read the caption, or not for all of it', () => {
    for (const text of [null, { found: [], missing: ['#ad'] }]) {
      expect(lacking(text)).toEqual([]);
      expect(unknownsOf(clip.campaign.terms, seen({ text }))).toEqual(['text_unknown']);
    }
  });
});
