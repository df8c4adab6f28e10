import { describe, expect, it } from '@jest/globals';
import type { AnomalyFound, CampaignTerms } from '@cliptally/contracts';
import { BY_REVIEW, decideDueReview, reviewAtOf } from './due-review.js';
import { ADMIN, ended, fact, given, held, launched, observed, on, released, retired, submitted, terms, type SettlementFact } from './testing/facts.js'; // prettier-ignore

const CLIP = 'tiktok-a';
const ODD: AnomalyFound = { score: 80, threshold: 60, reasons: [] };
const byRules = (time: string) =>
  fact(
    'ClipHeld',
    { clipId: CLIP, platform: 'tiktok', campaignId: 'spring', reason: 'odd', reviewAt: on(4), anomaly: ODD, by: 'cliptally:anomaly' },
    time,
  ); // prettier-ignore

/** What is decided at `time`, of a clip that was submitted on the 1st to a campaign of 48 hours. */
function due(
  time: string,
  facts: SettlementFact[] = [],
  { anomaly = null, ...change }: Partial<CampaignTerms> & { anomaly?: AnomalyFound | null } = {},
) {
  const { campaign, clips } = given(launched({ reviewHours: 48, ...change }), submitted(CLIP), ...facts); // prettier-ignore
  return decideDueReview(clips.get(CLIP)!, campaign, anomaly, new Date(time));
}

describe('at its deadline a submission', () => {
  it('is approved if nothing is odd, and not before', () => {
    expect(due(on(2, 23))).toEqual([]);
    expect(due(on(3))).toMatchObject([{ type: 'ClipApproved', data: { by: BY_REVIEW } }]);
  });

  it('waits for a person if the terms have no deadline, as those of before the rule', () => {
    const { clips } = given(launched(), submitted(CLIP));
    for (const reviewHours of [null, undefined])
      expect(reviewAtOf(clips.get(CLIP)!, terms({ reviewHours }))).toBeNull();
    expect(due(on(30), [], { reviewHours: null })).toEqual([]);
  });

  it('is held with the reasons if something is odd', () => {
    expect(due(on(3), [], { anomaly: ODD })).toMatchObject([
      { type: 'ClipHeld', data: { by: 'cliptally:anomaly', anomaly: ODD, reviewAt: on(6) } },
    ]);
    const gone = due(on(3), [retired(CLIP, on(2))]);
    expect(gone).toMatchObject([{ data: { by: BY_REVIEW, reason: expect.stringContaining('gone') } }]); // prettier-ignore
    const old = observed(CLIP, 4_000_000, on(2), { postedAt: '2023-03-01T00:00:00.000Z' });
    expect(due(on(3), [old], { oldPosts: 'count' })).toMatchObject([
      { type: 'ClipHeld', data: { reason: expect.stringContaining('posted on 2023-03-01') } },
    ]);
    expect(due(on(3), [old], { oldPosts: 'first_observation' })).toMatchObject([
      { type: 'ClipApproved' },
    ]);
    expect(due(on(3), [ended(on(2))])).toMatchObject([
      { type: 'ClipHeld', data: { reason: expect.stringContaining('is ENDED') } },
    ]);
  });

  it('is approved once a person has released it, whatever was odd', () => {
    const facts = [retired(CLIP, on(2)), held(CLIP, on(3)), released(CLIP, on(3, 1))];
    expect(due(on(4), facts)).toEqual([]);
    const old = observed(CLIP, 4_000_000, on(2), { postedAt: '2023-03-01T00:00:00.000Z' });
    expect(due(on(4), [old, held(CLIP, on(3)), released(CLIP, on(3, 1))], { oldPosts: 'count' })).toMatchObject([{ type: 'ClipApproved' }]); // prettier-ignore
  });
});

describe('at its date of review a hold', () => {
  it('of the anomaly rules ends if they find nothing any more, else it stays', () => {
    expect(due(on(3, 23), [byRules(on(1))])).toEqual([]);
    expect(due(on(4), [byRules(on(1))])).toMatchObject([
      { type: 'ClipReleased', data: { by: BY_REVIEW } },
    ]);
    expect(due(on(4), [byRules(on(1))], { anomaly: ODD })).toEqual([]);
  });

  it('of a person stays until a person has decided', () => {
    expect(held(CLIP, on(1)).data.by).toBe(ADMIN);
    expect(due(on(29), [held(CLIP, on(1))])).toEqual([]);
  });
});
