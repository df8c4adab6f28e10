import {
  campaignEnd,
  campaignStatusAfter,
  checksOf,
  entryAfter,
  feesOf,
  instantMs,
  type AnyEvent,
  type EventType,
} from '@cliptally/contracts';
import { Rows, type Fold } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import {
  expectedFirstScrape,
  HOUR_MS,
  nextCheckAt,
  withFirstScrape,
  withObservation,
  type Observed,
} from '../domain/index.js';
import type {
  CampaignRow,
  ClipRow,
  EntryRow,
  FirstScrapesRow,
  OpenPayoutRow,
  OpenRequestRow,
  StandingClipsRow,
  TrackingRunRow,
} from './rows.js';
import { ScrapeMoney } from './scrape-money.js';

type Of<T extends EventType> = Extract<AnyEvent, { type: T }>;

const checkAt = (goneAt: string, retiredAt: string | null): string =>
  new Date(
    nextCheckAt(instantMs(goneAt), retiredAt === null ? null : instantMs(retiredAt)),
  ).toISOString();

export class SchedulerFold implements Fold {
  readonly #campaigns = new Rows<CampaignRow>('campaigns', 'campaign_id');
  readonly #clips = new Rows<ClipRow>('clips', 'clip_id');
  readonly #entries = new Rows<EntryRow>('entries', 'clip_id', 'campaign_id');
  readonly #firstScrapes = new Rows<FirstScrapesRow>('first_scrapes', 'platform');
  readonly #standing = new Rows<StandingClipsRow>('standing_clips', 'platform');
  readonly #money = new ScrapeMoney();
  readonly #requests = new Rows<OpenRequestRow>('open_requests', 'request_id');
  readonly #runs = new Rows<TrackingRunRow>('tracking_runs', 'run_id');
  readonly #payouts = new Rows<OpenPayoutRow>('open_payouts', 'payout_id');
  readonly #small = [this.#firstScrapes, this.#standing, ...this.#money.small];
  readonly #tables = [
    this.#campaigns,
    this.#clips,
    this.#entries,
    ...this.#small,
    this.#requests,
    this.#runs,
    this.#payouts,
    this.#money.usage,
  ];

  async load(events: readonly AnyEvent[], db: ClientBase): Promise<void> {
    const clipIds = events.flatMap(({ data }) => ('clipId' in data ? [data.clipId] : []));
    const paidIds = events.flatMap(({ type, data }) =>
      type === 'EarningsAccrued' || type === 'EarningsReversed'
        ? data.lines.map(({ clipId }) => clipId)
        : [],
    );
    const campaignIds = events.flatMap(({ data }) =>
      'campaignId' in data ? [data.campaignId] : [],
    );
    await this.#campaigns.load(campaignIds, db);
    await this.#clips.load(clipIds, db);
    const erasedIds = await clipsOfErased(events, db);
    await this.#entries.load([...clipIds, ...paidIds, ...erasedIds], db);
    for (const table of this.#small) await table.loadAll(db);
  }

  get size(): number {
    return this.#tables.reduce((sum, { size }) => sum + size, 0);
  }

  async save(db: ClientBase): Promise<void> {
    for (const table of this.#tables) await table.save(db);
  }

  take(event: AnyEvent): void {
    switch (event.type) {
      case 'ClipSubmitted':
        return this.#submitted(event);
      case 'ClipApproved':
      case 'ClipReleased':
      case 'ClipRejected':
      case 'ClipHeld':
        return this.#reviewed(event);
      case 'ClipRetired':
        return this.#changeClip(event, (clip) => {
          clip.retired_at = event.time;
          clip.check_at = checkAt(event.time, event.time);
        });
      case 'ClipRestored':
        return this.#changeClip(event, (clip) => {
          clip.retired_at = clip.check_at = null;
          clip.failures = 0;
        });
      case 'ViewsRecorded':
      case 'ScrapeFailed':
        return this.#outcome(event);
      case 'ClipTrackingRequested': {
        const { requestId, clipId } = event.data;
        return this.#requests.put({
          request_id: requestId,
          clip_id: clipId,
          requested_at: event.time,
        });
      }
      case 'TrackingRunStarted': {
        const {
          runId,
          requested,
          estimatedCostMicroUsd,
          demand = null,
          ageCapHours = null,
        } = event.data;
        const rest = {
          requested,
          estimated_cost_micro_usd: estimatedCostMicroUsd,
          demand,
          age_cap_hours: ageCapHours,
        };
        return this.#runs.put({ run_id: runId, started_at: event.time, ...rest });
      }
      case 'PayoutRequested': {
        const { payoutId, creatorId } = event.data;
        return this.#payouts.put({
          payout_id: payoutId,
          creator_id: creatorId,
          requested_at: event.time,
        });
      }
      case 'PayoutApproved':
      case 'PayoutRejected':
        return this.#payouts.remove(event.data.payoutId);
      case 'CreatorErased':
        return this.#erased(event.data.creatorId);
      case 'ScrapeBatchCompleted':
        return this.#money.billed(event);
      case 'SourceUsageMeasured':
        return this.#money.reported(event.data);
      case 'CampaignLaunched':
        return this.#launched(event);
      default:
        return this.#changeCampaign(event);
    }
  }

  #launched({ type, time, data: { campaignId, terms } }: Of<'CampaignLaunched'>): void {
    this.#campaigns.put({
      campaign_id: campaignId,
      status: campaignStatusAfter(type),
      launched_at: time,
      starts_at: terms.startsAt,
      ends_at: terms.endsAt,
      tracking_days: terms.trackingDays,
      currency: terms.currency,
      rates: terms.ratePerThousand,
      budget: terms.budget,
      spent: 0,
      fee_on_top: terms.platformFee?.bearer === 'brand' ? terms.platformFee.basisPoints : 0,
      min_views: terms.minViews,
      most_per_clip: terms.maxPayoutPerClip,
      most_per_creator: terms.maxPayoutPerCreator ?? null,
      counts_from_approval: terms.countFrom === 'approval',
      checks: checksOf(terms),
    });
  }

  #changeCampaign(event: AnyEvent): void {
    if (!('campaignId' in event.data)) return;
    const { campaignId } = event.data;
    const found = this.#campaigns.change(campaignId, (campaign) => {
      if (event.type === 'CampaignToppedUp') campaign.budget += event.data.amount;
      if (
        event.type === 'CampaignPaused' ||
        event.type === 'CampaignResumed' ||
        event.type === 'CampaignEnded'
      )
        campaign.status = campaignStatusAfter(event.type);
      if (event.type === 'CampaignEnded')
        campaign.ends_at = campaignEnd(campaign.ends_at, event.time);
      if (event.type === 'EarningsAccrued')
        campaign.spent += event.data.total + feesOf(event).onTop;
      if (event.type === 'EarningsReversed')
        campaign.spent -= event.data.total - feesOf(event).onTop;
      const capped = campaign.most_per_clip !== null || campaign.most_per_creator !== null;
      if (capped) this.#paid(event);
    });
    if (!found)
      throw new Error(`${event.type} of the campaign "${campaignId}" came before its launch.`);
  }

  #paid({ type, data }: AnyEvent): void {
    if (type !== 'EarningsAccrued' && type !== 'EarningsReversed') return;
    for (const { clipId, amount, basis } of data.lines) {
      // What a person has taken back cannot be earned again; a settlement corrects its own figure.
      const change = type === 'EarningsAccrued' ? amount : basis ? -amount : 0;
      this.#entries.change(`${clipId} ${data.campaignId}`, (entry) => (entry.paid += change));
    }
  }

  #submitted({
    time,
    data: { clipId, platform, url, campaignId, creatorId },
  }: Of<'ClipSubmitted'>): void {
    const dates = {
      posted_at: null,
      last_observed_at: null,
      previous_observed_at: null,
      last_outcome_at: null,
    };
    const gone = { retired_at: null, check_at: null };
    const rest = { last_views: null, previous_views: null, failures: 0, ...gone };
    if (!this.#clips.get(clipId))
      this.#clips.put({ clip_id: clipId, platform, url, submitted_at: time, ...dates, ...rest });
    this.#entries.put({
      clip_id: clipId,
      campaign_id: campaignId,
      creator_id: creatorId,
      ...entryAfter(null, 'ClipSubmitted'),
      approved_at: null,
      paid: 0,
    });
  }

  /** Clips of who was erased are scraped no more, as rejected ones. */
  #erased(creatorId: string): void {
    for (const entry of this.#entries.values())
      if (entry.creator_id === creatorId)
        this.#entries.put({ ...entry, ...entryAfter(entry, 'ClipRejected') });
  }

  #reviewed(event: Of<'ClipApproved' | 'ClipRejected' | 'ClipHeld' | 'ClipReleased'>): void {
    const { type, time, data } = event;
    const { clipId, campaignId } = data;
    const found = this.#entries.change(`${clipId} ${campaignId}`, (entry) => {
      Object.assign(entry, entryAfter(entry, type));
      // A clip that was moved keeps its date.
      if (event.type === 'ClipApproved')
        entry.approved_at = event.data.moved?.approvedAt ?? entry.approved_at ?? time;
    });
    if (!found)
      throw new Error(`Nobody submitted the clip "${clipId}" to the campaign "${campaignId}".`);
  }

  #changeClip(
    { type, data: { clipId } }: { type: EventType; data: { clipId: string } },
    change: (clip: ClipRow) => void,
  ): void {
    if (!this.#clips.change(clipId, change))
      throw new Error(`${type} of the clip "${clipId}" came before its submission.`);
  }

  #outcome(event: Of<'ViewsRecorded' | 'ScrapeFailed'>): void {
    this.#requests.remove(event.data.requestId);
    this.#changeClip(event, (clip) => {
      clip.last_outcome_at = event.time;
      if (event.type === 'ScrapeFailed') {
        clip.failures++;
        const { reason } = event.data;
        if (reason === 'not_found' || reason === 'private')
          clip.check_at = checkAt(event.time, clip.retired_at);
        else if (reason === 'implausible') clip.check_at = null;
        return;
      }
      const { views, observedAt, postedAt } = event.data;
      clip.failures = 0;
      clip.check_at = null;
      clip.posted_at ??= postedAt ?? null;
      if (clip.last_observed_at === null) this.#firstScrape(clip, views, observedAt);
      else if (instantMs(observedAt) <= instantMs(clip.last_observed_at)) return;
      else this.#standingClip(clip, views, observedAt);
      clip.previous_observed_at = clip.last_observed_at;
      clip.previous_views = clip.last_views;
      clip.last_observed_at = observedAt;
      clip.last_views = views;
    });
  }

  #firstScrape(
    { platform, posted_at, submitted_at }: ClipRow,
    views: number,
    observedAt: string,
  ): void {
    const hours = Math.max(
      (instantMs(observedAt) - instantMs(posted_at ?? submitted_at)) / HOUR_MS,
      1,
    );
    this.#firstScrapes.put({
      platform,
      ...withFirstScrape(this.#firstScrapes.get(platform), views / hours),
    });
  }

  #standingClip(clip: ClipRow, views: number, observedAt: string): void {
    const typical = expectedFirstScrape(
      new Map([...this.#firstScrapes.values()].map((row) => [row.platform, row])),
      clip.platform,
    );
    const known = this.#standing.get(clip.platform);
    const sums = withObservation(known, seenSoFar(clip), {
      views,
      now: instantMs(observedAt),
      typical,
    });
    if (sums && sums !== known) this.#standing.put({ platform: clip.platform, ...sums });
  }
}

/** What a policy knows of the clip before an observation. */
function seenSoFar(clip: ClipRow): Observed {
  const at = (instant: string | null) => (instant === null ? null : instantMs(instant));
  return {
    submittedAt: instantMs(clip.submitted_at),
    postedAt: at(clip.posted_at),
    lastObservedAt: at(clip.last_observed_at),
    lastViews: clip.last_views,
    previousObservedAt: at(clip.previous_observed_at),
    previousViews: clip.previous_views,
  };
}

async function clipsOfErased(events: readonly AnyEvent[], db: ClientBase): Promise<string[]> {
  const creators = events.flatMap(({ type, data }) =>
    type === 'CreatorErased' ? [data.creatorId] : [],
  );
  if (creators.length === 0) return [];
  const { rows } = await db.query<{ clip_id: string }>(
    'select distinct clip_id from entries where creator_id = any($1)',
    [creators],
  );
  return rows.map((row) => row.clip_id);
}
