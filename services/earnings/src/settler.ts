import { derivedId, newEvent, streams, type AnomalyFound, type Clock, type NewEvent } from '@cliptally/contracts';
import { WrongExpectedRevision, type EventStore } from '@cliptally/event-store';
import { inTransaction, type Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import { decideAnomalyHold, suspicionOf } from './domain/anomaly.js';
import type { Campaign } from './domain/campaign.js';
import type { ClipEntry } from './domain/clip.js';
import { settle, type SettlementEvent } from './domain/settlement.js';
import { evidenceOf } from './evidence.js';
import { Rounds } from './rounds.js';

export interface SettlerOptions {
  pool: Pool;
  schema: string;
  store: EventStore;
  clock: Clock;
  log: Log;
}

/** Campaigns whose clips are owed something that the budget may allow, or were given too much. */
const CANDIDATES = `
  select c.campaign_id, c.revision, c.state as campaign,
         (select count(*)::int from outstanding_looks l where l.campaign_id = c.campaign_id) as looks
  from campaigns c
  where c.status <> 'PAUSED'
    and exists (select from entries e where e.campaign_id = c.campaign_id and (e.due < 0 or (e.due > 0 and c.remaining > 0)))`;

interface Candidate {
  campaign_id: string;
  revision: number;
  campaign: Campaign;
  looks: number;
}

interface Suspect {
  entry: ClipEntry;
  anomaly: AnomalyFound;
  /** Of the clip's stream, as the entry was read. */
  revision: number;
}

/** A campaign that cannot be settled is tried again this much later (real time); the others do not wait for it. */
const RETRY_MS = 5_000;

/**
 * Settles campaigns as their projection moves on. It decides from the projection and appends at the revision that the
 * projection has seen: whatever it did not know of makes the append fail, and it decides again on the newer state.
 *
 * Before a clip is paid it is judged by the anomaly rules. One that they hold is left out of the settlement by the same reading of
 * the tables, so that no money leaves between the look that is odd and the hold.
 */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #rounds: Rounds;

  constructor(options: SettlerOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#rounds = new Rounds({ round: () => this.settleAll(), what: 'settling', clock, log });
  }

  start(): void {
    this.#rounds.start();
  }

  /** There may be something to settle. */
  wake(): void {
    this.#rounds.wake();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** One round over all campaigns; gives the instant at which the first waiting one has to be looked at again. */
  async settleAll(): Promise<Date | null> {
    const { pool, schema, clock, log } = this.#options;
    const { rows } = await inTransaction(pool, schema, (db) =>
      db.query<{ campaign_id: string }>(`select campaign_id from (${CANDIDATES}) due`),
    );
    let next: Date | null = null;
    for (const { campaign_id: campaignId } of rows) {
      const until = await this.#settleOne(campaignId).catch((error: Error) => {
        log.warn({ campaignId, error: error.message }, 'the campaign could not be settled; trying again');
        return new Date(clock.now().getTime() + RETRY_MS * clock.speed);
      });
      if (until && (!next || until < next)) next = until;
    }
    return next;
  }

  async #settleOne(campaignId: string): Promise<Date | null> {
    const { clock } = this.#options;
    const read = await this.#read(campaignId);
    if (!read) return null;
    const now = clock.now();
    for (const suspect of read.suspects) await this.#hold(suspect, now);
    const decision = settle({ campaign: read.campaign, clips: read.clips, looksOutstanding: read.looks }, now);
    if (decision.kind === 'wait') return decision.until;
    if (decision.kind === 'settle')
      await this.#append(streams.campaign(campaignId), envelopes(decision.events, campaignId, read.revision, now), read.revision);
    return null;
  }

  /** A hold that is decided again from the same state has the same id: the log recognises it. */
  async #hold({ entry, anomaly, revision }: Suspect, now: Date): Promise<void> {
    const id = derivedId('anomaly-hold', entry.clipId, entry.campaignId, revision);
    const causationId = anomaly.reasons.at(-1)!.eventIds.at(-1)!;
    const [held] = decideAnomalyHold(entry, anomaly, now);
    await this.#append(
      streams.clip(entry.clipId),
      [newEvent('ClipHeld', id, held!.data, { time: now, correlationId: id, causationId })],
      revision,
    );
  }

  async #append(stream: string, events: NewEvent[], revision: number): Promise<void> {
    const { store, log } = this.#options;
    try {
      await store.append(stream, events, revision);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      // Somebody wrote to the stream; the projection will hear of it and wake us.
      log.info({ stream }, 'decided on what is outdated; deciding again');
    }
  }

  /** Campaign, unsettled clips and outstanding looks, as of one instant; clips that have to be held are apart. */
  #read(campaignId: string) {
    const { pool, schema } = this.#options;
    return inTransaction(pool, schema, async (db) => {
      await db.query('set transaction isolation level repeatable read');
      const candidates = await db.query<Candidate>(`select * from (${CANDIDATES} and c.campaign_id = $1) one`, [campaignId]);
      const candidate = candidates.rows[0];
      if (!candidate) return null;
      const { rows: entries } = await db.query<{ state: ClipEntry; owed: boolean; revision: number }>(
        'select e.state, e.due > 0 as owed, c.revision from entries e join clips c using (clip_id) where e.campaign_id = $1 and e.due <> 0',
        [campaignId],
      );
      const owed = entries.filter(({ owed }) => owed).map(({ state }) => state.clipId);
      const evidence = await evidenceOf(owed, db);
      const suspects: Suspect[] = [];
      const clips = new Map<string, ClipEntry>();
      for (const { state: entry, revision } of entries) {
        const found = evidence.get(entry.clipId);
        const anomaly = found ? suspicionOf(entry, candidate.campaign.terms, found.looks, found.background) : null;
        if (anomaly) suspects.push({ entry, anomaly, revision });
        else clips.set(entry.clipId, entry);
      }
      return { ...candidate, clips, suspects };
    });
  }
}

/**
 * Ids follow from the place in the campaign's stream and from the whole decision. The same decision made again is recognised by the
 * log; another decision made from the same, meanwhile outdated state has other ids, and is refused by the expected revision.
 */
function envelopes(events: readonly SettlementEvent[], campaignId: string, revision: number, now: Date): NewEvent[] {
  const settlement = derivedId('settlement', campaignId, revision, JSON.stringify(events));
  return events.map((event, i) => {
    const first = 'lines' in event.data ? event.data.lines[0] : undefined;
    const causationId = first && 'observation' in first ? first.observation : settlement;
    return newEvent(event.type, derivedId(settlement, i), event.data, { time: now, correlationId: settlement, causationId });
  });
}
