import type { Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { classic } from './classic.js';
import { dollarHours, velocityOf } from './dollar-hours.js';
import { DAY_MS, HOUR_MS, type DueClip, type Surroundings } from './due-clip.js';
import { ageCapMs, rests } from './forced.js';
import { planRun, type Limits, type Run } from './plan-run.js';
import { allowance } from './quota.js';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const ago = (hours: number) => NOW - hours * HOUR_MS;

const clip = (clipId: string, more: Partial<DueClip> = {}): DueClip => ({
  clipId,
  platform: 'tiktok',
  url: 'https://example.com/',
  campaignIds: ['c'],
  dollarsPerThousand: 1,
  submittedAt: ago(48),
  postedAt: null,
  lastLookAt: ago(10),
  lastViews: 3_000,
  previousLookAt: ago(20),
  previousViews: 2_000,
  lastTriedAt: ago(10),
  failures: 0,
  campaignLaunchedAt: ago(24 * 30),
  windowEndsAt: Infinity,
  ...more,
});
const unseen = (clipId: string, more: Partial<DueClip> = {}) =>
  clip(clipId, { lastLookAt: null, lastViews: null, previousLookAt: null, previousViews: null, lastTriedAt: null, ...more });

const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  now: NOW,
  firstLookVelocity: () => 200,
  nearBudgetEnd: () => false,
  ...more,
});
const limits: Limits = { looks: 100, byPlatform: {}, microUsd: 1e9, price: () => 4_000, looksPerDay: 1_000 };
const run = (clips: DueClip[], more: Partial<Run> = {}): Run & { clips: DueClip[] } => ({
  policy: 'dollar-hours',
  clips,
  campaigns: new Map([['c', { budget: 1_000, spent: 0 }]]),
  limits,
  firstLookVelocity: () => 200,
  now: NOW,
  nextRunAt: NOW + HOUR_MS / 4,
  ...more,
});
const chosen = (r: Run & { clips: DueClip[] }) => planRun(r).chosen.map(({ clip: { clipId } }) => clipId);

describe('dollar-hours', () => {
  it('is rate x (v + 3 % of v0) x d x (d + 2)', () => {
    // v = 100 views an hour, v0 = 200, d = 10 h: 0.001 x 106 x 10 x 12
    expect(dollarHours(clip('a'), around())).toBeCloseTo(12.72, 10);
  });
  it('takes a clip that was never looked at by what first looks see, since posting and since submission', () => {
    // 0.001 x 200 x 60 h since posting x (48 h since submission + 2)
    expect(dollarHours(unseen('a', { postedAt: ago(60) }), around())).toBeCloseTo(600, 10);
  });
  it('weighs four times where a budget is about to end', () => {
    expect(dollarHours(clip('a'), around({ nearBudgetEnd: () => true }))).toBeCloseTo(4 * 12.72, 10);
  });
  it('keeps a floor for a clip that stood still', () => {
    expect(dollarHours(clip('a', { previousViews: 3_000 }), around())).toBeGreaterThan(0);
  });
  it.each([
    ['two looks', {}, 100],
    ['a falling count', { previousViews: 9_000 }, 0],
    ['one look, since posting', { previousLookAt: null, previousViews: null, postedAt: ago(40) }, 100],
    ['no look', { lastLookAt: null, lastViews: null }, null],
  ])('velocity after %s', (_, more, velocity) => {
    expect(velocityOf(clip('a', more))).toBe(velocity);
  });
});

describe('classic', () => {
  it.each([
    ['never tracked', { lastLookAt: null }, 999],
    ['8 hours', { lastLookAt: ago(8) }, 16],
    ['4 hours', { lastLookAt: ago(4) }, 4],
    ['under 4 hours', { lastLookAt: ago(3) }, 1.5],
    ['8 hours, campaign under 7 days', { lastLookAt: ago(8), campaignLaunchedAt: ago(24 * 6) }, 24],
    ['campaign of exactly 7 days', { lastLookAt: ago(8), campaignLaunchedAt: ago(24 * 7) }, 16],
  ])('%s', (_, more, score) => {
    expect(classic(clip('a', more), around())).toBe(score);
  });
});

describe('planning a run', () => {
  it('takes the most urgent, and equal ones by clip id', () => {
    const clips = [clip('b'), clip('a'), clip('z', { dollarsPerThousand: 9 })];
    expect(chosen(run(clips))).toEqual(['z', 'a', 'b']);
    expect(chosen(run(clips, { limits: { ...limits, looks: 2 } }))).toEqual(['z', 'a']);
  });
  it('gives the same plan whatever order the clips come in', () => {
    const clips = Array.from({ length: 50 }, (_, i) => clip(`c${i}`, { dollarsPerThousand: (i * 7) % 5 }));
    expect(chosen(run(clips.toReversed()))).toEqual(chosen(run(clips)));
  });
  it('looks at once where the window ends before the next run, or the last look is too old', () => {
    const clips = [
      clip('rich', { dollarsPerThousand: 1e6 }),
      clip('ending', { dollarsPerThousand: 0.01, windowEndsAt: NOW + 60_000 }),
      clip('old', { dollarsPerThousand: 0.01, lastLookAt: ago(48), lastTriedAt: ago(48) }),
    ];
    const plan = planRun(run(clips, { limits: { ...limits, looks: 2 } }));
    expect(plan.chosen.map((c) => [c.clip.clipId, c.why])).toEqual([
      ['ending', 'window ends'],
      ['old', 'age'],
    ]);
  });
  it('keeps to the limits of platforms and of money, and goes on with what still fits', () => {
    const clips = [
      clip('a', { dollarsPerThousand: 9 }),
      clip('b', { dollarsPerThousand: 8 }),
      clip('c', { platform: 'x', dollarsPerThousand: 1 }),
    ];
    expect(chosen(run(clips, { limits: { ...limits, byPlatform: { tiktok: 1 } } }))).toEqual(['a', 'c']);
    const price = (platform: Platform) => (platform === 'x' ? 400 : 4_000);
    expect(chosen(run(clips, { limits: { ...limits, price, microUsd: 4_500 } }))).toEqual(['a', 'c']);
    expect(planRun(run(clips, { limits: { ...limits, price, microUsd: 4_500 } })).microUsd).toBe(4_400);
  });
  it('leaves a clip alone whose count is fresh or whose looks fail', () => {
    expect(rests(clip('a', { lastTriedAt: ago(0.5) }), NOW)).toBe(true);
    expect(rests(clip('a', { lastTriedAt: ago(1) }), NOW)).toBe(false);
    expect(rests(clip('a', { lastTriedAt: ago(7.9), failures: 4 }), NOW)).toBe(true);
    expect(rests(clip('a', { lastTriedAt: ago(8), failures: 4 }), NOW)).toBe(false);
    expect(rests(clip('a', { lastTriedAt: ago(24), failures: 40 }), NOW)).toBe(false);
    expect(rests(unseen('a'), NOW)).toBe(false);
  });
  it('weighs clips of a campaign more when recorded and estimated spend reach 97 % of its budget', () => {
    // 1.06 dollars are estimated to wait.
    const at = (spent: number) => planRun(run([clip('a')], { campaigns: new Map([['c', { budget: 100, spent }]]) })).chosen[0]!.score;
    expect(at(95.95) / at(90)).toBeCloseTo(4, 10);
    expect(at(95.9) / at(90)).toBeCloseTo(1, 10);
  });
  it('finds nothing to do', () => {
    expect(planRun(run([]))).toEqual({ chosen: [], candidates: 0, microUsd: 0 });
  });
  it('holds looks younger than two days where it can, else than a week', () => {
    expect(ageCapMs(100, 150)).toBe(2 * DAY_MS);
    expect(ageCapMs(100, 149)).toBe(7 * DAY_MS);
  });
});

describe('the money of a cycle', () => {
  const cycle = { from: 0, to: 30 * DAY_MS };
  it('is released with time, and a day ahead', () => {
    expect(allowance(30_000, 0, cycle, 0)).toBe(1_000);
    expect(allowance(30_000, 500, cycle, 9 * DAY_MS)).toBe(9_500);
  });
  it('is never exceeded', () => {
    expect(allowance(30_000, 29_999, cycle, 29.9 * DAY_MS)).toBe(1);
    expect(allowance(30_000, 40_000, cycle, 15 * DAY_MS)).toBe(0);
  });
});
