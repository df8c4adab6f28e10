import { derivedId, newEvent, streams, type Clock } from '@cliptally/contracts';
import { WrongExpectedRevision, type EventStore } from '@cliptally/event-store';
import { inTransaction, type Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import type { Campaign } from './domain/campaign.js';
import type { ClipEntry } from './domain/clip.js';
import { settle, type SettlementEvent } from './domain/settlement.js';

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

/** A pause between rounds, so that a burst of batches is settled in few events with many lines, not in many with few. */
const REST_MS = 20;

/**
 * Settles campaigns as their projection moves on. It decides from the projection and appends at the revision that the
 * projection has seen: whatever it did not know of makes the append fail, and it decides again on the newer state.
 */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #stop = new AbortController();
  #wake = () => {};
  #woken = true;
  #running: Promise<void> = Promise.resolve();

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There may be something to settle. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, clock } = this.#options;
    while (!this.#stop.signal.aborted) {
      this.#woken = false;
      let until: Date | null = null;
      try {
        until = await this.settleAll();
      } catch (error) {
        log.warn({ error: (error as Error).message }, 'settling was interrupted; trying again');
        until = new Date(clock.now().getTime() + 1_000 * clock.speed);
      }
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      await this.#rest(until);
    }
  }

  /** Until somebody wakes it, or the patience of a waiting campaign ends. */
  async #rest(until: Date | null): Promise<void> {
    if (this.#woken || this.#stop.signal.aborted) return;
    const { clock } = this.#options;
    const enough = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race(until ? [woken, clock.sleep(Math.max(0, until.getTime() - clock.now().getTime()) + 1, enough.signal)] : [woken]);
    enough.abort();
    this.#wake = () => {};
  }

  /** One round over all campaigns; gives the instant at which the first waiting one has to be looked at again. */
  async settleAll(): Promise<Date | null> {
    const { pool, schema } = this.#options;
    const { rows } = await inTransaction(pool, schema, (db) =>
      db.query<{ campaign_id: string }>(`select campaign_id from (${CANDIDATES}) due`),
    );
    let next: Date | null = null;
    for (const { campaign_id } of rows) {
      const until = await this.#settleOne(campaign_id);
      if (until && (!next || until < next)) next = until;
    }
    return next;
  }

  async #settleOne(campaignId: string): Promise<Date | null> {
    const { store, clock, log } = this.#options;
    const read = await this.#read(campaignId);
    if (!read) return null;
    const now = clock.now();
    const decision = settle({ campaign: read.campaign, clips: read.clips, looksOutstanding: read.looks }, now);
    if (decision.kind === 'wait') return decision.until;
    if (decision.kind === 'nothing') return null;
    try {
      await store.append(streams.campaign(campaignId), envelopes(decision.events, campaignId, read.revision, now), read.revision);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      // Somebody wrote to the campaign; the projection will hear of it and wake us.
      log.info({ campaignId }, 'the campaign has moved on; settling it again');
    }
    return null;
  }

  /** Campaign, unsettled clips and outstanding looks, as of one instant. */
  #read(campaignId: string) {
    const { pool, schema } = this.#options;
    return inTransaction(pool, schema, async (db) => {
      await db.query('set transaction isolation level repeatable read');
      const candidates = await db.query<Candidate>(`select * from (${CANDIDATES} and c.campaign_id = $1) one`, [campaignId]);
      const candidate = candidates.rows[0];
      if (!candidate) return null;
      const entries = await db.query<{ state: ClipEntry }>('select state from entries where campaign_id = $1 and due <> 0', [campaignId]);
      const clips = new Map(entries.rows.map(({ state }) => [state.clipId, state]));
      return { ...candidate, clips };
    });
  }
}

/**
 * Ids follow from the place in the campaign's stream and from the whole decision. The same decision made again is recognised by the
 * log; another decision made from the same, meanwhile outdated state has other ids, and is refused by the expected revision.
 */
function envelopes(events: readonly SettlementEvent[], campaignId: string, revision: number, now: Date) {
  const settlement = derivedId('settlement', campaignId, revision, JSON.stringify(events));
  return events.map((event, i) => {
    const first = 'lines' in event.data ? event.data.lines[0] : undefined;
    const causationId = first && 'observation' in first ? first.observation : settlement;
    return newEvent(event.type, derivedId(settlement, i), event.data, { time: now, correlationId: settlement, causationId });
  });
}
