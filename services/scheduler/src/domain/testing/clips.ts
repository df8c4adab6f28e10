import { HOUR_MS, type DueClip, type Surroundings } from '../due-clip.js';
import type { Limits, Run } from '../plan-run.js';

export const NOW = Date.parse('2026-03-01T00:00:00Z');
export const ago = (hours: number): number => NOW - hours * HOUR_MS;
export const within = (hours: number): number => NOW + hours * HOUR_MS;

/** A clip that gained 100 views an hour between looks 20 and 10 hours ago, and pays a dollar per thousand. */
export const clip = (clipId: string, more: Partial<DueClip> = {}): DueClip => ({
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

export const unseen = (clipId: string, more: Partial<DueClip> = {}): DueClip =>
  clip(clipId, { lastLookAt: null, lastViews: null, previousLookAt: null, previousViews: null, lastTriedAt: null, ...more });

export const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  now: NOW,
  firstLookVelocity: () => 200,
  ...more,
});

export const limits: Limits = { looks: 100, byPlatform: {}, microUsd: 1e9, price: () => 4_000, looksPerDay: 1_000 };

export const run = (clips: DueClip[], more: Partial<Run> = {}): Run & { clips: DueClip[] } => ({
  policy: 'dollar-hours',
  clips,
  campaigns: new Map([['c', { budget: 1_000, spent: 0 }]]),
  limits,
  firstLookVelocity: () => 200,
  now: NOW,
  nextRunAt: within(0.25),
  ...more,
});
