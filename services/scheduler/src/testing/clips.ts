import { Platform } from '@cliptally/contracts';
import { HOUR_MS, type DueClip, type Surroundings } from '../domain/due-clip.js';
import { PARAMETERS } from '../domain/parameters.js';
import { Planner } from '../domain/planner.js';
import { POLICIES } from '../domain/policies.js';
import type { Limits, Plan, TrackingRun } from '../domain/tracking-run.js';

export const NOW = Date.parse('2026-03-01T00:00:00Z');
export const ago = (hours: number): number => NOW - hours * HOUR_MS;
export const within = (hours: number): number => NOW + hours * HOUR_MS;

/** A clip that gained 100 views an hour from 20 to 10 hours ago, and pays a dollar per thousand. */
export const clip = (clipId: string, more: Partial<DueClip> = {}): DueClip => ({
  clipId,
  platform: 'tiktok',
  url: 'https://example.com/',
  campaignIds: ['c'],
  dollarsPerThousand: 1,
  submittedAt: ago(48),
  postedAt: null,
  lastObservedAt: ago(10),
  lastViews: 3_000,
  previousObservedAt: ago(20),
  previousViews: 2_000,
  lastOutcomeAt: ago(10),
  failures: 0,
  campaignLaunchedAt: ago(24 * 30),
  windowEndsAt: Infinity,
  ...more,
});

export const unobserved = (clipId: string, more: Partial<DueClip> = {}): DueClip =>
  clip(clipId, {
    lastObservedAt: null,
    lastViews: null,
    previousObservedAt: null,
    previousViews: null,
    lastOutcomeAt: null,
    ...more,
  });

/** The same for all platforms. */
export const learned = (
  firstScrapeVelocity = 200,
  floor = PARAMETERS.floor,
): Surroundings['learned'] => {
  const all = Platform.options.map((platform) => [platform, { firstScrapeVelocity, floor }]);
  return Object.fromEntries(all) as Surroundings['learned'];
};

export const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  now: NOW,
  learned: learned(),
  ...more,
});

export const limits: Limits = {
  scrapes: 100,
  byPlatform: {},
  price: () => 4_000,
  scrapesPerDay: 1_000,
};

export const run = (
  clips: DueClip[],
  more: Partial<TrackingRun> = {},
): TrackingRun & { clips: DueClip[] } => ({
  policy: POLICIES['dollar-hours'],
  clips,
  campaigns: new Map([['c', { budget: 1_000, spent: 0 }]]),
  limits,
  learned: learned(),
  now: NOW,
  nextRunAt: within(0.25),
  ...more,
});

export function planOf({ clips, ...run }: TrackingRun & { clips: Iterable<DueClip> }): Plan {
  const planner = new Planner(run);
  for (const clip of clips) planner.weigh(clip);
  return planner.plan();
}
