import { describe, expect, it } from '@jest/globals';
import { BudgetGuard, guardStrength } from './budget-guard.js';
import type { CampaignMoney, DueClip, Weight } from './due-clip.js';
import { planTrackingRun } from './planner.js';
import { POLICIES } from './policies/index.js';
import { ago, around, clip, limits, NOW, run, unobserved } from './testing/clips.js';

/** Weight of a clip with an unrecorded dollar. */
const DOLLAR: Weight = { unrecorded: 1, velocity: 0.1, score: 1 };

/**
 * One campaign with a budget of 100, `spent` of it recorded, and a clip with an unrecorded dollar.
 */
const guardAt = (spent: number, one: DueClip = clip('a', { postedAt: ago(9_000) })) => {
  const guard = new BudgetGuard(
    new Map<string, CampaignMoney>([['c', { budget: 100, spent }]]),
    around(),
  );
  const part = guard.add(one, DOLLAR);
  return { part, nearEnd: guard.nearEnd()(one), maybeExhausted: guard.maybeExhausted()(one) };
};

describe('budgets that are about to end', () => {
  it('are near their end from 97 % on, recorded and estimated', () => {
    expect([95.9, 96, 99.9].map((spent) => guardAt(spent).nearEnd)).toEqual([false, true, true]);
  });
  it('may be exhausted if a fifth more than the unrecorded amount fills the rest', () => {
    expect([98.7, 98.8, 99].map((spent) => guardAt(spent).maybeExhausted)).toEqual([
      false,
      true,
      true,
    ]);
  });
  it('may be exhausted sooner if clips are young, because more may have happened there', () => {
    expect(guardAt(98.75, clip('a', { postedAt: ago(48) })).maybeExhausted).toBe(true);
  });
  it('need no guard once they are spent', () => {
    expect(guardAt(100)).toEqual({ part: 0, nearEnd: false, maybeExhausted: false });
  });
  it('tell the part of the rest that a clip may have used up, and 0 if it is not worth a scrape', () => {
    expect(guardAt(70).part).toBeCloseTo(0.04, 3);
    expect(guardAt(99.9).part).toBeCloseTo(1.2, 2);
    expect(
      guardAt(0, clip('a', { postedAt: ago(9_000), dollarsPerThousand: 0.001 })).part,
    ).toBeGreaterThan(0);
    const small = new BudgetGuard(new Map([['c', { budget: 1_000, spent: 0 }]]), around());
    expect(small.add(clip('a'), DOLLAR)).toBe(0);
  });
  it('share a clip that is in several campaigns', () => {
    const both = clip('a', { campaignIds: ['c', 'd'], postedAt: ago(9_000) });
    expect(guardAt(98.8, both).maybeExhausted).toBe(false);
    expect(guardAt(99.5, both).maybeExhausted).toBe(true);
  });
});

describe('a burst that may exhaust a budget before anybody observes it', () => {
  const riskAt = (spent: number, one: DueClip = clip('a'), all = [one], scarcity = 1) => {
    const guard = new BudgetGuard(new Map([['c', { budget: 100, spent }]]), around());
    for (const each of all) guard.add(each, DOLLAR);
    return guard.burstRisk(scarcity)(one, 1);
  };
  it('is a greater risk with less rest, more hours since the last observation, and a younger clip', () => {
    expect(riskAt(0)).toBeGreaterThan(0);
    const quiet = clip('a', { lastViews: 30 });
    expect(riskAt(90, quiet)).toBeGreaterThan(2 * riskAt(0, quiet));
    expect(riskAt(90, clip('a', { lastObservedAt: ago(20) }))).toBeGreaterThan(2 * riskAt(90));
    expect(riskAt(90, clip('a', { postedAt: ago(400) }))).toBeLessThan(riskAt(90) / 4);
  });
  it('is a risk at large clips, which may bring as much again, and at those that may be asleep', () => {
    const [none, few, usual, many] = [0, 30, 3_000, 300_000].map((lastViews) =>
      riskAt(90, clip('a', { lastViews })),
    ) as [number, number, number, number];
    expect(none).toBeGreaterThan(0);
    expect(few).toBeGreaterThan(2 * none);
    expect(many).toBeGreaterThan(5 * usual);
    expect(few).toBeGreaterThan(1.5 * usual);
    const awake = riskAt(
      90,
      clip('a', { lastViews: 30, postedAt: ago(180), lastObservedAt: ago(10) }),
    );
    expect(awake).toBeLessThan(few / 100);
  });
  it("takes the unrecorded amount of the campaign's other clips into account", () => {
    const campaign = Array.from({ length: 40 }, (_, i) => clip(`c${i}`));
    // Twice the unrecorded amount, which is the measure of all scores; the rest is less by twenty.
    const [twenty, forty] = [20, 40].map((clips) =>
      riskAt(50, campaign[0], campaign.slice(0, clips)),
    ) as [number, number];
    expect(forty).toBeGreaterThan(2.2 * twenty);
  });
  it('counts less if campaigns have few clips: few scrapes would all go there', () => {
    const campaign = Array.from({ length: 60 }, (_, i) => clip(`c${i}`));
    const each = (clips: number) => riskAt(0, campaign[0], campaign.slice(0, clips)) / clips;
    expect(each(3) / each(15)).toBeCloseTo(0.2, 1);
    expect(each(30) / each(15)).toBeGreaterThan(1);
    expect(each(30) / each(15)).toBeLessThan(1.3);
  });
  it('counts twice if scrapes are ample', () => {
    expect(riskAt(90, clip('a'), [clip('a')], 0) / riskAt(90)).toBeCloseTo(2, 10);
    expect(riskAt(90, clip('a'), [clip('a')], 0.5) / riskAt(90)).toBeCloseTo(1.5, 10);
  });
  it('counts nothing if the budget is exhausted or the clip earns nothing', () => {
    expect([riskAt(100), riskAt(90, clip('a', { dollarsPerThousand: 0 }))]).toEqual([0, 0]);
  });
  it('brings a scrape to a small campaign that scores alone would leave for later', () => {
    const clips = [
      ...Array.from({ length: 5 }, (_, i) => clip(`o${i}`)),
      clip('small', { campaignIds: ['small'], dollarsPerThousand: 0.999 }),
    ];
    const campaigns = new Map([
      ['c', { budget: 1e9, spent: 0 }],
      ['small', { budget: 20, spent: 15 }],
    ]);
    const best = (policy: 'dollar-hours' | 'decaying-dollar-hours') =>
      planTrackingRun(
        run(clips, { campaigns, policy, limits: { ...limits, scrapes: 1 } }),
      ).chosen.map(({ clip: { clipId } }) => clipId);
    expect(best('decaying-dollar-hours')).toEqual(['small']);
    expect(best('dollar-hours')).toEqual(['o0']);
  });
});

describe('a scrape that may reveal an exhausted budget', () => {
  const campaign = Array.from({ length: 20 }, (_, i) => clip(`c${i}`));
  const gainAt = (
    spent: number,
    one: DueClip = clip('a'),
    { unrecorded = 1, others = campaign, velocity = 0.1 } = {},
  ) => {
    const guard = new BudgetGuard(new Map([['c', { budget: 100, spent }]]), around());
    for (const each of others) guard.add(each, { unrecorded: 1, velocity, score: 1 });
    guard.add(one, { unrecorded, velocity, score: 1 });
    return guard.detectionGain()(one, unrecorded);
  };
  it('counts more with the chance that the budget is exhausted, and next to nothing without', () => {
    expect(gainAt(80)).toBeGreaterThan(5 * gainAt(50));
    expect(gainAt(95)).toBeGreaterThan(5 * gainAt(80));
    expect(gainAt(0)).toBeLessThan(gainAt(95) / 5_000);
  });
  it('counts more with the part of the rest that the clip may have used up, up to the whole', () => {
    expect(gainAt(80, clip('a'), { unrecorded: 2 })).toBeGreaterThan(3 * gainAt(80));
    expect(
      gainAt(99, clip('a'), { unrecorded: 10 }) / gainAt(99, clip('a'), { unrecorded: 5 }),
    ).toBeLessThan(2.5);
  });
  it('counts more with the hours since the last observation, and with the velocity at which the campaign overspends', () => {
    expect(gainAt(90, clip('a', { lastObservedAt: ago(20) }))).toBeGreaterThan(1.5 * gainAt(90));
    const old = (hours: number) => clip('a', { lastObservedAt: ago(hours), postedAt: ago(9_000) });
    expect(gainAt(90, old(20)) / gainAt(90, old(10))).toBeCloseTo(21 / 11, 2);
    expect(gainAt(90, old(200)) / gainAt(90, old(24))).toBeCloseTo(1, 2);
    expect(gainAt(90, clip('a'), { velocity: 0.2 })).toBeGreaterThan(1.2 * gainAt(90));
  });
  it('brings a clip to the top from below all that a tracking run keeps by score', () => {
    const others = Array.from({ length: 1_500 }, (_, i) => clip(`o${i}`));
    const ending = clip('ending', { campaignIds: ['small'], dollarsPerThousand: 0.5 });
    const campaigns = new Map([
      ['c', { budget: 1e9, spent: 0 }],
      ['small', { budget: 0.8, spent: 0.05 }],
    ]);
    const plan = planTrackingRun(
      run([...others, ending], {
        campaigns,
        policy: 'decaying-dollar-hours',
        limits: { ...limits, scrapes: 1 },
      }),
    );
    expect(plan.chosen.map(({ clip: { clipId }, why }) => [clipId, why])).toEqual([
      ['ending', 'budget ends'],
    ]);
  });
  it('counts little if campaigns have few clips: few scrapes would all go there', () => {
    expect(gainAt(99, clip('a'), { others: campaign.slice(0, 2) })).toBeLessThan(gainAt(99) / 50);
  });
  it('counts nothing if the budget is exhausted, the clip has none, or has no observation', () => {
    expect([
      gainAt(100),
      gainAt(95, clip('a', { campaignIds: ['d'] })),
      gainAt(95, unobserved('a')),
    ]).toEqual([0, 0, 0]);
  });
});

describe('a clip without observation that may overspend a budget alone', () => {
  const overspendAt = (budget: number, one: DueClip) =>
    new BudgetGuard(new Map([['c', { budget, spent: 0 }]]), around()).firstScrapeOverspend(one);
  const firsts = Array.from({ length: 5 }, (_, i) =>
    unobserved(`n${i}`, { campaignIds: ['small'], submittedAt: ago(12) }),
  );
  const campaigns = new Map([
    ['c', { budget: 1e9, spent: 0 }],
    ['small', { budget: 50, spent: 0 }],
  ]);
  const others = Array.from({ length: 50 }, (_, i) => clip(`o${i}`, { dollarsPerThousand: 100 }));
  const whyOf = (
    policy: 'dollar-hours' | 'decaying-dollar-hours',
    few = { ...limits, scrapes: 10 },
  ) =>
    planTrackingRun(run([...others, ...firsts], { campaigns, policy, limits: few })).chosen.map(
      ({ clip: { clipId }, why }) => `${clipId.slice(0, 1)} ${why}`,
    );

  it('counts more if the budget is smaller and the clip older', () => {
    const [young, old] = [4, 12].map((hours) => unobserved('a', { submittedAt: ago(hours) })) as [
      DueClip,
      DueClip,
    ];
    expect(overspendAt(50, old)).toBeGreaterThan(2 * overspendAt(50, young));
    expect(overspendAt(50, old)).toBeGreaterThan(2 * overspendAt(100, old));
  });
  it('counts nothing if its first scrape has time, or it has an observation', () => {
    expect([
      overspendAt(1_000, unobserved('a', { submittedAt: ago(12) })),
      overspendAt(50, clip('a')),
    ]).toEqual([0, 0]);
  });
  it('goes ahead of scores, within three tenths of the scrapes', () => {
    expect(whyOf('decaying-dollar-hours')).toEqual([
      ...Array(3).fill('n first scrape'),
      ...Array(7).fill('o score'),
    ]);
    expect(whyOf('dollar-hours')).not.toContain('n first scrape');
  });
  it('gets a smaller share if campaigns have few clips, or scrapes are scarce', () => {
    const atMost = (clips: number) => {
      const guard = new BudgetGuard(new Map([['c', { budget: 100, spent: 0 }]]), around());
      for (let i = 0; i < clips; i++) guard.add(clip(`c${i}`), DOLLAR);
      return guard.firstScrapeShare();
    };
    expect(atMost(3)).toBeCloseTo(0.1, 2);
    expect(atMost(10)).toBeCloseTo(0.3, 10);
    const scarce = { ...limits, scrapes: 10, scrapesPerDay: 14 };
    expect(
      whyOf('decaying-dollar-hours', scarce).filter((why) => why === 'n first scrape').length,
    ).toBeLessThan(3);
  });
});

describe('the strength of the guard', () => {
  it('is full from half a scrape a clip and day on, and falls in proportion below', () => {
    expect([0, 25, 50, 100, Infinity].map((scrapes) => guardStrength(100, scrapes))).toEqual([
      0, 0.5, 1, 1, 1,
    ]);
    expect(guardStrength(0, 0)).toBe(1);
  });
});

describe('the reserve for a campaign', () => {
  // The clips of the ending campaign score next to nothing beside the others; nearly all of its
  // small budget is recorded.
  const ending = Array.from({ length: 5 }, (_, i) =>
    clip(`e${i}`, { campaignIds: ['ending'], dollarsPerThousand: 0.000_03 }),
  );
  const others = Array.from({ length: 50 }, (_, i) => clip(`o${i}`));
  const campaigns = new Map([
    ['c', { budget: 1e9, spent: 0 }],
    ['ending', { budget: 0.1, spent: 0.0999 }],
  ]);
  // Less than one scrape a clip and day.
  const few = { ...limits, scrapes: 10, scrapesPerDay: 50 };
  const chosen = (more: Parameters<typeof run>[1]) =>
    planTrackingRun(
      run([...others, ...ending], {
        campaigns,
        limits: few,
        policy: 'decaying-dollar-hours',
        ...more,
      }),
    ).chosen;

  it('goes before all scores, within four tenths of the scrapes, and says why', () => {
    const plan = chosen({});
    expect(plan.slice(0, 5).map(({ clip: { clipId }, why }) => [clipId.slice(0, 1), why])).toEqual([
      ...Array.from({ length: 4 }, () => ['e', 'budget ends']),
      ['o', 'score'],
    ]);
    expect(plan).toHaveLength(10);
  });
  it('takes six tenths if scrapes are ample', () => {
    const reasons = chosen({ limits: { ...few, scrapes: 5, scrapesPerDay: 100 } }).map(
      ({ why }) => why,
    );
    expect(reasons).toEqual(['budget ends', 'budget ends', 'budget ends', 'score', 'score']);
  });
  it('takes two of five scrapes also if each tracking run has one', () => {
    const whyAt = (slot: number) => {
      const [now, nextRunAt] = [NOW + slot * 900_000, NOW + (slot + 1) * 900_000];
      return [
        chosen({ limits: { ...few, scrapes: 1 }, now, nextRunAt })[0]!.why,
        chosen({ limits: { ...few, scrapes: 100, microUsd: 4_000 }, now, nextRunAt })[0]!.why,
      ];
    };
    const reasons = Array.from({ length: 5 }, (_, slot) => whyAt(slot));
    for (const limited of [0, 1])
      expect(reasons.filter((why) => why[limited] === 'budget ends')).toHaveLength(2);
  });
  it('ends after its clips have new observations', () => {
    const recorded = new Map([...campaigns, ['ending', { budget: 0.1, spent: 0.05 }]]);
    expect(chosen({ campaigns: recorded }).map(({ why }) => why)).not.toContain('budget ends');
  });
  it('is no part of dollar-hours and of classic', () => {
    expect(chosen({ policy: 'dollar-hours' }).map(({ clip: { clipId } }) => clipId)).not.toContain(
      'e0',
    );
    expect([POLICIES['dollar-hours'].guard.reserves, POLICIES.classic.guard.reserves]).toEqual([
      false,
      false,
    ]);
  });
});
