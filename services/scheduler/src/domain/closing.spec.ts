import { describe, expect, it } from '@jest/globals';
import { Budgets, meansOf } from './closing.js';
import type { CampaignMoney, DueClip, Weight } from './due-clip.js';
import { planRun } from './plan-run.js';
import { POLICIES } from './policies.js';
import { ago, around, clip, limits, NOW, run, unseen } from './testing/clips.js';

/** What a policy makes of a clip at which a dollar waits. */
const DOLLAR: Weight = { waiting: 1, velocity: 0.1, score: 1 };

/** One campaign with a budget of 100, `spent` of it recorded, and a clip at which a dollar waits. */
const budgetsAt = (spent: number, one: DueClip = clip('a', { postedAt: ago(9_000) })) => {
  const budgets = new Budgets(new Map<string, CampaignMoney>([['c', { budget: 100, spent }]]), around());
  const part = budgets.add(one, DOLLAR);
  return { part, nearEnd: budgets.nearEnd()(one), maybeGone: budgets.maybeGone()(one) };
};

describe('budgets that are about to end', () => {
  it('are near their end from 97 % on, recorded and estimated', () => {
    expect([95.9, 96, 99.9].map((spent) => budgetsAt(spent).nearEnd)).toEqual([false, true, true]);
  });
  it('may be gone when a fifth more than what waits would fill the rest', () => {
    expect([98.7, 98.8, 99].map((spent) => budgetsAt(spent).maybeGone)).toEqual([false, true, true]);
  });
  it('are doubted sooner where clips are young, because more may have happened there', () => {
    expect(budgetsAt(98.75, clip('a', { postedAt: ago(48) })).maybeGone).toBe(true);
  });
  it("are nobody's concern once they are spent", () => {
    expect(budgetsAt(100)).toEqual({ part: 0, nearEnd: false, maybeGone: false });
  });
  it('name the part of what is left that a clip may have used up, and none that is not worth a look', () => {
    expect(budgetsAt(70).part).toBeCloseTo(0.04, 3);
    expect(budgetsAt(99.9).part).toBeCloseTo(1.2, 2);
    expect(budgetsAt(0, clip('a', { postedAt: ago(9_000), dollarsPerThousand: 0.001 })).part).toBeGreaterThan(0);
    const small = new Budgets(new Map([['c', { budget: 1_000, spent: 0 }]]), around());
    expect(small.add(clip('a'), DOLLAR)).toBe(0);
  });
  it('share a clip that is in several campaigns', () => {
    const both = clip('a', { campaignIds: ['c', 'd'], postedAt: ago(9_000) });
    expect(budgetsAt(98.8, both).maybeGone).toBe(false);
    expect(budgetsAt(99.5, both).maybeGone).toBe(true);
  });
});

describe('a burst that may end a budget unseen', () => {
  const watchAt = (spent: number, one: DueClip = clip('a'), all = [one], scarcity = 1) => {
    const budgets = new Budgets(new Map([['c', { budget: 100, spent }]]), around());
    for (const each of all) budgets.add(each, DOLLAR);
    return budgets.watch(scarcity)(one, 1);
  };
  it('is watched for the more, the less is left, the longer nobody looked, and the younger the clip is', () => {
    expect(watchAt(0)).toBeGreaterThan(0);
    const quiet = clip('a', { lastViews: 30 });
    expect(watchAt(90, quiet)).toBeGreaterThan(2 * watchAt(0, quiet));
    expect(watchAt(90, clip('a', { lastLookAt: ago(20) }))).toBeGreaterThan(2 * watchAt(90));
    expect(watchAt(90, clip('a', { postedAt: ago(400) }))).toBeLessThan(watchAt(90) / 4);
  });
  it('is watched for at large clips, which may bring as much again, and at those that may be asleep', () => {
    const [none, few, usual, many] = [0, 30, 3_000, 300_000].map((lastViews) => watchAt(90, clip('a', { lastViews }))) as [
      number,
      number,
      number,
      number,
    ];
    expect(none).toBeGreaterThan(0);
    expect(few).toBeGreaterThan(2 * none);
    expect(many).toBeGreaterThan(5 * usual);
    expect(few).toBeGreaterThan(1.5 * usual);
    const awake = watchAt(90, clip('a', { lastViews: 30, postedAt: ago(180), lastLookAt: ago(10) }));
    expect(awake).toBeLessThan(few / 100);
  });
  it('reckons with what waits at the other clips of the campaign', () => {
    const campaign = Array.from({ length: 40 }, (_, i) => clip(`c${i}`));
    // Twice as much waits, which is the measure of all scores; what is left is less by twenty.
    const [twenty, forty] = [20, 40].map((clips) => watchAt(50, campaign[0], campaign.slice(0, clips))) as [number, number];
    expect(forty).toBeGreaterThan(2.2 * twenty);
  });
  it('counts the less, the fewer clips campaigns have: few looks would all go there', () => {
    const campaign = Array.from({ length: 60 }, (_, i) => clip(`c${i}`));
    const each = (clips: number) => watchAt(0, campaign[0], campaign.slice(0, clips)) / clips;
    expect(each(3) / each(15)).toBeCloseTo(0.2, 1);
    expect(each(30) / each(15)).toBeGreaterThan(1);
    expect(each(30) / each(15)).toBeLessThan(1.3);
  });
  it('is watched for twice as closely where looks are ample', () => {
    expect(watchAt(90, clip('a'), [clip('a')], 0) / watchAt(90)).toBeCloseTo(2, 10);
    expect(watchAt(90, clip('a'), [clip('a')], 0.5) / watchAt(90)).toBeCloseTo(1.5, 10);
  });
  it('is nothing where the budget is gone, or the clip earns nothing', () => {
    expect([watchAt(100), watchAt(90, clip('a', { dollarsPerThousand: 0 }))]).toEqual([0, 0]);
  });
  it('sends a look to a small campaign that scores alone would leave for later', () => {
    const clips = [
      ...Array.from({ length: 5 }, (_, i) => clip(`o${i}`)),
      clip('small', { campaignIds: ['small'], dollarsPerThousand: 0.999 }),
    ];
    const campaigns = new Map([
      ['c', { budget: 1e9, spent: 0 }],
      ['small', { budget: 20, spent: 15 }],
    ]);
    const best = (policy: 'dollar-hours' | 'decaying-dollar-hours') =>
      planRun(run(clips, { campaigns, policy, limits: { ...limits, looks: 1 } })).chosen.map(({ clip: { clipId } }) => clipId);
    expect(best('decaying-dollar-hours')).toEqual(['small']);
    expect(best('dollar-hours')).toEqual(['o0']);
  });
});

describe('a look that may show that a budget is gone', () => {
  const campaign = Array.from({ length: 20 }, (_, i) => clip(`c${i}`));
  const gainAt = (spent: number, one: DueClip = clip('a'), { waiting = 1, others = campaign, velocity = 0.1 } = {}) => {
    const budgets = new Budgets(new Map([['c', { budget: 100, spent }]]), around());
    for (const each of others) budgets.add(each, { waiting: 1, velocity, score: 1 });
    budgets.add(one, { waiting, velocity, score: 1 });
    return budgets.notice()(one, waiting);
  };
  it('counts for the more, the surer it is that the budget is gone, and next to nothing where it is not', () => {
    expect(gainAt(80)).toBeGreaterThan(5 * gainAt(50));
    expect(gainAt(95)).toBeGreaterThan(5 * gainAt(80));
    expect(gainAt(0)).toBeLessThan(gainAt(95) / 5_000);
  });
  it('counts for the more, the more of what is left the clip may have used up, and at once where it may be all', () => {
    expect(gainAt(80, clip('a'), { waiting: 2 })).toBeGreaterThan(3 * gainAt(80));
    expect(gainAt(99, clip('a'), { waiting: 10 }) / gainAt(99, clip('a'), { waiting: 5 })).toBeLessThan(2.5);
  });
  it('counts for the more, the longer nobody looked, the more waits in the campaign, and the faster it passes the budget', () => {
    expect(gainAt(90, clip('a', { lastLookAt: ago(20) }))).toBeGreaterThan(1.5 * gainAt(90));
    const old = (hours: number) => clip('a', { lastLookAt: ago(hours), postedAt: ago(9_000) });
    expect(gainAt(90, old(20)) / gainAt(90, old(10))).toBeCloseTo(21 / 11, 2);
    expect(gainAt(90, old(200)) / gainAt(90, old(24))).toBeCloseTo(1, 2);
    expect(gainAt(90, clip('a'), { velocity: 0.2 })).toBeGreaterThan(1.2 * gainAt(90));
  });
  it('brings a clip to the top from below all that a run keeps by score', () => {
    const others = Array.from({ length: 1_500 }, (_, i) => clip(`o${i}`));
    const ending = clip('ending', { campaignIds: ['small'], dollarsPerThousand: 0.5 });
    const campaigns = new Map([
      ['c', { budget: 1e9, spent: 0 }],
      ['small', { budget: 0.8, spent: 0.05 }],
    ]);
    const plan = planRun(run([...others, ending], { campaigns, policy: 'decaying-dollar-hours', limits: { ...limits, looks: 1 } }));
    expect(plan.chosen.map(({ clip: { clipId }, why }) => [clipId, why])).toEqual([['ending', 'budget ends']]);
  });
  it('counts for little where campaigns have few clips: few looks would all go there', () => {
    expect(gainAt(99, clip('a'), { others: campaign.slice(0, 2) })).toBeLessThan(gainAt(99) / 50);
  });
  it('is nothing where the budget is gone, the clip is in none, or nobody has seen it', () => {
    expect([gainAt(100), gainAt(95, clip('a', { campaignIds: ['d'] })), gainAt(95, unseen('a'))]).toEqual([0, 0, 0]);
  });
});

describe('a newcomer that may have passed a budget alone', () => {
  const passedAt = (budget: number, one: DueClip) => new Budgets(new Map([['c', { budget, spent: 0 }]]), around()).passedByNewcomer(one);
  const newcomers = Array.from({ length: 5 }, (_, i) => unseen(`n${i}`, { campaignIds: ['small'], submittedAt: ago(12) }));
  const campaigns = new Map([
    ['c', { budget: 1e9, spent: 0 }],
    ['small', { budget: 50, spent: 0 }],
  ]);
  const others = Array.from({ length: 50 }, (_, i) => clip(`o${i}`, { dollarsPerThousand: 100 }));
  const whyOf = (policy: 'dollar-hours' | 'decaying-dollar-hours', few = { ...limits, looks: 10 }) =>
    planRun(run([...others, ...newcomers], { campaigns, policy, limits: few })).chosen.map(
      ({ clip: { clipId }, why }) => `${clipId.slice(0, 1)} ${why}`,
    );

  it('counts for the more, the smaller the budget and the older the clip', () => {
    const [young, old] = [4, 12].map((hours) => unseen('a', { submittedAt: ago(hours) })) as [DueClip, DueClip];
    expect(passedAt(50, old)).toBeGreaterThan(2 * passedAt(50, young));
    expect(passedAt(50, old)).toBeGreaterThan(2 * passedAt(100, old));
  });
  it('is nothing where a first look has time, or somebody has looked', () => {
    expect([passedAt(1_000, unseen('a', { submittedAt: ago(12) })), passedAt(50, clip('a'))]).toEqual([0, 0]);
  });
  it('is looked at ahead of scores, within three tenths of the looks', () => {
    expect(whyOf('decaying-dollar-hours')).toEqual([...Array(3).fill('n first look'), ...Array(7).fill('o score')]);
    expect(whyOf('dollar-hours')).not.toContain('n first look');
  });
  it('waits for its turn the more, the fewer clips campaigns have, and the fewer looks there are', () => {
    const atMost = (clips: number) => {
      const budgets = new Budgets(new Map([['c', { budget: 100, spent: 0 }]]), around());
      for (let i = 0; i < clips; i++) budgets.add(clip(`c${i}`), DOLLAR);
      return budgets.newcomersAtMost();
    };
    expect(atMost(3)).toBeCloseTo(0.1, 2);
    expect(atMost(10)).toBeCloseTo(0.3, 10);
    const scarce = { ...limits, looks: 10, looksPerDay: 14 };
    expect(whyOf('decaying-dollar-hours', scarce).filter((why) => why === 'n first look').length).toBeLessThan(3);
  });
});

describe('the care for budgets', () => {
  it('is whole from half a look a clip and day on, and less in step with the looks below', () => {
    expect([0, 25, 50, 100, Infinity].map((looks) => meansOf(100, looks))).toEqual([0, 0.5, 1, 1, 1]);
    expect(meansOf(0, 0)).toBe(1);
  });
});

describe('a round over a campaign', () => {
  // The clips of the ending campaign are worth next to nothing beside the others and its small budget, of which nearly all is recorded.
  const ending = Array.from({ length: 5 }, (_, i) => clip(`e${i}`, { campaignIds: ['ending'], dollarsPerThousand: 0.000_03 }));
  const others = Array.from({ length: 50 }, (_, i) => clip(`o${i}`));
  const campaigns = new Map([
    ['c', { budget: 1e9, spent: 0 }],
    ['ending', { budget: 0.1, spent: 0.0999 }],
  ]);
  // Less than a look a clip and day.
  const few = { ...limits, looks: 10, looksPerDay: 50 };
  const chosen = (more: Parameters<typeof run>[1]) =>
    planRun(run([...others, ...ending], { campaigns, limits: few, policy: 'decaying-dollar-hours', ...more })).chosen;

  it('goes before all scores, within four tenths of the looks, and says why', () => {
    const plan = chosen({});
    expect(plan.slice(0, 5).map(({ clip: { clipId }, why }) => [clipId.slice(0, 1), why])).toEqual([
      ...Array.from({ length: 4 }, () => ['e', 'budget ends']),
      ['o', 'score'],
    ]);
    expect(plan).toHaveLength(10);
  });
  it('takes six tenths where looks are ample', () => {
    const reasons = chosen({ limits: { ...few, looks: 5, looksPerDay: 100 } }).map(({ why }) => why);
    expect(reasons).toEqual(['budget ends', 'budget ends', 'budget ends', 'score', 'score']);
  });
  it('takes two of five looks also where each run has one', () => {
    const whyAt = (slot: number) => {
      const [now, nextRunAt] = [NOW + slot * 900_000, NOW + (slot + 1) * 900_000];
      return [
        chosen({ limits: { ...few, looks: 1 }, now, nextRunAt })[0]!.why,
        chosen({ limits: { ...few, looks: 100, microUsd: 4_000 }, now, nextRunAt })[0]!.why,
      ];
    };
    const reasons = Array.from({ length: 5 }, (_, slot) => whyAt(slot));
    for (const limited of [0, 1]) expect(reasons.filter((why) => why[limited] === 'budget ends')).toHaveLength(2);
  });
  it('is over when its clips have been looked at', () => {
    const seen = new Map([...campaigns, ['ending', { budget: 0.1, spent: 0.05 }]]);
    expect(chosen({ campaigns: seen }).map(({ why }) => why)).not.toContain('budget ends');
  });
  it('is no part of dollar-hours and of classic', () => {
    expect(chosen({ policy: 'dollar-hours' }).map(({ clip: { clipId } }) => clipId)).not.toContain('e0');
    expect([POLICIES['dollar-hours'].closing.rounds, POLICIES.classic.closing.rounds]).toEqual([false, false]);
  });
});
