import { dollarsWaiting } from './dollar-hours.js';
import { DAY_MS, hoursBetween, type DueClip, type Policy } from './due-clip.js';

const NEVER_TRACKED = 999;
const YOUNG_CAMPAIGN_MS = 7 * DAY_MS;
const YOUNG_CAMPAIGN = 1.5;

/**
 * The formula of the system that this one replaces, in full: never tracked 999; else hours since the last look, doubled from 8 hours
 * on, as they are from 4, halved below; half as much again for campaigns under 7 days. It had no notion of what waits: tables show our estimate.
 */
export const classic: Policy = (clip, around) => {
  const { waiting, velocity } = dollarsWaiting(clip, around);
  return { waiting, velocity, score: classicScore(clip, around.now) };
};

function classicScore(clip: DueClip, now: number): number {
  const young = now - clip.campaignLaunchedAt < YOUNG_CAMPAIGN_MS ? YOUNG_CAMPAIGN : 1;
  if (clip.lastLookAt === null) return NEVER_TRACKED * young;
  const hours = hoursBetween(clip.lastLookAt, now);
  return hours * (hours >= 8 ? 2 : hours >= 4 ? 1 : 0.5) * young;
}
