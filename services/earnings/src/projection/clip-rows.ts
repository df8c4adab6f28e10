import { checksOf, type AnyEvent, type EventType } from '@cliptally/contracts';
import { Counts, upsert } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import type { Campaign } from '../domain/campaign.js';
import { dueOf, type ClipEntry } from '../domain/clip.js';
import { MIN_SAMPLE } from '../domain/anomaly-rules.js';
import { reviewAtOf } from '../domain/due-review.js';
import { byInstant } from '../domain/fact.js';
import { bandOf } from '../domain/usual-engagement.js';
import { mergeObservations, NewObservations } from './observation-rows.js';
import type { ClipRow, EntryRow, FailedScrapeRow } from './table-rows.js';

type Of<T extends EventType> = Extract<AnyEvent, { type: T }>;

const IS_GONE: ReadonlySet<string> = new Set(['not_found', 'private']);
/** Reasons whose source has seen the clip. */
const HAS_SEEN: ReadonlySet<string> = new Set(['restricted', 'no_view_field', 'implausible']);

/** What follows from state and campaign is computed when the row is written. */
type Entry = {
  row: Pick<
    EntryRow,
    | 'clip_id'
    | 'campaign_id'
    | 'submitted_at'
    | 'submission'
    | 'correlation_id'
    | 'check_position'
    | 'state'
  >;
  touched: boolean;
};

/** All rows of a clip. */
interface Clip {
  row: ClipRow;
  /** By campaign. */
  entries: Map<string, Entry>;
  failed: FailedScrapeRow | null;
  observations: NewObservations | null;
  touched: boolean;
}

/** After which it is checked what the campaign asks of the clip's post. */
const TO_CHECK: ReadonlySet<EventType> = new Set<EventType>([
  'ClipSubmitted',
  'ClipApproved',
  'ClipReleased',
]);

const UNSEEN = {
  url: '',
  revision: -1,
  views: null,
  observed_at: null,
  author: null,
  followers: null,
  post: null,
  codes: null,
  observation_count: 0,
  source: null,
  source_changed_at: null,
  view_field: null,
  observed_field: null,
  restoration_asked_at: null,
  engagement_counted: false,
};

type Found = ClipRow<Date>;
const written = (instant: Date | null): string | null => instant?.toISOString() ?? null;

/**
 * Clips that events touch, with their entries, observations and failed scrapes. By hand, not of
 * `Rows`: nearly all events are about clips, and a rebuild writes each row once.
 */
export class ClipRows {
  readonly #clips = new Map<string, Clip>();
  readonly #touched: Clip[] = [];
  readonly #touchedEntries: Entry[] = [];
  /** Clips of which the failure changes. */
  readonly #failing = new Set<Clip>();
  #observationRows = 0;
  /** Saved with the other tables. */
  readonly engagement = new Counts<{ platform: string; band: number }, { clips: number }>(
    'engagement',
  );

  get size(): number {
    return this.#touched.length + this.#touchedEntries.length + this.#observationRows;
  }

  /** Gives the campaigns of the clips. */
  async load(clipIds: Iterable<string>, db: ClientBase): Promise<string[]> {
    const missing = [...clipIds].filter((id) => !this.#clips.has(id));
    if (missing.length === 0) return [];
    const clips = await db.query<Found>(
      `select clip_id, platform, url, revision, views::float8, observed_at, author,
              followers::float8, post, codes, observation_count, source, source_changed_at, view_field,
              observed_field, restoration_asked_at, engagement_counted from clips where clip_id = any($1)`,
      [missing],
    );
    for (const row of clips.rows)
      this.#put({
        ...row,
        observed_at: written(row.observed_at),
        source_changed_at: written(row.source_changed_at),
        restoration_asked_at: written(row.restoration_asked_at),
      });
    const failed = await db.query<FailedScrapeRow>(
      'select * from failed_scrapes where clip_id = any($1)',
      [missing],
    );
    for (const row of failed.rows) this.#clips.get(row.clip_id)!.failed = row;
    const entries = await db.query<Entry['row']>(
      `select clip_id, campaign_id, submitted_at, submission, correlation_id, check_position::float8, state
       from entries where clip_id = any($1)`,
      [missing],
    );
    for (const row of entries.rows)
      this.#clips.get(row.clip_id)!.entries.set(row.campaign_id, { row, touched: false });
    return entries.rows.map((row) => row.campaign_id);
  }

  #put(row: ClipRow): Clip {
    const clip = { row, entries: new Map(), failed: null, observations: null, touched: false };
    this.#clips.set(row.clip_id, clip);
    return clip;
  }

  entry(clipId: string, campaignId: string): ClipEntry | null {
    return this.#clips.get(clipId)?.entries.get(campaignId)?.row.state ?? null;
  }

  *entriesOf(clipId: string): Iterable<ClipEntry> {
    const clip = this.#clips.get(clipId);
    if (clip) for (const { row } of clip.entries.values()) yield row.state;
  }

  keepEntry(state: ClipEntry, { id, type, time, position, correlationId }: AnyEvent): void {
    const { clipId, campaignId } = state;
    const { entries } = this.#clips.get(clipId)!;
    const fresh = {
      submitted_at: time,
      submission: id,
      correlation_id: null,
      check_position: null,
    };
    const entry = entries.get(campaignId) ?? {
      row: { clip_id: clipId, campaign_id: campaignId, ...fresh, state },
      touched: false,
    };
    if (type === 'ClipSubmitted') Object.assign(entry.row, fresh);
    entry.row.state = state;
    if (TO_CHECK.has(type)) entry.row.check_position = position;
    if (type === 'ViewsRecorded' && state.views.highWater?.id === id)
      entry.row.correlation_id = correlationId;
    entries.set(campaignId, entry);
    touch(entry, this.#touchedEntries);
  }

  /** What an event of the clip's stream says of the clip itself. */
  take(event: AnyEvent & { data: Pick<ClipRow, 'platform'> & { clipId: string } }): void {
    const { clipId, platform } = event.data;
    const clip = this.#clips.get(clipId) ?? this.#put({ ...UNSEEN, clip_id: clipId, platform });
    clip.row.revision = event.revision;
    touch(clip, this.#touched);
    if (event.type === 'ClipSubmitted') clip.row.url = event.data.url;
    else if (event.type === 'ScrapeFailed') this.#fail(clip, event);
    else if (event.type === 'ViewsRecorded') this.#observe(clip, event);
    else if (event.type === 'ClipRetired') this.#retire(clip, event);
    else if (event.type === 'ClipRestored') this.#restore(clip, event);
    else if (event.type === 'ClipPostSeen') this.#see(clip, event);
    else if (event.type === 'ViewFieldChanged') clip.row.view_field = event.data.to;
  }

  #see(clip: Clip, { position, data: { account, codes, text } }: Of<'ClipPostSeen'>): void {
    clip.row.post = { account, codes, text };
    clip.row.codes = codes.length > 0 ? codes : null;
    clip.row.author = account?.handle ?? clip.row.author;
    for (const entry of clip.entries.values()) {
      entry.row.check_position = position;
      touch(entry, this.#touchedEntries);
    }
  }

  /** It stays in the list of failed scrapes, with what was seen. */
  #retire(clip: Clip, { time, data }: Of<'ClipRetired'>): void {
    if (!clip.failed) return;
    clip.failed = { ...clip.failed, retired: data.reason, retired_at: time };
    this.#failing.add(clip);
  }

  #restore(clip: Clip, { time, data }: Of<'ClipRestored'>): void {
    if (data.reason === 'creator') clip.row.restoration_asked_at = time;
    if (!clip.failed) return;
    clip.failed = { ...clip.failed, gone_since: null, retired: null, retired_at: null };
    this.#failing.add(clip);
  }

  #fail(clip: Clip, { time, data }: Of<'ScrapeFailed'>): void {
    const { clipId, requestId, platform, reason, detail = null, retryable, attempts } = data;
    const { source, figure = null } = data;
    const before = clip.failed;
    const since = IS_GONE.has(reason) ? (before?.gone_since ?? time) : null;
    const isThere = HAS_SEEN.has(reason);
    clip.failed = {
      clip_id: clipId,
      request_id: requestId,
      platform,
      reason,
      detail,
      retryable,
      attempts,
      failures: (before?.failures ?? 0) + 1,
      failed_at: time,
      source,
      figure,
      gone_since: isThere ? null : (since ?? before?.gone_since ?? null),
      retired: before?.retired ?? null,
      retired_at: before?.retired_at ?? null,
    };
    this.#failing.add(clip);
  }

  #observe(clip: Clip, { id, data }: Of<'ViewsRecorded'>): void {
    const { row } = clip;
    const { views, observedAt, author, followers, likes, comments } = data;
    if (clip.failed) this.#failing.add(clip);
    clip.failed = null;
    if (!data.cached) {
      const fromAnother = row.source !== null && row.source !== data.source;
      if (fromAnother) row.source_changed_at = observedAt;
      const otherSource =
        fromAnother || (row.observed_field !== null && row.observed_field !== data.metric);
      row.source = data.source;
      row.observed_field = data.metric;
      clip.observations ??= new NewObservations(row.clip_id, row.observation_count);
      if (clip.observations.add({ id, observedAt, views, likes, comments, otherSource }))
        this.#observationRows++;
      row.observation_count++;
      this.#learn(row, views, likes);
    }
    row.view_field = data.metric;
    if (row.observed_at !== null && byInstant(observedAt, row.observed_at) < 0) return;
    row.views = views;
    row.observed_at = observedAt;
    row.author = author ?? row.author;
    row.followers = followers ?? row.followers;
  }

  /** Once a clip: one that is scraped often has no more weight. */
  #learn(row: ClipRow, views: number, likes: number | undefined): void {
    if (row.engagement_counted || likes === undefined || views < MIN_SAMPLE.views) return;
    row.engagement_counted = true;
    this.engagement.add({ platform: row.platform, band: bandOf(likes, views) }, { clips: 1 });
  }

  async save(db: ClientBase, campaignOf: (campaignId: string) => Campaign): Promise<void> {
    const clips = this.#touched;
    await upsert(db, 'clips', ['clip_id'], clips.map(({ row }) => row)); // prettier-ignore
    const entries = this.#touchedEntries.values().map(({ row }) => entryRow(row, campaignOf));
    await upsert(db, 'entries', ['clip_id', 'campaign_id'], entries);
    const observationsOf = (begins: boolean) =>
      clips
        .values()
        .flatMap(({ observations }) =>
          observations?.begins === begins ? observations.rows() : [],
        );
    const key = ['clip_id', 'place'];
    await upsert(db, 'observations', key, observationsOf(false), mergeObservations);
    await upsert(db, 'observations', key, observationsOf(true), null);
    const failing = [...this.#failing];
    await upsert(db, 'failed_scrapes', ['clip_id'], failing.flatMap(({ failed }) => failed ?? [])); // prettier-ignore
    const answered = failing.flatMap(({ row, failed }) => (failed ? [] : row.clip_id));
    if (answered.length > 0)
      await db.query('delete from failed_scrapes where clip_id = any($1)', [answered]);
  }
}

function touch<T extends { touched: boolean }>(kept: T, list: T[]): void {
  if (!kept.touched) list.push(kept);
  kept.touched = true;
}

function entryRow(row: Entry['row'], campaignOf: (campaignId: string) => Campaign): EntryRow {
  const { state } = row;
  const campaign = campaignOf(state.campaignId);
  return {
    ...row,
    check_position: checksOf(campaign.terms) && row.check_position,
    creator_id: state.creatorId,
    status: state.status,
    due: dueOf(state, campaign),
    platform: state.platform,
    held: state.hold !== null,
    retired: state.retired !== null,
    review_at: reviewAtOf(state, campaign.terms),
    appealed_at: state.appeal && !state.appeal.answer ? state.appeal.at : null,
  };
}
