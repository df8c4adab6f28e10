import { describe, expect, it } from '@jest/globals';
import { CampaignTerms, earnedFor } from '@cliptally/contracts';
import * as fc from 'fast-check';
import { countingWindow, earnedOn, groundsOf, merge, observe } from './entitlement.js';
import { NO_VIEWS, type Observation, type ViewSummary } from './view-fields.js';
import { byInstant } from './fact.js';
import { runs } from './testing/runs.js';
import { eventId, on, terms } from './testing/facts.js';

const WINDOW = { from: Date.parse(on(1)), to: Date.parse(on(31)) };
let n = 0;
const seen = (views: number, observedAt: string, id = eventId(++n)): Observation => ({
  id,
  views,
  observedAt,
});
const summary = (...observations: Observation[]): ViewSummary =>
  observations.reduce((s, o) => observe(s, o, WINDOW), NO_VIEWS);
const earns = (change: Partial<CampaignTerms>, ...observations: Observation[]) =>
  entitled(terms(change), summary(...observations));
const entitled = (of: CampaignTerms, views: ViewSummary) =>
  earnedOn(of, 'tiktok', groundsOf(of, 'tiktok', views));

describe('E, the entitlement of a clip', () => {
  it('is its views at the rate per thousand, rounded down', () => {
    expect(earns({ ratePerThousand: { default: 150 } }, seen(25_499, on(2)))).toBe(3824);
  });

  it('is nothing before an observation', () => {
    expect(earns({})).toBe(0);
  });

  it('takes the rate of the platform, or else the default', () => {
    expect(earns({ ratePerThousand: { default: 100, tiktok: 250 } }, seen(10_000, on(2)))).toBe(
      2500,
    );
    expect(earns({ ratePerThousand: { default: 100, youtube: 250 } }, seen(10_000, on(2)))).toBe(
      1000,
    );
    expect(earns({ ratePerThousand: { default: 100, tiktok: 0 } }, seen(10_000, on(2)))).toBe(0);
  });

  it('is nothing below the minimum of views, and from there on pays for all of them', () => {
    expect(earns({ minViews: 1000 }, seen(999, on(2)))).toBe(0);
    expect(earns({ minViews: 1000 }, seen(1000, on(2)))).toBe(200);
  });

  it('never passes the cap', () => {
    expect(earns({ maxPayoutPerClip: 5000 }, seen(24_999, on(2)))).toBe(4999);
    expect(earns({ maxPayoutPerClip: 5000 }, seen(80_000, on(2)))).toBe(5000);
  });

  it('counts views from the first observation at or after approval, if the terms say so', () => {
    expect(earns({ countFrom: 'approval' }, seen(40_000, on(2)), seen(52_000, on(3)))).toBe(2400);
    expect(earns({ countFrom: 'approval' }, seen(40_000, on(2)))).toBe(0);
    expect(
      earns({ countFrom: 'approval', minViews: 50_000 }, seen(40_000, on(2)), seen(52_000, on(3))),
    ).toBe(2400);
  });

  it('takes the earliest observation as the baseline, though it arrives last', () => {
    expect(earns({ countFrom: 'approval' }, seen(52_000, on(3)), seen(40_000, on(2)))).toBe(2400);
  });

  it('takes the smaller of two observations at the same instant as the baseline', () => {
    const twins = [seen(41_000, on(2)), seen(40_000, on(2))];
    expect(earns({ countFrom: 'approval' }, ...twins, seen(52_000, on(3)))).toBe(2400);
    expect(summary(...twins).first?.views).toBe(40_000);
  });

  it('stays when the count falls', () => {
    expect(earns({}, seen(30_000, on(2)), seen(28_000, on(3)))).toBe(6000);
  });

  it('works in currencies of 0 and 3 decimals', () => {
    expect(earns({ currency: 'JPY', ratePerThousand: { default: 300 } }, seen(12_345, on(2)))).toBe(
      3703,
    );
    expect(earns({ currency: 'KWD', ratePerThousand: { default: 615 } }, seen(12_345, on(2)))).toBe(
      7592,
    );
  });

  it('is exact for every count and rate, beyond the numbers that a product can hold as well', () => {
    const count = fc.oneof(fc.nat(), fc.maxSafeNat());
    fc.assert(
      fc.property(count, fc.nat(1_000_000), (views, rate) => {
        const exact = (BigInt(views) * BigInt(rate)) / 1000n;
        if (exact > BigInt(Number.MAX_SAFE_INTEGER))
          expect(() => earnedFor(views, rate)).toThrow(RangeError);
        else expect(earnedFor(views, rate)).toBe(Number(exact));
      }),
      { numRuns: runs() },
    );
    expect(earnedFor(Number.MAX_SAFE_INTEGER, 1)).toBe(9_007_199_254_740);
    expect(earnedFor(8_999_999_999_999_999, 1)).toBe(8_999_999_999_999);
  });

  it('survives an absurd count', () => {
    expect(
      earns({ ratePerThousand: { default: 8_000_000 } }, seen(Number.MAX_SAFE_INTEGER, on(2))),
    ).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    expect(earns({ maxPayoutPerClip: 5000 }, seen(Number.MAX_SAFE_INTEGER, on(2)))).toBe(5000);
  });
});

describe('the counting window', () => {
  const windowOf = (
    change: Partial<CampaignTerms>,
    approvedAt: string,
    endedAt: string | null = null,
  ) => {
    const { from, to } = countingWindow({ terms: terms(change), endedAt }, approvedAt);
    return [new Date(from).toISOString(), to === Infinity ? null : new Date(to).toISOString()];
  };

  it('is open from approval for the days of tracking', () => {
    expect(windowOf({ trackingDays: 7 }, on(3))).toEqual([on(3), on(10)]);
  });

  it('lies within the dates of the campaign', () => {
    expect(windowOf({ trackingDays: 7, startsAt: on(5), endsAt: on(8) }, on(3))).toEqual([
      on(5),
      on(8),
    ]);
  });

  it('closes at the actual end', () => {
    expect(windowOf({ trackingDays: 7, endsAt: on(8) }, on(3), on(6))).toEqual([on(3), on(6)]);
    expect(windowOf({ trackingDays: 7, endsAt: on(8) }, on(3), on(9))).toEqual([on(3), on(8)]);
  });

  it('has its first instant inside and its last outside', () => {
    expect(summary(seen(10, on(1))).highWater?.views).toBe(10);
    expect(summary(seen(10, on(31)))).toEqual(NO_VIEWS);
    expect(summary(seen(10, '2026-02-28T23:59:59.999Z'))).toEqual(NO_VIEWS);
  });
});

describe('instants', () => {
  it('are ordered by time, whatever the form of their texts', () => {
    const forms = [
      '2026-01-02T00:00:00Z',
      '2026-01-02T00:00:00.001Z',
      '2026-01-02T01:00:00.000+02:00',
      '2026-01-02T00:00:00.0015Z',
      on(2),
    ];
    for (const a of forms)
      for (const b of forms)
        expect(Math.sign(byInstant(a, b))).toBe(Math.sign(Date.parse(a) - Date.parse(b)));
    expect(byInstant(on(2), on(3))).toBeLessThan(0);
    expect(byInstant(on(3), on(2))).toBeGreaterThan(0);
  });
});

describe('the summary of observations', () => {
  const observation = fc
    .record({
      id: fc.integer({ min: 1, max: 40 }),
      views: fc.integer({ min: 0, max: 5 }),
      day: fc.integer({ min: 0, max: 33 }),
    })
    .map(({ id, views, day }) => seen(views, on(day), eventId(id)));
  const some = fc.array(observation, { maxLength: 8 }).map((list) => summary(...list));

  it('is the same in any order and with any repetition', () => {
    fc.assert(
      fc.property(
        fc.array(observation, { maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (list, keys) => {
          const again = [...list, ...list.filter((_, i) => i % 2 === 0)].map((o) => ({
            o,
            key: keys.next().value ?? 0,
          }));
          const shuffled = again.sort((a, b) => a.key - b.key).map(({ o }) => o);
          expect(summary(...shuffled)).toEqual(summary(...list));
        },
      ),
      { numRuns: runs() },
    );
  });

  it('is commutative, associative and idempotent to merge', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
        expect(merge(a, NO_VIEWS)).toEqual(a);
      }),
      { numRuns: runs() },
    );
  });

  it('names the same observation, whichever of equals comes first', () => {
    const [early, late] = [seen(500, on(2), eventId(9)), seen(500, on(3), eventId(8))];
    expect(summary(late, early).highWater).toBe(early);
    const [low, high] = [seen(500, on(2), eventId(1)), seen(500, on(2), eventId(2))];
    expect(summary(high, low).highWater).toBe(low);
    expect(summary(high, low).first).toBe(low);
  });
});
