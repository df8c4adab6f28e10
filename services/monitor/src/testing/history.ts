import {
  PLATFORMS,
  clipIdOf,
  derivedId,
  newEvent,
  outcomeId,
  streams,
  type EventInput,
  type EventType,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import type { StreamAppend } from '@cliptally/event-store';

const HOUR_MS = 3_600_000;

/** An event for tests; the same parts give the same id. */
export function made<T extends EventType>(
  type: T,
  data: EventInput<T>,
  time: Date | string,
  id = derivedId(type, JSON.stringify(data)),
): NewEvent {
  return newEvent(type, id, data, { time, correlationId: 'test', causationId: 'test' }) as NewEvent;
}

export const TERMS = {
  currency: 'USD',
  budget: 100_000,
  ratePerThousand: { default: 100 },
  minViews: 0,
  maxPayoutPerClip: null,
  countFrom: 'zero' as const,
  trackingDays: 30,
  startsAt: '2026-01-01T00:00:00.000Z',
  endsAt: null as string | null,
  exclusive: true,
  validationDays: 3,
  minPayout: 0,
};

const CAMPAIGNS = [
  {
    campaignId: 'aurora',
    name: 'Aurora headphones',
    currency: 'USD',
    budget: 450_000,
    endsAt: null,
  },
  { campaignId: 'kyoto', name: 'Kyoto tea house', currency: 'JPY', budget: 158_000, endsAt: null },
  {
    campaignId: 'alpine',
    name: 'Alpine trail shoes, spring launch',
    currency: 'EUR',
    budget: 90_000,
    endsAt: '2026-03-25T00:00:00.000Z',
  },
  { campaignId: 'nova', name: 'Nova bank', currency: 'USD', budget: 2_000_000, endsAt: null },
  {
    campaignId: 'winter',
    name: 'Winter sale',
    currency: 'GBP',
    budget: 50_000,
    endsAt: '2026-03-10T00:00:00.000Z',
  },
];
const REASONS = ['source_timeout', 'missing', 'rate_limited', 'private', 'blocked'] as const;

/** A number from 0 to 1 that depends on its parts alone. */
const chance = (...parts: (string | number)[]) =>
  Number.parseInt(derivedId('chance', ...parts).slice(0, 8), 16) / 0xffff_ffff;

export interface HistoryOptions {
  /** End of the last hour. */
  until: Date;
  hours: number;
  clips: number;
  /** Share of scrapes that fail. */
  failing: number;
}

/**
 * Life of some campaigns: hourly runs, scrapes along view curves, failures, batches, accruals,
 * payouts; a few scrapes of the last run are outstanding.
 */
export function history({ until, hours, clips, failing }: HistoryOptions): StreamAppend[] {
  const start = until.getTime() - hours * HOUR_MS;
  const appends: StreamAppend[] = [];
  const add = (stream: string, ...events: NewEvent[]) =>
    void appends.push({ stream, events, expected: 'any' });
  for (const { campaignId, name, currency, budget, endsAt } of CAMPAIGNS)
    add(
      streams.campaign(campaignId),
      made(
        'CampaignLaunched',
        { campaignId, brandId: 'brand', name, terms: { ...TERMS, currency, budget, endsAt } },
        new Date(start),
      ),
    );
  const all = Array.from({ length: clips }, (_, i) => clipOf(i));
  for (const [i, clip] of all.entries()) {
    const time = new Date(start + i * 1_000);
    const { clipId, platform, campaignId } = clip;
    const url = `https://example.com/${clip.videoId}`;
    add(
      streams.clip(clipId),
      made(
        'ClipSubmitted',
        {
          clipId,
          platform,
          videoId: clip.videoId,
          url,
          submittedUrl: url,
          campaignId,
          creatorId: clip.creatorId,
        },
        time,
      ),
      made('ClipApproved', { clipId, platform, campaignId, by: 'reviewer' }, time),
    );
  }
  const left = new Map(CAMPAIGNS.map(({ campaignId, budget }) => [campaignId, budget]));
  for (let hour = 0; hour < hours; hour++)
    run(all, new Date(start + hour * HOUR_MS), { last: hour === hours - 1, failing, left }, add);
  add(
    streams.campaign('winter'),
    made('CampaignEnded', { campaignId: 'winter', reason: 'over', by: 'brand' }, until),
  );
  const payout = { payoutId: 'payout-1', creatorId: 'ines' };
  add(
    streams.payout('ines'),
    made('PayoutRequested', { ...payout, currency: 'USD', amount: 1_234 }, until),
    made('PayoutApproved', { ...payout, by: 'finance' }, until),
    made('PayoutPaid', { ...payout, externalReference: 'tr_1029', by: 'finance' }, until),
  );
  return appends;
}

const CREATORS = ['ines', 'marlow', 'tomasz', 'aiko', 'devon'];

function clipOf(i: number) {
  const platform: Platform = PLATFORMS[i % PLATFORMS.length]!;
  const videoId = `${7_301_234_567 + i * 7919}`;
  const { campaignId, name } = CAMPAIGNS[i % 4]!;
  const creatorId = CREATORS[i % CREATORS.length]!;
  return {
    platform,
    videoId,
    clipId: clipIdOf(platform, videoId),
    campaignId,
    name,
    creatorId,
    size: 10 ** (3 + 3 * chance('size', i)),
  };
}

type Clip = ReturnType<typeof clipOf> & { views?: number };
type Lines = EventInput<'EarningsAccrued'>['lines'];
type Add = (stream: string, ...events: NewEvent[]) => void;

interface RunOptions {
  last: boolean;
  failing: number;
  /** What is left of each campaign's budget. */
  left: Map<string, number>;
}

function run(clips: Clip[], at: Date, { last, failing, left }: RunOptions, add: Add) {
  const runId = at.toISOString().slice(0, 16);
  const chosen = clips.filter((clip) => chance(runId, clip.clipId) < 0.6);
  add(
    streams.trackingRun(runId),
    made('TrackingRunStarted', { runId, slot: at.toISOString(), policy: 'dollar-hours', candidates: clips.length, requested: chosen.length, due: clips.length, estimatedCostMicroUsd: chosen.length * 3_000 }, at),
    ...chosen.map(({ clipId, platform, videoId, campaignId }) =>
      made('ClipTrackingRequested', { requestId: derivedId(runId, clipId), runId, clipId, platform, url: `https://example.com/${videoId}`, score: 1, campaignIds: [campaignId] }, at),
    ),
  ); // prettier-ignore
  const done = last ? chosen.slice(0, -4) : chosen;
  for (const [platform, scraped] of Map.groupBy(done, (clip) => clip.platform)) {
    const durationMs = Math.round(4_000 + 60_000 * chance(runId, platform) ** 3);
    const time = new Date(at.getTime() + durationMs);
    const earned = new Map<string, Lines>();
    let recorded = 0;
    for (const clip of scraped)
      if (scrape(clip, { runId, time, failing, left, earned }, add)) recorded++;
    const batchId = derivedId(runId, platform);
    add(
      streams.scrapeBatch(batchId),
      made('ScrapeBatchCompleted', { batchId, platform, source: platform === 'youtube' ? 'youtube-data' : 'apify', sourceRunId: null, status: 'succeeded', looks: scraped.length, recorded, costMicroUsd: platform === 'youtube' ? 0 : scraped.length * 2_600, durationMs }, time),
    ); // prettier-ignore
    for (const [campaignId, lines] of earned) {
      const { currency, budget } = CAMPAIGNS.find((c) => c.campaignId === campaignId)!;
      const total = lines.reduce((sum, { amount }) => sum + amount, 0);
      add(
        streams.campaign(campaignId),
        made('EarningsAccrued', { campaignId, currency, total, lines }, time),
      );
      const unpaid = lines.reduce((sum, { due, amount }) => sum + due - amount, 0);
      if (left.get(campaignId) === 0)
        add(
          streams.campaign(campaignId),
          made('CampaignBudgetExhausted', { campaignId, currency, budget, unpaid }, time),
        );
    }
  }
}

interface ScrapeOptions {
  runId: string;
  time: Date;
  failing: number;
  left: Map<string, number>;
  earned: Map<string, Lines>;
}

function scrape(clip: Clip, { runId, time, failing, left, earned }: ScrapeOptions, add: Add): boolean {
  const { clipId, platform, campaignId, creatorId } = clip;
  const requestId = derivedId(runId, clipId);
  const ofOutcome = { clipId, platform, requestId, runId, source: 'apify', costMicroUsd: 2_600 };
  if (chance('fails', requestId) < failing) {
    const reason = REASONS[Math.floor(chance('reason', requestId) * REASONS.length)]!;
    add(streams.clip(clipId), made('ScrapeFailed', { ...ofOutcome, reason, detail: 'the run ended without this clip', retryable: reason !== 'private', attempts: 3 }, time, outcomeId(requestId)));
    return false;
  } // prettier-ignore
  const fromViews = clip.views ?? 0;
  const toViews = fromViews + Math.floor(clip.size * (0.02 + 0.05 * chance('views', requestId)));
  clip.views = toViews;
  add(streams.clip(clipId), made('ViewsRecorded', { ...ofOutcome, views: toViews, metric: 'playCount', observedAt: time.toISOString(), cached: false }, time, outcomeId(requestId)));
  const due = Math.floor((toViews - fromViews) / 100);
  const amount = Math.min(due, left.get(campaignId)!);
  left.set(campaignId, left.get(campaignId)! - amount);
  if (amount > 0) earned.set(campaignId, [...(earned.get(campaignId) ?? []), { clipId, creatorId, fromViews, toViews, due, amount, observation: outcomeId(requestId) }]);
  return true;
} // prettier-ignore
