import type { Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { DAY_MS, type DueClip } from './due-clip.js';
import { planRun, planRunStreaming, type Run } from './plan-run.js';
import { ago, clip, limits, NOW, run, unseen, within } from './testing/clips.js';

const chosen = (r: Run & { clips: DueClip[] }) => planRun(r).chosen.map(({ clip: { clipId } }) => clipId);
const reasons = (r: Run & { clips: DueClip[] }) => planRun(r).chosen.map(({ clip: { clipId }, why }) => [clipId, why]);

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

  it('gives the same plan for a stream', async () => {
    const clips = Array.from({ length: 50 }, (_, i) => clip(`c${i}`, { dollarsPerThousand: (i * 7) % 5 }));
    async function* stream() {
      yield* clips;
    }
    const some = { ...run([]), limits: { ...limits, looks: 7 } };
    expect(await planRunStreaming({ ...some, clips: stream() })).toEqual(planRun({ ...some, clips }));
  });

  it('takes last chances first, then what was unseen too long, oldest first, and says why', () => {
    const poor = { dollarsPerThousand: 0.01 };
    const clips = [
      clip('rich', { dollarsPerThousand: 1e6 }),
      clip('ending', { ...poor, windowEndsAt: within(0.1) }),
      clip('old', { ...poor, lastLookAt: ago(48), previousLookAt: ago(50), lastTriedAt: ago(48) }),
      clip('older', { ...poor, lastLookAt: ago(49), previousLookAt: ago(50), lastTriedAt: ago(49) }),
      unseen('never', { ...poor, submittedAt: ago(48.5) }),
      unseen('new', { ...poor, submittedAt: ago(1) }),
    ];
    const campaigns = new Map([['c', { budget: 1e9, spent: 0 }]]);
    expect(reasons(run(clips, { campaigns }))).toEqual([
      ['ending', 'window ends'],
      ['older', 'age'],
      ['never', 'age'],
      ['old', 'age'],
      ['rich', 'score'],
      ['new', 'first look'],
    ]);
    expect(chosen(run(clips, { limits: { ...limits, looks: 2 } }))).toEqual(['ending', 'older']);
    // Where looks are scarce the cap is a week: after the last chance scores alone decide.
    const scarce = reasons(run(clips, { campaigns, limits: { ...limits, looksPerDay: 1 } }));
    expect(scarce.slice(0, 2)).toEqual([
      ['ending', 'window ends'],
      ['rich', 'score'],
    ]);
    expect(scarce.map(([, why]) => why)).not.toContain('age');
  });

  it('takes a last chance even where nothing seems to wait', () => {
    const paused = clip('a', { dollarsPerThousand: 0, windowEndsAt: within(0.1) });
    expect(reasons(run([paused, clip('b', { dollarsPerThousand: 0 })]))).toEqual([['a', 'window ends']]);
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

  it('counts forced looks against a platform limit', () => {
    const clips = [clip('a', { windowEndsAt: within(0.1) }), clip('b', { dollarsPerThousand: 1e6 })];
    expect(chosen(run(clips, { limits: { ...limits, byPlatform: { tiktok: 1 } } }))).toEqual(['a']);
  });

  it('takes its share of the money of the cycle, and only last chances draw ahead', () => {
    const clips = [clip('a'), clip('b'), clip('c', { windowEndsAt: within(0.1) }), clip('d', { windowEndsAt: within(0.1) })];
    // 2,880 runs of a quarter of an hour share the money: one look each.
    const quota = { budgetMicroUsd: 2_880 * 4_000, spentMicroUsd: 0, cycle: { from: NOW, to: NOW + 30 * DAY_MS } };
    expect(chosen(run(clips, { quota }))).toEqual(['c', 'd']);
    expect(chosen(run(clips.slice(0, 2), { quota }))).toEqual(['a']);
    const { demand } = planRun(run(clips.slice(0, 2)));
    expect(chosen(run(clips.slice(0, 2), { quota: { ...quota, usualDemand: demand / 2 } }))).toEqual(['a', 'b']);
  });

  it('buys nothing after a hard stop, last chances included, and still takes what is free', () => {
    const price = (platform: Platform) => (platform === 'youtube' ? 0 : 4_000);
    const clips = [clip('a'), clip('b', { windowEndsAt: within(0.1) }), clip('c', { platform: 'youtube' })];
    const quota = { budgetMicroUsd: 1e9, spentMicroUsd: 0, cycle: { from: NOW, to: NOW + 30 * DAY_MS }, account: 'hard_stop' as const };
    expect(chosen(run(clips, { quota, limits: { ...limits, price } }))).toEqual(['c']);
  });

  it('leaves out clips that rest', () => {
    expect(chosen(run([clip('a', { lastTriedAt: ago(0.5) }), clip('b', { lastTriedAt: ago(3), failures: 3 })]))).toEqual([]);
  });

  it('weighs clips of a campaign more when recorded and estimated spend reach 97 % of its budget', () => {
    // 1.06 dollars are estimated to wait.
    const at = (spent: number) => planRun(run([clip('a')], { campaigns: new Map([['c', { budget: 100, spent }]]) })).chosen[0]!;
    expect(at(95.95).score / at(90).score).toBeCloseTo(4, 10);
    expect(at(95.9).score / at(90).score).toBeCloseTo(1, 10);
    expect(at(95.95).why).toBe('budget ends');
    expect(at(100).score / at(90).score).toBeCloseTo(1, 10);
  });

  it('sees the edge of a budget also at clips that it met before it knew', () => {
    // Each of these is beaten by all the others, until the whole campaign has been added up.
    const edge = Array.from({ length: 20 }, (_, i) => clip(`e${i}`, { campaignIds: ['edge'], dollarsPerThousand: 0.5 }));
    const others = Array.from({ length: 900 }, (_, i) => clip(`o${i}`, { dollarsPerThousand: 1 }));
    const campaigns = new Map([
      ['c', { budget: 1e9, spent: 0 }],
      ['edge', { budget: 100, spent: 90 }],
    ]);
    const ids = chosen(run([...edge, ...others], { campaigns, limits: { ...limits, looks: 20 } }));
    expect(ids.toSorted()).toEqual(edge.map(({ clipId }) => clipId).toSorted());
  });

  it('finds nothing to do', () => {
    expect(planRun(run([]))).toEqual({ chosen: [], candidates: 0, microUsd: 0, demand: 0, ageCapMs: 2 * DAY_MS });
    expect(planRun(run([clip('a')], { limits: { ...limits, looks: 0 } })).chosen).toEqual([]);
  });
});
