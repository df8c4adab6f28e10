import {
  DEFAULT_POLICY,
  learnedFrom,
  Planner,
  POLICIES,
} from '../../services/scheduler/dist/domain/index.js';
import { randomOf } from './random.mjs';

/**
 * Scores a million active clips and selects from them, in a process of its own; prints seconds and
 * the most memory it held, as JSON.
 */
const CLIPS = 1_000_000;
const SCRAPES = 10_000;
const NOW = Date.UTC(2026, 0, 31);
const HOUR_MS = 3_600_000;
const PLATFORMS = ['tiktok', 'youtube', 'instagram', 'x', 'facebook'];
const policy = process.argv[2] ?? DEFAULT_POLICY;

/** What differs from clip to clip, drawn before the clock starts. */
const random = randomOf(1);
const columns = {
  submittedAt: new Float64Array(CLIPS),
  lastObservedAt: new Float64Array(CLIPS),
  lastViews: new Float64Array(CLIPS),
  previousViews: new Float64Array(CLIPS),
};
for (let i = 0; i < CLIPS; i++) {
  const submittedAt = NOW - random.between(0, 30 * 24) * HOUR_MS;
  const lastViews = Math.floor(random.lognormal(6_000, 2));
  columns.submittedAt[i] = submittedAt;
  columns.lastObservedAt[i] = NOW - random.uniform() * Math.min(48 * HOUR_MS, NOW - submittedAt);
  columns.lastViews[i] = lastViews;
  columns.previousViews[i] = Math.floor(lastViews * random.uniform());
}

/** Clips as the scheduler reads them: made one by one, dropped unless kept. */
function* activeClips() {
  for (let i = 0; i < CLIPS; i++) {
    const submittedAt = columns.submittedAt[i];
    const lastObservedAt = columns.lastObservedAt[i];
    yield {
      clipId: `tiktok-${7_000_000_000 + i}`,
      platform: PLATFORMS[i % PLATFORMS.length],
      url: `https://example.com/video/${7_000_000_000 + i}`,
      campaignIds: [`campaign-${i % 5_000}`],
      dollarsPerThousand: 1 + (i % 5),
      submittedAt,
      postedAt: submittedAt - HOUR_MS,
      lastObservedAt,
      lastViews: columns.lastViews[i],
      previousObservedAt: submittedAt,
      previousViews: columns.previousViews[i],
      lastOutcomeAt: lastObservedAt,
      failures: 0,
      campaignLaunchedAt: submittedAt,
      windowEndsAt: submittedAt + 30 * 24 * HOUR_MS,
    };
  }
}

const campaigns = new Map(
  Array.from({ length: 5_000 }, (_, i) => [`campaign-${i}`, { budget: 20_000, spent: 15_000 }]),
);
const before = process.cpuUsage();
const started = performance.now();
const planner = new Planner({
  policy: POLICIES[policy],
  campaigns,
  limits: {
    scrapes: SCRAPES,
    byPlatform: {},
    price: () => 3_000,
    scrapesPerDay: 960_000,
  },
  learned: learnedFrom(new Map(), new Map()),
  now: NOW,
  nextRunAt: NOW + HOUR_MS / 4,
  // The last run of a cycle may spend all of it: two scrapes of three that it wants.
  budget: {
    budgetMicroUsd: SCRAPES * 2_000,
    spentMicroUsd: 0,
    cycle: { from: NOW - 30 * 24 * HOUR_MS, to: NOW + HOUR_MS / 4 },
  },
});
for (const clip of activeClips()) planner.weigh(clip);
const plan = planner.plan();
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1e6;
process.stdout.write(
  `${JSON.stringify({ clips: plan.candidates, chosen: plan.chosen.length, seconds, cpuSeconds, megabytes: process.resourceUsage().maxRSS / 1024 })}\n`,
);
