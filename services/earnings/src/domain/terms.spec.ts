import { describe, expect, it } from '@jest/globals';
import type { CampaignTerms } from '@cliptally/contracts';
import { settle, type Settlement } from './settlement.js';
import { explain } from './explain.js';
import { accepted, amountsOf, and, approved, eventsOf, given, launched, linesOf, observed, on, recorded, refusal, submitted, terms } from './testing/facts.js'; // prettier-ignore
import { decideLaunch } from './campaign.js';
import { decideSubmission } from './submission.js';
import { statementOf } from './testing/ledger.js';

const [A, B] = ['tiktok-a', 'tiktok-b'] as const;
const now = new Date(on(5));
const settled = (state: Settlement, at = now): Settlement =>
  and(state, recorded(eventsOf(settle(state, at)), at.toISOString()));
/** A campaign of the 1st, with a clip that was approved on the 2nd and posted then. */
const posted = (postedAt: string, change: Partial<CampaignTerms> = {}) =>
  given(
    launched({ oldPosts: 'first_observation', ...change }),
    accepted(A, { time: on(2) }),
    observed(A, 4_000_000, on(3), { postedAt }),
    observed(A, 4_010_000, on(4), { postedAt }),
  );

describe('a post that is older than the campaign', () => {
  it('D4: counts from the first observation unless the terms say otherwise', () => {
    const threeYears = '2023-03-01T00:00:00.000Z';
    expect(amountsOf(settle(posted(threeYears), now))).toEqual({ [A]: 2000 });
    expect(linesOf(settle(posted(threeYears), now))[0]).toMatchObject({
      fromViews: 4_000_000,
      basis: { baseline: 4_000_000, earned: 2000 },
    });
    const counted = posted(threeYears, { oldPosts: 'count', budget: 1_000_000 });
    expect(amountsOf(settle(counted, now))).toEqual({ [A]: 802_000 });
  });

  it('counts all its views if it was posted later, or nobody knows when', () => {
    const large = { budget: 1_000_000 };
    expect(amountsOf(settle(posted(on(1), large), now))).toEqual({ [A]: 802_000 });
    const unknown = given(launched({ oldPosts: 'first_observation', ...large }), accepted(A), observed(A, 5000, on(3))); // prettier-ignore
    expect(amountsOf(settle(unknown, now))).toEqual({ [A]: 1000 });
  });

  it('is also one that was posted too long before its submission', () => {
    expect(amountsOf(settle(posted(on(1), { maxPostAgeHours: 23 }), now))).toEqual({ [A]: 2000 });
    const young = posted(on(1), { maxPostAgeHours: 24, budget: 1_000_000 });
    expect(amountsOf(settle(young, now))).toEqual({ [A]: 802_000 });
  });

  it('gives back what was paid before its age was known', () => {
    const before = settled(given(launched({ oldPosts: 'first_observation' }), accepted(A), observed(A, 5000, on(3)))); // prettier-ignore
    const after = and(before, observed(A, 6000, on(4), { postedAt: '2026-02-01T00:00:00.000Z' }));
    const [reversed] = eventsOf(settle(after, now));
    expect(reversed).toMatchObject({
      type: 'EarningsReversed',
      data: {
        total: 800,
        lines: [{ reason: expect.stringContaining('was posted on 2026-02-01') }],
      },
    });
  });

  it('is refused nothing else: a campaign of before the rule counts as it did', () => {
    const before = given(launched({ budget: 1_000_000 }), accepted(A), observed(A, 4_000_000, on(3), { postedAt: '2023-03-01T00:00:00.000Z' })); // prettier-ignore
    expect(amountsOf(settle(before, now))).toEqual({ [A]: 800_000 });
    const launch = { campaignId: 'c', brandId: 'b', name: 'n', terms: terms({ startsAt: on(1) }) };
    expect(decideLaunch(null, launch, now)).toMatchObject([
      { data: { terms: { oldPosts: 'first_observation' } } },
    ]);
  });
});

describe('a flat fee and milestones', () => {
  const change = { flatFee: 500, milestones: [{ views: 5000, bonus: 1000 }, { views: 50_000, bonus: 9000 }], minViews: 1000 }; // prettier-ignore
  const seen = (views: number, more: Partial<CampaignTerms> = {}) =>
    given(launched({ ...change, ...more }), accepted(A), observed(A, views, on(4)));

  it('are due beside the rate, the fee once the approved clip was seen', () => {
    expect(amountsOf(settle(seen(999), now))).toEqual({ [A]: 500 });
    expect(amountsOf(settle(seen(4999), now))).toEqual({ [A]: 500 + 999 });
    expect(amountsOf(settle(seen(5000), now))).toEqual({ [A]: 500 + 1000 + 1000 });
    expect(amountsOf(settle(seen(50_000), now))).toEqual({ [A]: 500 + 10_000 + 10_000 });
    expect(settle(given(launched(change), accepted(A)), now).kind).toBe('nothing');
  });

  it('count within the most for a clip, and bonuses by counted views', () => {
    expect(amountsOf(settle(seen(50_000, { maxPayoutPerClip: 2000 }), now))).toEqual({ [A]: 2000 });
    const first = given(launched({ ...change, countFrom: 'approval' }), accepted(A), observed(A, 40_000, on(3)), observed(A, 44_999, on(4))); // prettier-ignore
    expect(amountsOf(settle(first, now))).toEqual({ [A]: 500 + 999 });
  });

  it('stand in the basis of the line and in its sentence', () => {
    const [accrued] = recorded(eventsOf(settle(seen(5000), now)), on(5));
    const [line] = statementOf({ clipId: A }, [launched(change), accrued as never]);
    expect(line).toMatchObject({ basis: { flat: 500, bonus: 1000, earned: 2500 } });
    expect(explain(line!)).toContain(
      'In all 25.00 USD for 5,000 views, 5.00 USD for the approved clip and 10.00 USD for milestones included',
    );
  });

  it('share the end of the budget like views', () => {
    const ends = given(launched({ flatFee: 500, budget: 700 }), accepted(A), accepted(B), observed(A, 0, on(3)), observed(B, 0, on(3))); // prettier-ignore
    expect(amountsOf(settle(ends, now))).toEqual({ [A]: 350, [B]: 350 });
  });

  it('make a campaign without a rate, in the order of their views', () => {
    const launch = (more: object) => () =>
      decideLaunch(null, { campaignId: 'c', brandId: 'b', name: 'n', terms: { ...terms(), ...more } }, now); // prettier-ignore
    expect(launch({ ratePerThousand: { default: 0 }, flatFee: 500 })()).toHaveLength(1);
    const twice = [{ views: 10, bonus: 1 }, { views: 10, bonus: 2 }]; // prettier-ignore
    expect(refusal(launch({ milestones: twice })).faults).toMatchObject([{ field: 'milestones' }]);
  });
});

describe('the most for a creator', () => {
  const both = (views: Record<string, number>, change: Partial<CampaignTerms> = {}) =>
    given(
      launched({ maxPayoutPerCreator: 2500, ...change }),
      submitted(A), approved(A, on(2)), submitted(B), approved(B, on(1)),
      ...Object.entries(views).map(([clip, count]) => observed(clip, count, on(4))),
    ); // prettier-ignore

  it('is shared by its clips, the earlier approval first, and says what was left', () => {
    const decision = settle(both({ [A]: 10_000, [B]: 10_000 }), now);
    expect(amountsOf(decision)).toEqual({ [B]: 2000, [A]: 500 });
    expect(linesOf(decision).map(({ basis }) => basis!.creatorRoom)).toEqual([500, 2500]);
    const after = settled(both({ [A]: 10_000, [B]: 10_000 }));
    expect(settle(and(after, observed(A, 90_000, on(5))), now).kind).toBe('nothing');
  });

  it('keeps nothing from the others', () => {
    const state = and(both({ [A]: 40_000 }, { budget: 4000 }), submitted('tiktok-c', { creatorId: 'bob' }), approved('tiktok-c', on(2)), observed('tiktok-c', 7500, on(4))); // prettier-ignore
    expect(amountsOf(settle(state, now))).toEqual({ [A]: 2500, 'tiktok-c': 1500 });
  });
});

it('takes clips of its platforms only', () => {
  const { campaign } = given(launched({ platforms: ['youtube'] }));
  const submit = (platform: 'tiktok' | 'youtube') =>
    decideSubmission([], { platform, videoId: 'a', url: 'https://example.com/a', submittedUrl: 'a', campaignId: 'spring', creatorId: 'ann' }, campaign, now); // prettier-ignore
  expect(submit('youtube')).toHaveLength(1);
  expect(refusal(() => submit('tiktok'))).toMatchObject({ kind: 'rule', code: 'platform_refused' });
});
