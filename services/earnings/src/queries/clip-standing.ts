import { scrapeIntervalMs, type SeenPost } from '@cliptally/contracts';
import type { ClipEntry } from '../domain/clip.js';
import { payableAt } from '../domain/payable.js';
import type { Known } from '../domain/why.js';
import { TAKEN } from '../settlement/taken.js';
import type { FoundCampaign } from './found-rows.js';
import type { Snapshot } from './tables.js';

/** What is known of the money of a clip's entry, as of one instant. */
export async function knownOf(
  snapshot: Snapshot,
  { clipId, campaignId, creatorId }: ClipEntry,
  { state }: FoundCampaign,
  now: Date,
): Promise<Known> {
  const { currency } = state.terms;
  const balance = await snapshot.balance(creatorId, currency, now);
  const campaigns = await snapshot.campaignsOf(balance);
  const [row] = await snapshot.rows<{
    amount: number | null;
    until: Date | null;
    taken: number;
    post: SeenPost | null;
  }>(
    `select sum(amount)::float8 as amount, max(available_at) as until,
            (select post from clips where clip_id = $1) as post,
            (select sum(${TAKEN})::float8 from entries e where campaign_id = $2 and creator_id = $4) as taken
     from ledger where clip_id = $1 and campaign_id = $2 and available_at > $3`,
    clipId, campaignId, now, creatorId,
  ); // prettier-ignore
  const { amount, until, taken, post } = row!;
  return {
    validating: amount !== null && until ? { amount, until: until.toISOString() } : null,
    takenByCreator: taken,
    post,
    payable: payableAt(balance, campaigns, now),
  };
}

export interface Scrapes {
  /** Of the newest outcome. */
  lastScrapeAt: string | null;
  lastScrapeFailed: string | null;
  /** The next scrape comes after this, as its turn comes; null while the clip is not scraped. */
  nextScrapeAfter: string | null;
  /** Seconds since the newest count. */
  freshness: number | null;
}

/** How fresh a clip's figures are, and from when on it is scraped again. */
export async function scrapesOf(
  snapshot: Snapshot,
  clipId: string,
  { observedAt, scrapedAfter }: { observedAt: string | null; scrapedAfter: number | null },
  now: Date,
): Promise<Scrapes> {
  const [failed] = await snapshot.rows<{ failed_at: Date; failures: number; reason: string }>(
    'select failed_at, failures, reason from failed_scrapes where clip_id = $1',
    clipId,
  );
  const last = failed?.failed_at.toISOString() ?? observedAt;
  const next = last === null ? now.getTime() : Date.parse(last) + scrapeIntervalMs(failed?.failures ?? 0); // prettier-ignore
  return {
    lastScrapeAt: last,
    lastScrapeFailed: failed?.reason ?? null,
    nextScrapeAfter:
      scrapedAfter === null ? null : new Date(Math.max(next, scrapedAfter)).toISOString(),
    freshness:
      observedAt === null ? null : Math.max(0, (now.getTime() - Date.parse(observedAt)) / 1000),
  };
}
