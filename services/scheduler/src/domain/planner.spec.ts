import type { Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { DAY_MS, type DueClip } from './due-clip.js';
import { POLICIES } from './policies.js';
import type { ScrapeBudget } from './scrape-budget.js';
import type { TrackingRun } from './tracking-run.js';
import { ago, clip, limits, NOW, planOf, run, unobserved, within } from '../testing/clips.js';

const chosen = (r: TrackingRun & { clips: DueClip[] }) =>
  planOf(r).chosen.map(({ clip: { clipId } }) => clipId);
const reasons = (r: TrackingRun & { clips: DueClip[] }) =>
  planOf(r).chosen.map(({ clip: { clipId }, why }) => [clipId, why]);

describe('planning a tracking run', () => {
  it('takes the most urgent, and equal ones by clip id', () => {
    const clips = [clip('b'), clip('a'), clip('z', { dollarsPerThousand: 9 })];
    expect(chosen(run(clips))).toEqual(['z', 'a', 'b']);
    expect(chosen(run(clips, { limits: { ...limits, scrapes: 2 } }))).toEqual(['z', 'a']);
  });

  it('gives the same plan whatever order the clips come in', () => {
    const clips = Array.from({ length: 50 }, (_, i) =>
      clip(`c${i}`, { dollarsPerThousand: (i * 7) % 5 }),
    );
    expect(chosen(run(clips.toReversed()))).toEqual(chosen(run(clips)));
  });

  it('takes last chances first, then clips past the age cap, oldest first, and says why', () => {
    const poor = { dollarsPerThousand: 0.01 };
    const clips = [
      clip('rich', { dollarsPerThousand: 1e6 }),
      clip('ending', { ...poor, windowEndsAt: within(0.1) }),
      clip('old', {
        ...poor,
        lastObservedAt: ago(48),
        previousObservedAt: ago(50),
        lastOutcomeAt: ago(48),
      }),
      clip('older', {
        ...poor,
        lastObservedAt: ago(49),
        previousObservedAt: ago(50),
        lastOutcomeAt: ago(49),
      }),
      unobserved('never', { ...poor, submittedAt: ago(48.5) }),
      unobserved('new', { ...poor, submittedAt: ago(1) }),
    ];
    const campaigns = new Map([['c', { budget: 1e9, spent: 0 }]]);
    expect(reasons(run(clips, { campaigns }))).toEqual([
      ['ending', 'window ends'],
      ['older', 'age'],
      ['never', 'age'],
      ['old', 'age'],
      ['rich', 'score'],
      ['new', 'first scrape'],
    ]);
    expect(chosen(run(clips, { limits: { ...limits, scrapes: 2 } }))).toEqual(['ending', 'older']);
    // If scrapes are scarce the age cap is a week: after the last chance scores alone decide.
    const scarce = reasons(run(clips, { campaigns, limits: { ...limits, scrapesPerDay: 1 } }));
    expect(scarce.slice(0, 2)).toEqual([
      ['ending', 'window ends'],
      ['rich', 'score'],
    ]);
    expect(scarce.map(([, why]) => why)).not.toContain('age');
  });

  it('takes a last chance even without an unrecorded amount', () => {
    const paused = clip('a', { dollarsPerThousand: 0, windowEndsAt: within(0.1) });
    expect(reasons(run([paused, clip('b', { dollarsPerThousand: 0 })]))).toEqual([
      ['a', 'window ends'],
    ]);
  });

  it('keeps to the limits of platforms and of money, and goes on with what still fits', () => {
    const clips = [
      clip('a', { dollarsPerThousand: 9 }),
      clip('b', { dollarsPerThousand: 8 }),
      clip('c', { platform: 'x', dollarsPerThousand: 1 }),
    ];
    expect(chosen(run(clips, { limits: { ...limits, byPlatform: { tiktok: 1 } } }))).toEqual([
      'a',
      'c',
    ]);
    const price = (platform: Platform) => (platform === 'x' ? 400 : 4_000);
    // The last run of a cycle may spend what is left of it.
    const cycle = { from: NOW - 30 * DAY_MS, to: within(0.25) };
    const budget = { budgetMicroUsd: 1e6, spentMicroUsd: 1e6 - 4_500, cycle };
    const short = run(clips, { limits: { ...limits, price }, budget });
    expect(chosen(short)).toEqual(['a', 'c']);
    expect(planOf(short).microUsd).toBe(4_400);
  });

  it('counts last chances against a platform limit', () => {
    const clips = [
      clip('a', { windowEndsAt: within(0.1) }),
      clip('b', { dollarsPerThousand: 1e6 }),
    ];
    expect(chosen(run(clips, { limits: { ...limits, byPlatform: { tiktok: 1 } } }))).toEqual(['a']);
  });

  it('takes its share of the money of the cycle, and only last chances draw ahead', () => {
    const clips = [
      clip('a'),
      clip('b'),
      clip('c', { windowEndsAt: within(0.1) }),
      clip('d', { windowEndsAt: within(0.1) }),
    ];
    // 2,880 runs of a quarter of an hour share the money: one scrape each.
    const budget = {
      budgetMicroUsd: 2_880 * 4_000,
      spentMicroUsd: 0,
      cycle: { from: NOW, to: NOW + 30 * DAY_MS },
    };
    expect(chosen(run(clips, { budget }))).toEqual(['c', 'd']);
    expect(chosen(run(clips.slice(0, 2), { budget }))).toEqual(['a']);
    const { demand } = planOf(run(clips.slice(0, 2)));
    expect(
      chosen(run(clips.slice(0, 2), { budget: { ...budget, usualDemand: demand / 2 } })),
    ).toEqual(['a', 'b']);
  });

  it('chooses nothing after a hard stop, last chances included, and still takes what is free', () => {
    const price = (platform: Platform) => (platform === 'youtube' ? 0 : 4_000);
    const clips = [
      clip('a'),
      clip('b', { windowEndsAt: within(0.1) }),
      clip('c', { platform: 'youtube' }),
    ];
    const budget = {
      budgetMicroUsd: 1e9,
      spentMicroUsd: 0,
      cycle: { from: NOW, to: NOW + 30 * DAY_MS },
      account: 'hard_stop' as const,
    };
    expect(chosen(run(clips, { budget, limits: { ...limits, price } }))).toEqual(['c']);
  });

  it('leaves out clips whose scrape comes too soon: they are not due', () => {
    const clips = [
      clip('a', { lastOutcomeAt: ago(0.5) }),
      clip('b', { lastOutcomeAt: ago(3), failures: 3 }),
    ];
    expect(planOf(run(clips))).toMatchObject({ chosen: [], candidates: 2, due: 0 });
    const none = { ...limits, scrapes: 0 };
    expect(planOf(run([clip('c')], { limits: none }))).toMatchObject({
      chosen: [],
      due: 1,
    });
  });

  it('weighs clips more the nearer their campaign may be to its end', () => {
    const at = (remaining: number) => {
      const campaigns = new Map([['c', { budget: 100, spent: 100 - remaining }]]);
      const policy = { weigh: () => ({ unrecorded: 1, score: 1 }), nearEnd: 16 };
      return planOf(run([clip('a')], { policy, campaigns })).chosen[0]!;
    };
    // 1 + 16 / (1 + (remaining / unrecorded) ^ 4)
    expect(at(100).score).toBeCloseTo(1, 5);
    expect(at(2).score).toBeCloseTo(1 + 16 / 17, 10);
    expect(at(1)).toMatchObject({ score: 9, factor: 9, why: 'budget ends' });
    expect(at(0.01).score).toBeCloseTo(17, 5);
    // A budget that is gone is nobody's end: what is unrecorded there is not paid.
    expect(at(0)).toMatchObject({ score: 1, why: 'score' });
  });

  describe('of clips that can earn nothing more (case D7)', () => {
    const full = { dollarsPerThousand: 50, uncounted: 0, minViews: 0, most: 0, chance: 1 };
    const fast = { lastViews: 9e6, previousViews: 8e6, dollarsPerThousand: 50 };
    const capped = (more: Partial<DueClip> = {}) =>
      clip('capped', { ...fast, terms: [full], ...more });

    it('takes the slow clip that still earns, not the fast one at its cap', () => {
      const slow = clip('slow', { lastViews: 1_000, previousViews: 0 });
      expect(chosen(run([capped(), slow], { limits: { ...limits, scrapes: 1 } }))).toEqual([
        'slow',
      ]);
      // And no other rule chooses the capped clip, however old it gets.
      const old = capped({
        lastObservedAt: ago(500),
        lastOutcomeAt: ago(500),
        payoutAt: within(0.1),
      });
      expect(planOf(run([old]))).toMatchObject({ chosen: [], candidates: 1, due: 0 });
    });
    it('takes one scrape as the window ends, if its figures are wanted', () => {
      const ending = capped({ windowEndsAt: within(0.1) });
      expect(reasons(run([ending]))).toEqual([['capped', 'window ends']]);
      expect(reasons(run([ending], { finalFigures: false }))).toEqual([]);
    });
    it('goes on with a clip whose other campaign still pays', () => {
      const one = capped({ campaignIds: ['c', 'd'], terms: [full, { ...full, most: 3 }] });
      expect(planOf(run([one])).chosen[0]!.unrecordedAmount).toBe(3);
    });
  });

  it('sees the edge of a budget also at clips that it met before it knew', () => {
    // Each of these is beaten by all the others, until the whole campaign has been added up.
    const edge = Array.from({ length: 20 }, (_, i) =>
      clip(`e${i}`, { campaignIds: ['edge'], dollarsPerThousand: 0.5 }),
    );
    const others = Array.from({ length: 900 }, (_, i) => clip(`o${i}`, { dollarsPerThousand: 1 }));
    const campaigns = new Map([
      ['c', { budget: 1e9, spent: 0 }],
      ['edge', { budget: 100, spent: 90 }],
    ]);
    const some = { policy: POLICIES['decaying-dollar-hours'], campaigns };
    const ids = chosen(run([...edge, ...others], { ...some, limits: { ...limits, scrapes: 20 } }));
    expect(ids.toSorted()).toEqual(edge.map(({ clipId }) => clipId).toSorted());
  });

  it('counts each due clip that it leaves out once, by what kept it out', () => {
    const ten = Array.from({ length: 10 }, (_, i) => clip(`c${i}`));
    const idle = Array.from({ length: 3 }, (_, i) => clip(`i${i}`));
    const tube = Array.from({ length: 4 }, (_, i) => clip(`y${i}`, { platform: 'youtube' }));
    const left = (clips: DueClip[], more: Partial<typeof limits>, budget?: ScrapeBudget) => {
      const policy = {
        nearEnd: 0,
        weigh: ({ clipId }: DueClip) => ({ unrecorded: 1, score: clipId.startsWith('i') ? 0 : 1 }),
      };
      const plan = planOf(
        run(clips, { policy, limits: { ...limits, ...more }, ...(budget && { budget }) }),
      );
      const sum = Object.values(plan.leftOut).reduce((all, n) => all + n, 0);
      expect(sum).toBe(plan.due - plan.chosen.length);
      return Object.fromEntries(Object.entries(plan.leftOut).filter(([, n]) => n > 0));
    };
    expect(left(ten, {})).toEqual({});
    expect(left([...ten, ...idle], {})).toEqual({ no_gain: 3 });
    expect(left([...ten, ...idle], { scrapes: 4 })).toEqual({ no_gain: 3, scrape_limit: 6 });
    const few = { byPlatform: { youtube: 1 } };
    expect(left([...ten, ...tube], few)).toEqual({ platform_limit: 3 });
    const cycle = { from: ago(720), to: within(0.1) };
    const budget = { budgetMicroUsd: 2_500, spentMicroUsd: 0, cycle };
    const priced = { price: () => 1_000 };
    expect(left([...ten, ...idle], priced, budget)).toEqual({ no_gain: 3, money: 8 });
  });

  it('finds nothing to do', () => {
    expect(planOf(run([]))).toEqual({
      chosen: [],
      candidates: 0,
      due: 0,
      microUsd: 0,
      demand: 0,
      ageCapMs: 2 * DAY_MS,
      shareMicroUsd: Infinity,
      leftOut: { no_gain: 0, scrape_limit: 0, platform_limit: 0, money: 0 },
    });
    expect(planOf(run([clip('a')], { limits: { ...limits, scrapes: 0 } })).chosen).toEqual([]);
  });
});
