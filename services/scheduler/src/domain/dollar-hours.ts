import { hoursBetween, type DueClip, type Policy, type Surroundings } from './due-clip.js';

/** Part of a first look's velocity that every clip is granted: without it a clip that stood still is never seen to move again. */
const FLOOR = 0.03;
/** Extra weight where a budget is about to end: a late look there overspends attention on a campaign that cannot pay. */
const BUDGET_EDGE = 4;

/**
 * Views an hour between the last two looks; after one look, views an hour since posting. Falling counts are no growth.
 * Null for a clip that was never looked at.
 */
export function velocityOf(clip: DueClip): number | null {
  if (clip.lastLookAt === null || clip.lastViews === null) return null;
  if (clip.previousLookAt === null || clip.previousViews === null) {
    return clip.lastViews / Math.max(1, hoursBetween(clip.postedAt ?? clip.submittedAt, clip.lastLookAt));
  }
  const hours = hoursBetween(clip.previousLookAt, clip.lastLookAt);
  return hours > 0 ? Math.max(0, clip.lastViews - clip.previousViews) / hours : 0;
}

/** US dollars of views that nobody has recorded yet, as far as velocity tells. */
export function dollarsWaiting(clip: DueClip, { now, firstLookVelocity }: Pick<Surroundings, 'now' | 'firstLookVelocity'>): number {
  const typical = firstLookVelocity(clip.platform);
  const velocity = velocityOf(clip);
  const perView = clip.dollarsPerThousand / 1000;
  if (velocity === null) return perView * typical * hoursBetween(clip.postedAt ?? clip.submittedAt, now);
  return perView * (velocity + FLOOR * typical) * hoursBetween(clip.lastLookAt!, now);
}

/**
 * Dollar-hours: the dollars we probably owe, times how long we have not looked. A clip with twice the money waiting and one
 * that was left alone twice as long are equally urgent.
 */
export const dollarHours: Policy = (clip, around) => {
  const since = hoursBetween(clip.lastLookAt ?? clip.submittedAt, around.now);
  const score = dollarsWaiting(clip, around) * (since + 2);
  return around.nearBudgetEnd(clip) ? score * BUDGET_EDGE : score;
};
