import { derivedId, streams, type Clock } from '@cliptally/contracts';
import {
  WrongExpectedRevision,
  isTransient,
  openerOf,
  type EventStore,
  type StreamAppend,
} from '@cliptally/event-store';
import { inAppendSpan, inTransaction, spanOf, type Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import { appendsOf } from '../commands/decision.js';
import { settle, type SettlementEvent } from '../domain/settlement.js';
import { PeriodicTask } from '../periodic-task.js';
import { holdSuspects, recordFailures, type Append, type Ground } from './passed-over.js';
import { CANDIDATES, readCampaigns, type ReadCampaign } from './read-campaigns.js';

export interface SettlerOptions {
  pool: Pool;
  schema: string;
  store: EventStore;
  clock: Clock;
  log: Log;
}

/** A payment follows its observation as soon as that; other tasks wait for longer. */
const PAUSE_MS = 20;
/**
 * A campaign that cannot be settled is tried again this much later (real time); the others do not
 * wait for it.
 */
const RETRY_MS = 5_000;
/** Campaigns whose unsettled clips are in memory at once. */
const READ_AT_ONCE = 40;

/**
 * Settles campaigns as their projection moves on. It decides from one snapshot of the tables and
 * appends at the revision of the campaign's stream that the snapshot has: if the stream has moved
 * on, the append fails, and it decides again on the newer state. Holds and releases leave a notice
 * in that stream, so that none of them can come between a decision and its append.
 *
 * Before a clip is paid it is judged by the anomaly rules. What they hold is appended first, and
 * the settlement is decided on a state that has the hold. A clip about which no decision can be
 * made is recorded (ClipSettlementFailed) and passed over; the others are settled.
 */
export class Settler extends PeriodicTask {
  readonly #options: SettlerOptions;

  constructor(options: SettlerOptions) {
    const { clock, log } = options;
    super({
      run: () => this.settleAll(),
      what: 'settling',
      pauseMs: PAUSE_MS,
      clock,
      log,
    });
    this.#options = options;
  }

  /**
   * Settles all campaigns once; gives the instant at which the first that waits is due again.
   */
  async settleAll(): Promise<Date | null> {
    const { pool, schema } = this.#options;
    const { rows } = await inTransaction(pool, schema, (db) =>
      db.query<{ campaign_id: string }>(`select campaign_id from (${CANDIDATES}) due`),
    );
    let next: Date | null = null;
    for (let at = 0; at < rows.length; at += READ_AT_ONCE) {
      const campaignIds = rows.slice(at, at + READ_AT_ONCE).map((row) => row.campaign_id);
      for (const until of await this.#settleSome(campaignIds))
        if (until && (!next || until < next)) next = until;
    }
    return next;
  }

  /** Reads them together, and decides on each by itself. */
  async #settleSome(campaignIds: readonly string[]): Promise<(Date | null)[]> {
    const { pool, schema, store, clock, log } = this.#options;
    const now = clock.now();
    const late = (campaignId: string, error: Error) => {
      log.warn(
        { campaignId, error: error.message },
        'the campaign could not be settled; trying again',
      );
      return new Date(clock.now().getTime() + RETRY_MS * clock.speed);
    };
    try {
      const read = await readCampaigns(pool, schema, campaignIds, now, openerOf(store));
      return await Promise.all(
        read.map((one) =>
          this.#settleOne(one, now).catch((error: Error) => late(one.campaign_id, error)),
        ),
      );
    } catch (error) {
      if (isTransient(error)) throw error;
      const [first, ...others] = campaignIds;
      if (others.length === 0) return [late(first!, error as Error)];
      // What cannot be read of one must not keep back the others.
      const alone = [];
      for (const campaignId of campaignIds) alone.push(...(await this.#settleSome([campaignId])));
      return alone;
    }
  }

  async #settleOne(read: ReadCampaign, now: Date): Promise<Date | null> {
    const append: Append = (...decision) => this.#append(...decision);
    const held = await holdSuspects(read, now, append);
    const leftOut = [...read.undecided, ...held.refused];
    const decision = settle({ ...read, scrapesOutstanding: read.scrapes, leftOut }, now);
    const news = decision.leftOut.filter(({ clipId }) => !(clipId in read.campaign.failures));
    if (news.length > 0) await recordFailures(read, news, now, this.#options.log, append);
    // What was just appended moves the campaign's stream on: the projector wakes this again.
    else if (held.appended > 0) return null;
    else if (decision.kind === 'settle')
      await append('settle', ...settlementOf(decision.events, read, now));
    return decision.kind === 'wait' ? decision.until : null;
  }

  /** In the trace of the first observation, linked to the others. */
  async #append(
    name: string,
    appends: readonly StreamAppend[],
    grounds: readonly Ground[],
  ): Promise<void> {
    const { store, log } = this.#options;
    const [{ stream }] = appends as readonly [StreamAppend];
    const [parent = null, ...links] = grounds.map(spanOf);
    const attributes = { 'cliptally.stream': stream, 'cliptally.observations': grounds.length };
    await inAppendSpan(name, appends, { parent, links, attributes }, async () => {
      try {
        await store.appendMany(appends);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        // Somebody wrote to the stream; the projection brings it and wakes us.
        log.info({ stream }, 'decided on what is outdated; deciding again');
      }
    });
  }
}

/**
 * Ids follow from the stream's revision and the whole decision: the log recognises the same one,
 * and refuses another by the expected revision. The first observation that is paid causes all.
 */
function settlementOf(
  events: readonly SettlementEvent[],
  read: ReadCampaign,
  now: Date,
): [appends: StreamAppend[], grounds: Ground[]] {
  const { campaign_id: campaignId, revision, position, correlations } = read;
  const id = derivedId('settlement', campaignId, revision, JSON.stringify(events));
  const grounds = events
    .flatMap((event) => (event.type === 'EarningsAccrued' ? event.data.lines : []))
    .map(({ clipId, observation }) => ({
      id: observation,
      correlationId: correlations.get(clipId) ?? id,
    }));
  const { id: causationId, correlationId } = grounds[0] ?? { id, correlationId: id };
  const decision = [{ stream: streams.campaign(campaignId), expected: revision, events }];
  return [appendsOf(decision, { id, position, time: now, correlationId, causationId }), grounds];
}
