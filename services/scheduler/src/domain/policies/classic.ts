import { DAY_MS, hoursBetween, type DueClip, type Weigh } from '../due-clip.js';
import { unrecordedAmount } from './dollar-hours.js';

const NEVER_OBSERVED = 999;
const YOUNG_CAMPAIGN_MS = 7 * DAY_MS;
const YOUNG_CAMPAIGN = 1.5;

/**
 * The formula of the replaced system: 999 without an observation, else hours since the last one,
 * times 2 from 8 hours on, 1 from 4, 0.5 below; times 1.5 in campaigns under 7 days. It knew no
 * unrecorded amount: reports show that of dollar-hours.
 */
export const classic: Weigh = (clip, around) => ({
  unrecorded: unrecordedAmount(clip, around),
  score: classicScore(clip, around.now),
});

function classicScore(clip: DueClip, now: number): number {
  const young = now - clip.campaignLaunchedAt < YOUNG_CAMPAIGN_MS ? YOUNG_CAMPAIGN : 1;
  if (clip.lastObservedAt === null) return NEVER_OBSERVED * young;
  const hours = hoursBetween(clip.lastObservedAt, now);
  return hours * (hours >= 8 ? 2 : hours >= 4 ? 1 : 0.5) * young;
}
