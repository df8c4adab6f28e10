import { describe, expect, it } from '@jest/globals';
import { decideAnomalyHold, examine, suspicionOf, thresholdOf } from './anomaly.js';
import type { ClipObservation } from './anomaly-rules.js';
import { dueOf, type ClipEntry } from './clip.js';
import { decideReversal } from './reversal.js';
import { settle } from './settlement.js';
import {
  accepted,
  ADMIN,
  and,
  eventId,
  eventsOf,
  given,
  launched,
  observed,
  netsOf,
  on,
  recorded,
  refusal,
  released,
  terms,
  type SettlementFact,
} from './testing/facts.js';
import { curve, rules } from './testing/observations.js';

describe('a clip without anything odd', () => {
  it('has a score of 0', () => {
    expect(examine('youtube', curve([2000, 5000, 9000, 14_000, 18_000]))).toEqual({
      score: 0,
      advice: 'none',
      reasons: [],
    });
  });

  it('is also one with less than 5,000 views or 3 observations: small figures jump by nature', () => {
    const bad = { likes: () => 0 };
    expect(rules('youtube', curve([10, 4999, 1], bad))).toEqual([]);
    expect(rules('youtube', curve([5000, 500_000], bad))).toEqual([]);
    expect(
      rules('youtube', [
        ...curve([5000, 500_000], bad),
        { ...curve([5000], bad)[0]!, id: eventId(9) },
      ]),
    ).toEqual([]);
    expect(rules('youtube', curve([5000, 5100, 500_000], bad))).not.toEqual([]);
  });
});

describe('each rule explains itself', () => {
  it('views x10 within hours', () => {
    expect(examine('youtube', curve([6000, 6500, 70_000, 80_000])).reasons).toEqual([
      {
        rule: 'views_tenfold',
        observed: 10.769,
        threshold: 10,
        window: { from: on(1, 4), to: on(1, 8) },
        eventIds: [eventId(2), eventId(3)],
        points: 30,
      },
    ]);
    expect(rules('youtube', curve([400, 6000, 30_000, 100_000]))).toEqual([]);
  });

  it('engagement under 1 %', () => {
    const bots = { likes: (v: number) => v * 0.008, comments: () => 10 };
    expect(examine('x', curve([9000, 12_000, 15_000], bots))).toMatchObject({ score: 20, advice: 'flag', reasons: [{ rule: 'low_engagement', observed: 0.009, threshold: 0.01 }] }); // prettier-ignore
  });

  it('hidden likes are unknown, not zero', () => {
    const hidden = { likes: () => undefined };
    expect(
      rules('instagram', curve([9000, 12_000, 15_000, 40_000], { ...hidden, comments: () => 3 })),
    ).toEqual([]);
    const hiddenLater = { likes: (v: number) => (v > 12_000 ? undefined : 20), comments: () => 3 };
    expect(examine('instagram', curve([9000, 12_000, 15_000], hiddenLater)).reasons).toMatchObject([
      { eventIds: [eventId(2)] },
    ]);
  });

  it('views climb while likes and comments stand still', () => {
    const still = { likes: () => 900, comments: () => 80 };
    expect(examine('youtube', curve([10_000, 14_000, 19_000], still)).reasons).toMatchObject([
      {
        rule: 'engagement_stands_still',
        observed: 0.9,
        threshold: 0.5,
        eventIds: [eventId(1), eventId(2), eventId(3)],
      },
    ]);
  });

  it('but not if they climb by less than half, by less than the minimum sample, or are known from two observations only', () => {
    const still = { likes: () => 900, comments: () => 80 };
    expect(rules('youtube', curve([20_000, 23_000, 27_000], still))).toEqual([]);
    expect(rules('youtube', curve([6000, 8000, 10_500], still))).toEqual([]);
    expect(
      rules(
        'youtube',
        curve([10_000, 14_000, 19_000], {
          ...still,
          likes: (v) => (v === 14_000 ? undefined : 900),
        }),
      ),
    ).toEqual([]);
  });

  it('a step-shaped curve', () => {
    const steps = [10_000, 10_000, 15_000, 15_000, 15_000, 20_000, 20_000];
    expect(examine('youtube', curve(steps)).reasons).toMatchObject([
      { rule: 'step_shaped', observed: 2, threshold: 2, eventIds: [eventId(3), eventId(6)] },
    ]);
  });

  it('which on TikTok must exceed what its rounding alone makes', () => {
    const roundedTo100k = [
      1_000_000, 1_000_000, 1_100_000, 1_100_000, 1_200_000, 1_200_000, 1_400_000, 1_400_000,
    ];
    expect(rules('tiktok', curve(roundedTo100k))).toEqual([]);
    expect(rules('youtube', curve(roundedTo100k))).toEqual(['step_shaped']);
    expect(
      rules('tiktok', curve([1_000_000, 1_000_000, 1_500_000, 1_500_000, 2_100_000, 2_100_000])),
    ).toEqual(['step_shaped']);
    expect(rules('tiktok', curve([10_000, 10_000, 12_000, 12_000, 15_000, 15_000]))).toEqual([
      'step_shaped',
    ]);
  });

  it('two falls of over 2 % in a row', () => {
    expect(examine('youtube', curve([20_000, 19_500, 19_000, 19_100])).reasons).toMatchObject([
      {
        rule: 'dropped_twice',
        observed: 0.05,
        threshold: 0.02,
        eventIds: [eventId(1), eventId(2), eventId(3)],
      },
    ]);
    expect(rules('youtube', curve([20_000, 19_500, 19_600, 19_000]))).toEqual([]);
    expect(rules('tiktok', curve([1_200_000, 1_100_000, 1_000_000]))).toEqual([]);
  });

  it('a fall of over 20 %, which asks for a hold', () => {
    const fallen = examine('instagram', curve([20_000, 21_000, 16_000]));
    expect(fallen).toMatchObject({
      score: 60,
      advice: 'hold',
      reasons: [{ rule: 'dropped_far', observed: 0.238, threshold: 0.2 }],
    });
    expect(rules('tiktok', curve([1_000_000, 1_000_000, 750_000]))).toEqual([]);
    expect(rules('tiktok', curve([1_000_000, 1_000_000, 690_000]))).toEqual(['dropped_far']);
  });

  it('views far above followers', () => {
    const views = curve([9000, 12_000, 15_000]);
    expect(rules('youtube', views, { followers: 149 })).toEqual(['far_above_followers']);
    expect(rules('youtube', views, { followers: 150 })).toEqual([]);
    expect(rules('youtube', views, { followers: 0 })).toEqual([]);
  });

  it('more than 20 submissions within an hour', () => {
    const burst = (count: number, apart: number) =>
      Array.from({ length: count }, (_, i) => ({ id: eventId(i), at: on(2, 0, i * apart) }));
    const views = curve([9000, 12_000, 15_000]);
    expect(examine('youtube', views, { submissions: burst(25, 2) }).reasons).toMatchObject([
      { rule: 'submission_burst', observed: 25, threshold: 20 },
    ]);
    expect(rules('youtube', views, { submissions: burst(20, 1) })).toEqual([]);
    expect(rules('youtube', views, { submissions: burst(60, 4) })).toEqual([]);
  });

  it('and the score is at most 100', () => {
    const fake = { likes: () => 0, comments: () => 0 };
    expect(
      examine('youtube', curve([6000, 70_000, 30_000, 10_000], fake), { followers: 10 }),
    ).toMatchObject({
      score: 100,
      advice: 'hold',
    });
  });
});

describe('a clip is judged before it is paid', () => {
  const CLIP = 'instagram-a';
  /** Seen with 20,000 views, then with 15,000 (a fall of a quarter), then with 22,000. */
  const observations = curve([20_000, 15_000, 22_000]);
  const state = (...more: SettlementFact[]) =>
    given(
      launched(),
      accepted(CLIP),
      ...observations.map(({ id, views, observedAt }) => observed(CLIP, views, observedAt, { id })),
      ...more,
    );
  const entryOf = (of: ReturnType<typeof state>): ClipEntry => of.clips.get(CLIP)!;
  const now = new Date(on(2));

  it('and held from the threshold of its campaign on, with the reason, the events and a date of review', () => {
    const entry = entryOf(state());
    const anomaly = suspicionOf(entry, terms(), observations)!;
    expect(anomaly).toMatchObject({
      score: 60,
      threshold: 60,
      reasons: [{ rule: 'dropped_far', eventIds: [eventId(1), eventId(2)] }],
    });
    expect(decideAnomalyHold(entry, anomaly, now)).toEqual([
      {
        type: 'ClipHeld',
        data: {
          clipId: CLIP,
          platform: 'instagram',
          campaignId: 'spring',
          reason: 'Anomaly score 60, held from 60 on: views fell by 25 % (over 20 %)',
          reviewAt: on(5),
          anomaly,
          by: 'cliptally:anomaly',
        },
      },
    ]);
    expect(
      refusal(() =>
        decideAnomalyHold({ ...entry, hold: { reason: 'x', reviewAt: on(9) } }, anomaly, now),
      ).code,
    ).toBe('clip_held');
  });

  it('a campaign has its own threshold, the usual one of 60, or none', () => {
    const entry = entryOf(state());
    expect(
      [terms(), terms({ anomalyThreshold: 80 }), terms({ anomalyThreshold: null })].map(
        thresholdOf,
      ),
    ).toEqual([60, 80, null]);
    expect(suspicionOf(entry, terms({ anomalyThreshold: 61 }), observations)).toBeNull();
    expect(suspicionOf(entry, terms({ anomalyThreshold: null }), observations)).toBeNull();
    const quiet = curve([9000, 12_000, 15_000], { likes: () => 0, comments: () => 0 });
    expect(suspicionOf(entry, terms({ anomalyThreshold: 20 }), quiet.slice(0, 2))).toBeNull();
    expect(suspicionOf(entry, terms({ anomalyThreshold: 20 }), quiet)).toMatchObject({
      score: 50,
      threshold: 20,
    });
  });

  it('while it is held nothing accrues; released, it is paid what was due; voided, that is taken back for good', () => {
    const before = state();
    const hold = recorded(
      decideAnomalyHold(entryOf(before), suspicionOf(entryOf(before), terms(), observations)!, now),
      on(2),
    ) as SettlementFact[];
    const onHold = and(before, hold);
    expect([dueOf(entryOf(onHold), onHold.campaign), settle(onHold, now).kind]).toEqual([
      0,
      'nothing',
    ]);
    const free = and(onHold, released(CLIP, on(3)));
    const paid = and(
      free,
      recorded(eventsOf(settle(free, new Date(on(3)))), on(3)) as SettlementFact[],
    );
    expect(netsOf(paid)).toEqual({ [CLIP]: 4400 });
    const reversal = { amount: 'all', reason: 'bought views', by: ADMIN } as const;
    const voided = and(
      paid,
      recorded(decideReversal(entryOf(paid), paid.campaign, reversal), on(4)) as SettlementFact[],
    );
    expect([netsOf(voided), settle(voided, new Date(on(5))).kind]).toEqual([
      { [CLIP]: 0 },
      'nothing',
    ]);
  });

  it('what a reviewer has released does not hold it again; what comes after does', () => {
    const before = state();
    const hold = recorded(
      decideAnomalyHold(entryOf(before), suspicionOf(entryOf(before), terms(), observations)!, now),
      on(2),
    ) as SettlementFact[];
    const entry = entryOf(and(before, hold, released(CLIP, on(3))));
    expect(entry.cleared).toEqual({ at: on(3), rules: ['dropped_far'] });
    const later = (views: number, day: number): ClipObservation => ({
      id: eventId(day + 50),
      views,
      likes: views,
      comments: 1,
      observedAt: on(day),
    });
    expect(suspicionOf(entry, terms(), observations)).toBeNull();
    expect(
      suspicionOf(entry, terms(), [...observations, later(23_000, 4), later(24_000, 5)]),
    ).toBeNull();
    const fallen = suspicionOf(entry, terms(), [
      ...observations,
      later(23_000, 4),
      later(16_000, 5),
    ]);
    expect(fallen?.reasons).toMatchObject([
      { rule: 'dropped_far', eventIds: [eventId(54), eventId(55)] },
    ]);
  });

  it('what is so of a clip at any time is reviewed once', () => {
    const strict = terms({ anomalyThreshold: 20 });
    const dull = (from: number) =>
      curve([9000, 12_000, 15_000], { likes: () => 10 }).map((l, i) => ({
        ...l,
        observedAt: on(from + i),
        id: eventId(from + i),
      }));
    const entry = entryOf(state());
    expect(suspicionOf(entry, strict, dull(1))?.reasons.map(({ rule }) => rule)).toContain(
      'low_engagement',
    );
    const cleared = { at: on(4), rules: ['low_engagement'] };
    expect(
      suspicionOf({ ...entry, cleared }, strict, [
        ...dull(1),
        ...curve([16_000, 16_500], { likes: () => 11 }).map((l, i) => ({
          ...l,
          observedAt: on(6 + i),
        })),
      ]),
    ).toBeNull();
  });

  it('explains every rule in a sentence for the reviewer', () => {
    const entry = entryOf(state());
    const fake = curve([6000, 70_000, 30_000, 10_000], { likes: () => 0, comments: () => 0 });
    const found = suspicionOf(entry, terms(), fake, {
      followers: 10,
    })!;
    expect(decideAnomalyHold(entry, found, now)[0]!.data.reason).toBe(
      'Anomaly score 100, held from 60 on: views grew 11.667-fold within hours (from 10-fold on); likes are 0 % of views (under 0.25 %; usual there: 1 %); views grew by 400 % within a day while likes and comments stood still (from 50 % on); ' +
        'views fell twice in a row, by 85.7 % (each over 2 %); views fell by 57.1 % (over 20 %); 1000 views a follower (over 100)',
    );
  });
});
