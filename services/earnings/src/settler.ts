import { derivedId, newEvent, streams, type AnomalyFound, type Clock, type NewEvent } from '@cliptally/contracts';
import { WrongExpectedRevision, type EventStore } from '@cliptally/event-store';
import { inSpan, inTransaction, spanOf, workSpanOf, type Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import { decideAnomalyHold, suspicionOf } from './domain/anomaly.js';
import type { Campaign } from './domain/campaign.js';
import type { ClipEntry } from './domain/clip.js';
import { decidedAt } from './domain/fact.js';
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

/** Campaigns whose clips are owed something that the budget may allow, or were given too much. Without `due <> 0` the index of the unsettled is not found. */
const CANDIDATES = `
  select c.campaign_id, c.revision, c.state as campaign,
         (select count(*)::int from outstanding_looks l where l.campaign_id = c.campaign_id) as looks
  from campaigns c
  where c.status <> 'PAUSED'
    and exists (select from entries e where e.campaign_id = c.campaign_id and e.due <> 0 and (e.due < 0 or c.remaining > 0))`;

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
  correlationId: string | null;
}

/** An observation that a decision rests on. */
interface Ground {
  id: string;
  correlationId: string;
}

/** Observations that the span of a decision is linked to at most. */
const MOST_LINKS = 128;

/** A campaign that cannot be settled is tried again this much later (real time); the others do not wait for it. */
const RETRY_MS = 5_000;

/**
 * Settles campaigns as their projection moves on. It decides from the projection and appends at the revision that the
 * projection has seen: whatever it did not know of makes the append fail, and it decides again on the newer state.
 *
 * Before a clip is paid it is judged by the anomaly rules. One that they hold is left out of the settlement by the same reading of
 * the tables, so that no money leaves between the look that is odd and the hold.
 */
export class Settler extends Rounds {
  readonly #options: SettlerOptions;

  constructor(options: SettlerOptions) {
    const { clock, log } = options;
    super({ round: () => this.settleAll(), what: 'settling', clock, log });
    this.#options = options;
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
    if (decision.kind === 'settle') {
      const { events, grounds } = envelopes(decision.events, campaignId, read, now);
      await this.#append('settle', streams.campaign(campaignId), events, read.revision, grounds);
    }
    return null;
  }

  /** A hold that is decided again from the same state has the same id: the log recognises it. */
  async #hold({ entry, anomaly, revision, correlationId }: Suspect, now: Date): Promise<void> {
    const id = derivedId('anomaly-hold', entry.clipId, entry.campaignId, revision);
    const causationId = anomaly.reasons.at(-1)!.eventIds.at(-1)!;
    const [held] = decideAnomalyHold(entry, anomaly, now);
    const ground = { id: causationId, correlationId: correlationId ?? id };
    const event = newEvent('ClipHeld', id, held!.data, { time: now, correlationId: ground.correlationId, causationId });
    await this.#append('hold', streams.clip(entry.clipId), [event], revision, [ground]);
  }

  /** In the trace of the first observation, linked to the others. */
  async #append(name: string, stream: string, events: NewEvent[], revision: number, grounds: readonly Ground[]): Promise<void> {
    const { store, log } = this.#options;
    const [parent = null, ...links] = grounds.slice(0, MOST_LINKS).map(spanOf);
    const attributes = { 'cliptally.stream': stream, 'cliptally.observations': grounds.length };
    await inSpan(name, { at: workSpanOf(events[0]!, stream), parent, links, attributes }, async () => {
      try {
        await store.append(stream, events, revision);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        // Somebody wrote to the stream; the projection will hear of it and wake us.
        log.info({ stream }, 'decided on what is outdated; deciding again');
      }
    });
  }

  /** Campaign, unsettled clips and outstanding looks, as of one instant; clips that have to be held are apart. */
  #read(campaignId: string) {
    const { pool, schema } = this.#options;
    return inTransaction(pool, schema, async (db) => {
      await db.query('set transaction isolation level repeatable read');
      const candidates = await db.query<Candidate>(`select * from (${CANDIDATES} and c.campaign_id = $1) one`, [campaignId]);
      const candidate = candidates.rows[0];
      if (!candidate) return null;
      const { rows: entries } = await db.query<{ state: ClipEntry; owed: boolean; revision: number; correlation_id: string | null }>(
        `select e.state, e.due > 0 as owed, c.revision, e.correlation_id from entries e join clips c using (clip_id)
         where e.campaign_id = $1 and e.due <> 0`,
        [campaignId],
      );
      const owed = entries.filter(({ owed }) => owed).map(({ state }) => state.clipId);
      const evidence = await evidenceOf(owed, db);
      const suspects: Suspect[] = [];
      const clips = new Map<string, ClipEntry>();
      const correlations = new Map(entries.map(({ state, correlation_id: id }) => [state.clipId, id]));
      for (const { state: entry, revision, correlation_id: correlationId } of entries) {
        const found = evidence.get(entry.clipId);
        const anomaly = found ? suspicionOf(entry, candidate.campaign.terms, found.looks, found.background) : null;
        if (anomaly) suspects.push({ entry, anomaly, revision, correlationId });
        else clips.set(entry.clipId, entry);
      }
      return { ...candidate, clips, suspects, correlations };
    });
  }
}

/**
 * Ids follow from the place in the campaign's stream and from the whole decision. The same decision made again is recognised by the
 * log; another decision made from the same, meanwhile outdated state has other ids, and is refused by the expected revision.
 * The first observation that is paid is the cause of all.
 */
function envelopes(
  decided: readonly SettlementEvent[],
  campaignId: string,
  { revision, correlations }: { revision: number; correlations: ReadonlyMap<string, string | null> },
  now: Date,
): { events: NewEvent[]; grounds: Ground[] } {
  const settlement = derivedId('settlement', campaignId, revision, JSON.stringify(decided));
  const grounds = decided
    .flatMap((event) => (event.type === 'EarningsAccrued' ? event.data.lines : []))
    .map(({ clipId, observation }) => ({ id: observation, correlationId: correlations.get(clipId) ?? settlement }));
  const { id: causationId, correlationId } = grounds[0] ?? { id: settlement, correlationId: settlement };
  const context = { time: now, correlationId, causationId };
  return {
    events: decided.map((decision, i) => newEvent(decision.type, derivedId(settlement, i), decidedAt(decision, null), context)),
    grounds,
  };
}
