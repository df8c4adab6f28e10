import { campaignEnd, campaignStatusAfter, entryAfter, type AnyEvent, type EventType } from '@cliptally/contracts';
import { upsert, type Fold } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import { HOUR_MS, withFirstLook } from '../domain/index.js';
import type {
  AccountRow,
  CampaignRow,
  ClipRow,
  CostRow,
  EntryRow,
  FirstLooksRow,
  OpenLookRow,
  OpenPayoutRow,
  RunRow,
} from './tracked-rows.js';

type Of<T extends EventType> = Extract<AnyEvent, { type: T }>;
type Outcome = Of<'ViewsRecorded' | 'ScrapeFailed'>;

/** Looks that the mean cost remembers: enough to be steady, few enough to follow a change of price. */
const COSTS_REMEMBERED = 1_000;

/** The rows that events touch: read once, folded in memory, written once. */
export class TrackedClips implements Fold {
  readonly #campaigns = new Map<string, CampaignRow>();
  readonly #clips = new Map<string, ClipRow>();
  readonly #entries = new Map<string, EntryRow>();
  readonly #firstLooks = new Map<string, FirstLooksRow>();
  readonly #costs = new Map<string, CostRow>();
  readonly #accounts = new Map<string, AccountRow>();
  readonly #requested = new Map<string, OpenLookRow>();
  readonly #answered: string[] = [];
  readonly #runs: RunRow[] = [];
  /** By payout; null for one that was decided. */
  readonly #payouts = new Map<string, OpenPayoutRow | null>();
  readonly #usage = new Map<string, number>();
  /** Whether the small tables are in memory, which are read whole. */
  #begun = false;

  async load(events: readonly AnyEvent[], db: ClientBase): Promise<void> {
    const clipIds = [...new Set(events.flatMap(({ data }) => ('clipId' in data ? [data.clipId] : [])))].filter(
      (id) => !this.#clips.has(id),
    );
    const campaignIds = [...new Set(events.flatMap(({ data }) => ('campaignId' in data ? [data.campaignId] : [])))].filter(
      (id) => !this.#campaigns.has(id),
    );
    const rows = async <T extends object>(sql: string, ...values: unknown[]) => (await db.query<T>(sql, values)).rows;
    if (campaignIds.length > 0)
      for (const row of await rows<CampaignRow>(
        'select *, budget::float8, spent::float8 from campaigns where campaign_id = any($1)',
        campaignIds,
      ))
        this.#campaigns.set(row.campaign_id, row);
    if (clipIds.length > 0) {
      const views = 'last_views::float8, previous_views::float8';
      for (const row of await rows<ClipRow>(`select *, ${views} from clips where clip_id = any($1)`, clipIds))
        this.#clips.set(row.clip_id, row);
      for (const row of await rows<EntryRow>('select * from entries where clip_id = any($1)', clipIds)) this.#entries.set(keyOf(row), row);
    }
    if (this.#begun) return;
    this.#begun = true;
    for (const row of await rows<FirstLooksRow>('select platform, looks::float8, velocity from first_looks'))
      this.#firstLooks.set(row.platform, row);
    for (const row of await rows<CostRow>('select * from look_costs')) this.#costs.set(`${row.platform} ${row.source}`, row);
    const money = 'used_micro_usd::float8, limit_micro_usd::float8, since_micro_usd::float8';
    for (const row of await rows<AccountRow>(`select *, ${money} from accounts`)) this.#accounts.set(row.account, row);
  }

  get size(): number {
    return this.#clips.size + this.#entries.size + this.#requested.size + this.#answered.length + this.#runs.length;
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
        this.#clip(event).retired = true;
        return;
      case 'ViewsRecorded':
      case 'ScrapeFailed':
        return this.#looked(event);
      case 'ClipTrackingRequested':
        this.#requested.set(event.data.requestId, {
          request_id: event.data.requestId,
          clip_id: event.data.clipId,
          requested_at: event.time,
        });
        return;
      case 'TrackingRunStarted':
        this.#runs.push({
          run_id: event.data.runId,
          started_at: event.time,
          requested: event.data.requested,
          estimated_cost_micro_usd: event.data.estimatedCostMicroUsd,
          demand: event.data.demand ?? null,
          age_cap_hours: event.data.ageCapHours ?? null,
        });
        return;
      case 'PayoutRequested':
        this.#payouts.set(event.data.payoutId, {
          payout_id: event.data.payoutId,
          creator_id: event.data.creatorId,
          requested_at: event.time,
        });
        return;
      case 'PayoutApproved':
      case 'PayoutRejected':
        this.#payouts.set(event.data.payoutId, null);
        return;
      case 'ScrapeBatchCompleted':
        return this.#paid(event);
      case 'SourceUsageMeasured':
        return this.#measured(event.data);
      default:
        return this.#takeCampaign(event);
    }
  }

  #takeCampaign(event: AnyEvent): void {
    if (event.type === 'CampaignLaunched') {
      const { campaignId, terms } = event.data;
      this.#campaigns.set(campaignId, {
        campaign_id: campaignId,
        status: campaignStatusAfter(event.type),
        launched_at: event.time,
        starts_at: terms.startsAt,
        ends_at: terms.endsAt,
        tracking_days: terms.trackingDays,
        currency: terms.currency,
        rates: terms.ratePerThousand,
        budget: terms.budget,
        spent: 0,
      });
      return;
    }
    if (!('campaignId' in event.data)) return;
    const campaign = this.#campaigns.get(event.data.campaignId);
    if (!campaign) throw new Error(`${event.type} of the campaign "${event.data.campaignId}" came before its launch.`);
    if (event.type === 'CampaignToppedUp') campaign.budget += event.data.amount;
    if (event.type === 'CampaignPaused' || event.type === 'CampaignResumed' || event.type === 'CampaignEnded')
      campaign.status = campaignStatusAfter(event.type);
    if (event.type === 'CampaignEnded') {
      // A row that was read has a Date.
      const planned = campaign.ends_at && new Date(campaign.ends_at).toISOString();
      campaign.ends_at = campaignEnd(planned, event.time);
    }
    if (event.type === 'EarningsAccrued') campaign.spent += event.data.total;
    if (event.type === 'EarningsReversed') campaign.spent -= event.data.total;
  }

  #submitted({ time, data }: Of<'ClipSubmitted'>): void {
    const unseen = {
      posted_at: null,
      retired: false,
      last_look_at: null,
      last_views: null,
    };
    const rest = { previous_look_at: null, previous_views: null, last_tried_at: null, failures: 0 };
    const { clipId, platform, url } = data;
    if (!this.#clips.has(clipId)) this.#clips.set(clipId, { clip_id: clipId, platform, url, submitted_at: time, ...unseen, ...rest });
    const { status } = entryAfter(null, 'ClipSubmitted');
    const entry = { clip_id: clipId, campaign_id: data.campaignId, creator_id: data.creatorId, status, approved_at: null };
    this.#entries.set(keyOf(entry), entry);
  }

  #looked(event: Outcome): void {
    const { data, time } = event;
    if (!this.#requested.delete(data.requestId)) this.#answered.push(data.requestId);
    const clip = this.#clip(event);
    clip.last_tried_at = time;
    if (event.type === 'ScrapeFailed') {
      clip.failures++;
      return;
    }
    const { views, observedAt } = event.data;
    clip.failures = 0;
    clip.posted_at ??= event.data.postedAt ?? null;
    if (clip.last_look_at === null) this.#first(clip, views, observedAt);
    else if (at(observedAt) <= at(clip.last_look_at)) return;
    clip.previous_look_at = clip.last_look_at;
    clip.previous_views = clip.last_views;
    clip.last_look_at = observedAt;
    clip.last_views = views;
  }

  #first(clip: ClipRow, views: number, observedAt: string): void {
    const hours = Math.max((at(observedAt) - at(clip.posted_at ?? clip.submitted_at)) / HOUR_MS, 1);
    const { platform } = clip;
    this.#firstLooks.set(platform, { platform, ...withFirstLook(this.#firstLooks.get(platform), views / hours) });
  }

  #paid({ time, data: { platform, source, recorded, costMicroUsd } }: Of<'ScrapeBatchCompleted'>): void {
    const day = time.slice(0, 10);
    this.#usage.set(day, (this.#usage.get(day) ?? 0) + costMicroUsd);
    for (const account of this.#accounts.values()) account.since_micro_usd += costMicroUsd;
    // Looks that a source could not answer are bought again from the next: what an answered look costs is the cost of all tries.
    const keep = Math.max(0, 1 - recorded / COSTS_REMEMBERED);
    for (const row of this.#costs.values()) {
      if (row.platform !== platform) continue;
      row.looks *= keep;
      row.cost_micro_usd *= keep;
    }
    const key = `${platform} ${source}`;
    const row = this.#costs.get(key) ?? { platform, source, looks: 0, cost_micro_usd: 0 };
    this.#costs.set(key, { ...row, looks: row.looks + recorded, cost_micro_usd: row.cost_micro_usd + costMicroUsd });
  }

  #measured({ account, cycleStartsAt, cycleEndsAt, usedMicroUsd, limitMicroUsd, state }: Of<'SourceUsageMeasured'>['data']): void {
    this.#accounts.set(account, {
      account,
      cycle_starts_at: cycleStartsAt,
      cycle_ends_at: cycleEndsAt,
      used_micro_usd: usedMicroUsd,
      limit_micro_usd: limitMicroUsd,
      state,
      since_micro_usd: 0,
    });
  }

  /** A clip on hold is scraped like others: its views still count. */
  #reviewed(event: Of<'ClipApproved' | 'ClipRejected' | 'ClipHeld' | 'ClipReleased'>): void {
    const entry = this.#entry(event);
    entry.status = entryAfter({ status: entry.status, held: false }, event.type).status;
    if (event.type === 'ClipApproved') entry.approved_at = event.time;
  }

  #entry({ data: { clipId, campaignId } }: { data: { clipId: string; campaignId: string } }): EntryRow {
    const entry = this.#entries.get(keyOf({ clip_id: clipId, campaign_id: campaignId }));
    if (!entry) throw new Error(`The clip "${clipId}" was never submitted to the campaign "${campaignId}".`);
    return entry;
  }

  #clip({ data: { clipId } }: { data: { clipId: string } }): ClipRow {
    const clip = this.#clips.get(clipId);
    if (!clip) throw new Error(`The clip "${clipId}" was looked at before it was submitted.`);
    return clip;
  }

  async save(db: ClientBase): Promise<void> {
    for (const [day, cost] of this.#usage)
      await db.query(
        'insert into usage values ($1, $2) on conflict (day) do update set cost_micro_usd = usage.cost_micro_usd + excluded.cost_micro_usd',
        [day, cost],
      );
    await upsert(db, 'campaigns', ['campaign_id'], [...this.#campaigns.values()]);
    await upsert(db, 'clips', ['clip_id'], [...this.#clips.values()]);
    await upsert(db, 'entries', ['clip_id', 'campaign_id'], [...this.#entries.values()]);
    await upsert(db, 'first_looks', ['platform'], [...this.#firstLooks.values()]);
    await upsert(db, 'look_costs', ['platform', 'source'], [...this.#costs.values()]);
    await upsert(db, 'accounts', ['account'], [...this.#accounts.values()]);
    await upsert(
      db,
      'open_payouts',
      ['payout_id'],
      [...this.#payouts.values()].filter((row) => row !== null),
    );
    const decided = [...this.#payouts].filter(([, row]) => row === null).map(([id]) => id);
    if (decided.length > 0) await db.query('delete from open_payouts where payout_id = any($1)', [decided]);
    await upsert(db, 'runs', ['run_id'], this.#runs);
    await upsert(db, 'open_looks', ['request_id'], [...this.#requested.values()]);
    if (this.#answered.length > 0) await db.query('delete from open_looks where request_id = any($1)', [this.#answered]);
  }
}

const keyOf = ({ clip_id, campaign_id }: { clip_id: string; campaign_id: string }) => `${clip_id} ${campaign_id}`;
const at = (instant: string | Date): number => new Date(instant).getTime();
