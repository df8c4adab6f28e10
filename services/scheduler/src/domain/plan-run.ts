import type { Platform } from '@cliptally/contracts';
import { classic } from './classic.js';
import { dollarHours, dollarsWaiting } from './dollar-hours.js';
import { DAY_MS, HOUR_MS, hoursBetween, type CampaignMoney, type DueClip, type Policy, type Surroundings } from './due-clip.js';

export const POLICIES = { 'dollar-hours': dollarHours, classic } as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;

export interface Limits {
  /** Looks of this run at most. */
  looks: number;
  /** Of these, looks by platform at most; no entry, no limit. */
  byPlatform: Partial<Record<Platform, number>>;
  /** Millionths of a US dollar that this run may cost. */
  microUsd: number;
  /** Expected price of a look, in millionths of a US dollar. */
  price: (platform: Platform) => number;
  /** Looks a day that the limits allow in the long run: they decide how old a look may get. */
  looksPerDay: number;
}

export interface Run {
  policy: PolicyName;
  clips: readonly DueClip[];
  campaigns: ReadonlyMap<string, CampaignMoney>;
  limits: Limits;
  firstLookVelocity: (platform: Platform) => number;
  now: number;
  /** When the next run is expected: what closes before then has to be looked at now. */
  nextRunAt: number;
}

/** Why a clip was chosen: by its score, or because a look cannot wait. */
export type Reason = 'score' | 'age' | 'window ends';

export interface Choice {
  clip: DueClip;
  score: number;
  dollarsWaiting: number;
  why: Reason;
  microUsd: number;
}

export interface Plan {
  chosen: Choice[];
  candidates: number;
  microUsd: number;
}

/** A younger count is answered from the scraper's cache and tells nothing new. */
const FRESH_MS = HOUR_MS;
const BUDGET_EDGE = 0.97;

/**
 * Oldest that the last look at a clip may get: 48 h where the limits allow every clip one and a half looks a day, else a week.
 * A clip of that age is due at once, whatever its score.
 */
export const ageCapMs = (clips: number, looksPerDay: number): number => (looksPerDay >= 1.5 * clips ? 2 * DAY_MS : 7 * DAY_MS);

/** After n failures in a row a clip rests for an hour, two, four ... up to a day, so that hopeless looks do not eat the budget. */
export function rests(clip: DueClip, now: number): boolean {
  if (clip.lastTriedAt === null) return false;
  const pause = clip.failures === 0 ? FRESH_MS : Math.min(HOUR_MS * 2 ** (clip.failures - 1), DAY_MS);
  return now - clip.lastTriedAt < pause;
}

/** Chooses the looks of a run: those that cannot wait first, then by score; ties by clip id, so that a plan can be made again. */
export function planRun({ policy, clips, campaigns, limits, firstLookVelocity, now, nextRunAt }: Run): Plan {
  const waiting = new Map(clips.map((clip) => [clip.clipId, dollarsWaiting(clip, { now, firstLookVelocity })]));
  const around: Surroundings = { now, firstLookVelocity, nearBudgetEnd: budgetEdge(clips, campaigns, waiting) };
  const oldest = ageCapMs(clips.length, limits.looksPerDay);
  const choices = clips
    .filter((clip) => !rests(clip, now))
    .map((clip): Choice => {
      const score = POLICIES[policy](clip, around);
      return {
        clip,
        score,
        dollarsWaiting: waiting.get(clip.clipId)!,
        why: reasonFor(clip, now, nextRunAt, oldest),
        microUsd: limits.price(clip.platform),
      };
    })
    .filter(({ score, why }) => score > 0 || why !== 'score')
    .sort((a, b) => Number(b.why !== 'score') - Number(a.why !== 'score') || b.score - a.score || (a.clip.clipId < b.clip.clipId ? -1 : 1));
  return { ...within(limits, choices), candidates: clips.length };
}

function reasonFor(clip: DueClip, now: number, nextRunAt: number, oldest: number): Reason {
  if (clip.windowEndsAt <= nextRunAt) return 'window ends';
  return clip.lastLookAt !== null && now - clip.lastLookAt >= oldest ? 'age' : 'score';
}

function within(limits: Limits, choices: readonly Choice[]): Pick<Plan, 'chosen' | 'microUsd'> {
  const taken = new Map<Platform, number>();
  const chosen: Choice[] = [];
  let microUsd = 0;
  for (const choice of choices) {
    const { platform } = choice.clip;
    if (chosen.length >= limits.looks) break;
    const ofPlatform = taken.get(platform) ?? 0;
    if (ofPlatform >= (limits.byPlatform[platform] ?? Infinity) || microUsd + choice.microUsd > limits.microUsd) continue;
    taken.set(platform, ofPlatform + 1);
    microUsd += choice.microUsd;
    chosen.push(choice);
  }
  return { chosen, microUsd };
}

/** Whether recorded plus estimated spend has reached 97 % of a budget: there the closing settlement depends on every clip's newest count. */
function budgetEdge(
  clips: readonly DueClip[],
  campaigns: ReadonlyMap<string, CampaignMoney>,
  waiting: ReadonlyMap<string, number>,
): (clip: DueClip) => boolean {
  const estimated = new Map<string, number>();
  for (const clip of clips)
    for (const id of clip.campaignIds) estimated.set(id, (estimated.get(id) ?? 0) + waiting.get(clip.clipId)! / clip.campaignIds.length);
  const near = new Set(
    [...campaigns]
      .filter(([id, { budget, spent }]) => spent < budget && spent + (estimated.get(id) ?? 0) >= BUDGET_EDGE * budget)
      .map(([id]) => id),
  );
  return (clip) => clip.campaignIds.some((id) => near.has(id));
}

/**
 * What a run may cost so that a billing cycle's money lasts: the share of the budget that belongs to the time that has passed, and a day
 * more for bursts, less what is spent. Money that was not needed stays available; nothing is spent beyond the budget.
 */
export function allowance(budgetMicroUsd: number, spentMicroUsd: number, cycle: { from: number; to: number }, now: number): number {
  const passed = Math.min(1, (hoursBetween(cycle.from, now) + 24) / hoursBetween(cycle.from, cycle.to));
  return Math.max(0, Math.floor(budgetMicroUsd * passed) - spentMicroUsd);
}
