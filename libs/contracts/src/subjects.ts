import { CATEGORIES, type Category } from './events/catalog.js';
import { derivedId } from './ids.js';
import { PLATFORMS, type Platform } from './platform.js';

/**
 * The one JetStream stream, and the subjects on it:
 * `cliptally.events.<category>.<Type>[.<platform>]`.
 */
export const JETSTREAM_STREAM = 'CLIPTALLY';
export const SUBJECT_PREFIX = 'cliptally.events';
export const ALL_EVENTS = `${SUBJECT_PREFIX}.>`;

/** The durable consumer that delivers scrape requests of a platform. */
export const scraperDurable = (platform: Platform): string => `scraper-${platform}`;
/** The subject of these scrape requests. */
export const scrapeRequestsOf = (platform: Platform): string =>
  `${SUBJECT_PREFIX}.tracking-run.ClipTrackingRequested.${platform}`;

/**
 * Published over plain NATS when Apify's webhook says that an actor run has ended; the
 * payload is the run's id. A hint only: nothing is lost with it, and nothing is believed of it.
 */
export const APIFY_RUN_ENDED = 'cliptally.hints.apify-run-ended';

const PREFIXES = CATEGORIES.map((category) => ({ category, prefix: `${category}-` }));

/** Category of a stream by its name; throws for a name that no event of ours can live under. */
export function categoryOf(stream: string): Category {
  const found = PREFIXES.find(
    ({ prefix }) => stream.startsWith(prefix) && stream.length > prefix.length,
  );
  if (!found)
    throw new Error(
      `The stream "${stream}" belongs to no category; names begin with ${CATEGORIES.join('-, ')}-.`,
    );
  return found.category;
}

export function subjectOf(event: { stream: string; type: string; data: unknown }): string {
  const given = (event.data as { platform?: unknown } | null)?.platform;
  const platform = PLATFORMS.find((one) => one === given);
  const subject = `${SUBJECT_PREFIX}.${categoryOf(event.stream)}.${event.type}`;
  return platform ? `${subject}.${platform}` : subject;
}

export const streams = {
  campaign: (campaignId: string) => `campaign-${campaignId}`,
  clip: (clipId: string) => `clip-${clipId}`,
  trackingRun: (runId: string) => `tracking-run-${runId}`,
  scrapeBatch: (batchId: string) => `scrape-batch-${batchId}`,
  sourceUsage: (account: string, cycleStartsAt: string) =>
    `source-usage-${account}-${cycleStartsAt.slice(0, 10)}`,
  shortLink: (linkId: string) => `short-link-${linkId}`,
  payout: (creatorId: string) => `payout-${creatorId}`,
  /** Of one campaign, creator and day of UTC; ids may hold what separates them. */
  submissionDay: (campaignId: string, creatorId: string, day: string) =>
    `submission-day-${day}-${derivedId(campaignId, creatorId)}`,
  uniquePayoutId: (payoutId: string) => `unique-payout-id-${payoutId}`,
  creator: (creatorId: string) => `creator-${creatorId}`,
  brand: (brandId: string) => `brand-${brandId}`,
  account: (accountId: string) => `account-${accountId}`,
  /** What people have had a projection skip. */
  projection: (name: string) => `projection-${name}`,
};
