import { describe, expect, it } from '@jest/globals';
import type { CampaignTerms } from '@cliptally/contracts';
import { settle } from './settlement.js';
import { accepted, and, ended, eventsOf, given, held, launched, observed, on, paused, recorded, rejected, retired, submitted, type SettlementFact } from './testing/facts.js'; // prettier-ignore
import { reasonsOf, scrapedFrom, type Known } from './why.js';

const CLIP = 'tiktok-a';
const NOTHING: Known = { validating: null,
  post: null, takenByCreator: 0, payable: { amount: 0, minimum: 0, kept: [] } }; // prettier-ignore
const settled = (state: ReturnType<typeof given>) =>
  and(state, recorded(eventsOf(settle(state, new Date(on(5)))), on(5)));
const why = (state: ReturnType<typeof given>, known: Partial<Known> = {}, time = on(5)) =>
  reasonsOf(state.clips.get(CLIP)!, state.campaign, { ...NOTHING, ...known }, new Date(time));
const codes = (facts: SettlementFact[], change: Partial<CampaignTerms> = {}, known: Partial<Known> = {}, time = on(5)) =>
  why(given(launched(change), ...facts), known, time).map(({ code }) => code); // prettier-ignore
const seen = [...accepted(CLIP), observed(CLIP, 10_000, on(4))];

describe('what keeps a clip', () => {
  it('is its review, with the deadline', () => {
    const state = given(launched({ reviewHours: 48 }), submitted(CLIP));
    expect(why(state)).toEqual([
      { code: 'pending', sentence: `It waits for its review, at most until ${on(3)}.` },
    ]);
    expect(why(given(launched(), submitted(CLIP), rejected(CLIP)))).toEqual([
      {
        code: 'rejected',
        sentence:
          'It was rejected and earns nothing: no hashtag. Its creator can object to that, once.',
      },
    ]);
    expect(codes([...accepted(CLIP), held(CLIP, on(2))])).toContain('held');
    expect(codes([...accepted(CLIP), retired(CLIP, on(2))])).toContain('retired');
  });

  it('says what became of an objection', () => {
    const { campaign, clips } = given(launched(), submitted(CLIP), rejected(CLIP));
    const said = (answer: { granted: boolean; reason: string; at: string } | null) =>
      reasonsOf({ ...clips.get(CLIP)!, appeal: { at: on(3), text: 'look', answer } }, campaign, NOTHING, new Date(on(5)))[0]!.sentence;
    expect(said(null)).toContain(`The objection of ${on(3)} waits for an answer.`);
    expect(said({ granted: false, reason: 'seen twice', at: on(4) })).toContain('The objection was refused: seen twice.');
  }); // prettier-ignore

  it('says from when on it is scraped, as the scheduler does', () => {
    const from = (facts: SettlementFact[], change: Partial<CampaignTerms> = {}, known: Partial<Known> = {}) => {
      const state = given(launched(change), ...facts);
      const at = scrapedFrom(state.clips.get(CLIP)!, state.campaign, why(state, known), new Date(on(5)));
      return at === null ? null : new Date(at).toISOString();
    };
    const begun = given(launched()).campaign.terms.startsAt;
    expect(from([submitted(CLIP)])).toBe(new Date(begun).toISOString());
    expect(from([submitted(CLIP)], { startsAt: on(9) })).toBe(on(9));
    expect(from([...accepted(CLIP), held(CLIP, on(2))])).not.toBeNull();
    for (const facts of [
      [submitted(CLIP), rejected(CLIP)],
      [...accepted(CLIP), retired(CLIP, on(2))],
      [...seen, paused(on(4))],
      [submitted(CLIP), ended(on(4))],
    ])
      expect(from(facts)).toBeNull();
    expect(from(seen, { trackingDays: 4 })).toBeNull();
    expect(from(seen, { maxPayoutPerClip: 1000 })).toBeNull();
    expect(from(seen, { maxPayoutPerCreator: 1000 }, { takenByCreator: 1000 })).toBeNull();
  }); // prettier-ignore

  it('is its campaign: not begun, paused, over, or its days', () => {
    expect(codes([...accepted(CLIP)], { startsAt: on(9) })).toEqual(['not_started']);
    expect(codes([...seen, paused(on(4))])).toEqual(['campaign_paused']);
    const over = why(settled(given(launched(), ...seen, ended(on(5)))));
    expect(over).toMatchObject([{ code: 'window_over', sentence: expect.stringContaining('the end of the campaign') }]); // prettier-ignore
    expect(codes(seen, { trackingDays: 4 })).toEqual(['window_over', 'settling']);
  });

  it('is its views: none, too few, or enough', () => {
    expect(codes(accepted(CLIP))).toEqual(['not_seen']);
    expect(codes(seen, { minViews: 20_000 })).toEqual(['below_min_views']);
    expect(codes(seen, { maxPayoutPerClip: 1000 })).toEqual(['at_cap', 'settling']);
    expect(codes(seen, { maxPayoutPerCreator: 1000 }, { takenByCreator: 1000 })).toContain('at_creator_cap'); // prettier-ignore
  });

  it('is the money: due, gone, validated or too little to be paid out', () => {
    expect(codes(seen)).toEqual(['settling']);
    expect(why(settled(given(launched({ budget: 1500 }), ...seen)))).toEqual([
      { code: 'budget_gone', sentence: 'The budget is used up: 5.00 USD is due, and is paid if the brand adds to it.' },
    ]); // prettier-ignore
    const validating = { amount: 2000, until: on(8) };
    const kept = [{ campaignId: 'spring', amount: 2000, minimum: 5000 }];
    const known = { validating, payable: { amount: 0, minimum: 5000, kept } };
    expect(why(settled(given(launched(), ...seen)), known).map(({ sentence }) => sentence)).toEqual([
      `20.00 USD can be paid out from ${on(8)} on.`,
      '20.00 USD of this campaign can be paid out from 50.00 USD on, or when all campaigns of the creator are over.',
    ]); // prettier-ignore
  });

  it('is nothing if all is paid and views still count', () => {
    expect(why(settled(given(launched(), ...seen)))).toEqual([]);
  });
});
