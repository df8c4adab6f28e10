import { DAY_MS, hoursBetween, type Weigh } from '../due-clip.js';
import { unrecordedAmount } from './dollar-hours.js';

const NEVER_OBSERVED = 999;
const YOUNG_CAMPAIGN_MS = 7 * DAY_MS;

/**
 * The formula of the replaced system: 999 without an observation, else hours since the last one,
 * times 2 from 8 hours on, 1 from 4, 0.5 below; times 1.5 in campaigns under 7 days. It knew no
 * unrecorded amount: reports show that of dollar-hours.
 */
export const classic: Weigh = (clip, around) => {
  const hours = clip.lastObservedAt === null ? null : hoursBetween(clip.lastObservedAt, around.now);
  const urgency = hours === null ? NEVER_OBSERVED : hours * (hours >= 8 ? 2 : hours >= 4 ? 1 : 0.5);
  const young = around.now - clip.campaignLaunchedAt < YOUNG_CAMPAIGN_MS ? 1.5 : 1;
  return { unrecorded: unrecordedAmount(clip, around), score: urgency * young };
};
