import {
  derivedId,
  shortened,
  streams,
  type AnomalyFound,
  type Clock,
  type LeftOut,
} from '@cliptally/contracts';
import {
  isTransient,
  WrongExpectedRevision,
  type EventStore,
  type StreamAppend,
} from '@cliptally/event-store';
import { inSpan, inTransaction, spanOf, workSpanOf, type Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import { appendsOf, type StreamDecision } from '../commands/decision.js';
import { decideAnomalyHold, suspicionOf } from '../domain/anomaly.js';
import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import type { Decided } from '../domain/fact.js';
import { settle, type SettlementEvent } from '../domain/settlement.js';
import { evidenceOf } from '../queries/evidence.js';
import { takenIn } from './taken.js';
import { PeriodicTask } from '../periodic-task.js';

export interface SettlerOptions {
  pool: Pool;
  schema: string;
  store: EventStore;
  clock: Clock;
  log: Log;
}

/**
 * Campaigns whose clips are owed something that the budget may allow, or were given too much.
 * Without `due <> 0` the index of the unsettled is not found.
 */
const CANDIDATES = `
  select c.campaign_id, c.revision, c.state as campaign, (select position::float8 from checkpoint) as position,
         (select count(*)::int from outstanding_scrapes l where l.campaign_id = c.campaign_id) as scrapes
  from campaigns c
  where c.status <> 'PAUSED'
    and exists (select from entries e where e.campaign_id = c.campaign_id and e.due <> 0 and (e.due < 0 or c.remaining > 0))`;

/** A campaign as it is read for its settlement, all of one instant. */
interface Candidate {
  campaign_id: string;
  revision: number;
  campaign: Campaign;
  scrapes: number;
  /** Of the log. */
  position: number;
}

interface Read extends Candidate {
  clips: Map<string, ClipEntry>;
  /** Clips that the anomaly rules hold. */
  suspects: Suspect[];
  /** Clips that the anomaly rules could not judge. */
  undecided: LeftOut[];
  /** By clip: that of the observation that its highest count comes from. */
  correlations: Map<string, string | null>;
  /** By creator: what counts towards the campaign's limit; empty if it has none. */
  taken: Map<string, number>;
}

interface Suspect {
  clipId: string;
  held: Decided<'ClipHeld'>;
  /** The observation that the hold rests on. */
  ground: Ground;
}

/** An observation that a decision rests on. */
interface Ground {
  id: string;
  correlationId: string;
}

/** Observations that the span of a decision is linked to at most. */
const MOST_LINKS = 128;

/**
 * A campaign that cannot be settled is tried again this much later (real time); the others do not
 * wait for it.
 */
const RETRY_MS = 5_000;

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
    super({ run: () => this.settleAll(), what: 'settling', clock, log });
    this.#options = options;
  }

  /**
   * Settles all campaigns once; gives the instant at which the first that waits is due again.
   */
  async settleAll(): Promise<Date | null> {
    const { pool, schema, clock, log } = this.#options;
    const { rows } = await inTransaction(pool, schema, (db) =>
      db.query<{ campaign_id: string }>(`select campaign_id from (${CANDIDATES}) due`),
    );
    let next: Date | null = null;
    for (const { campaign_id: campaignId } of rows) {
      const until = await this.#settleOne(campaignId).catch((error: Error) => {
        log.warn(
          { campaignId, error: error.message },
          'the campaign could not be settled; trying again',
        );
        return new Date(clock.now().getTime() + RETRY_MS * clock.speed);
      });
      if (until && (!next || until < next)) next = until;
    }
    return next;
  }

  async #settleOne(campaignId: string): Promise<Date | null> {
    const { clock } = this.#options;
    const now = clock.now();
    const read = await this.#read(campaignId, now);
    if (!read) return null;
    const held = await this.#hold(read, now);
    const leftOut = [...read.undecided, ...held.refused];
    const decision = settle({ ...read, scrapesOutstanding: read.scrapes, leftOut }, now);
    const news = decision.leftOut.filter(({ clipId }) => !(clipId in read.campaign.failures));
    if (news.length > 0) await this.#recordFailures(read, news, now);
    // What was just appended moves the campaign's stream on: the projector wakes this again.
    else if (held.appended > 0) return null;
    else if (decision.kind === 'settle')
      await this.#append('settle', ...settlementOf(decision.events, read, now));
    return decision.kind === 'wait' ? decision.until : null;
  }

  /**
   * Appends the holds as one; if that is refused for another reason than that the campaign has
   * moved on, one by one, so that none keeps back the others.
   */
  async #hold(read: Read, now: Date): Promise<{ appended: number; refused: LeftOut[] }> {
    const { suspects } = read;
    if (suspects.length === 0) return { appended: 0, refused: [] };
    const [first] = await this.#tryHolds(read, suspects, now);
    if (!first) return { appended: suspects.length, refused: [] };
    if (suspects.length === 1) return { appended: 0, refused: [first] };
    const refused: LeftOut[] = [];
    let revision = read.revision;
    for (const suspect of suspects) {
      const failed = await this.#tryHolds({ ...read, revision }, [suspect], now);
      refused.push(...failed);
      if (failed.length === 0) revision++;
    }
    return { appended: suspects.length - refused.length, refused };
  }

  async #tryHolds(read: Read, suspects: readonly Suspect[], now: Date): Promise<LeftOut[]> {
    const campaign = streams.campaign(read.campaign_id);
    const decision: StreamDecision[] = [
      // The notices of the holds: nobody may have held, released or settled since the snapshot.
      { stream: campaign, expected: read.revision, events: [] },
      ...suspects.map(({ clipId, held }): StreamDecision => ({
        stream: streams.clip(clipId),
        expected: 'any',
        events: [held],
      })),
    ];
    const { id: causationId, correlationId } = suspects[0]!.ground;
    const id = derivedId(
      'anomaly-hold',
      read.campaign_id,
      read.revision,
      ...suspects.map(({ clipId }) => clipId),
    );
    try {
      const appends = appendsOf(decision, {
        id,
        position: read.position,
        time: now,
        correlationId,
        causationId,
      });
      await this.#append('hold', appends, suspects.map(({ ground }) => ground)); // prettier-ignore
      return [];
    } catch (error) {
      if (isTransient(error)) throw error;
      return suspects.map(({ clipId }) => ({
        clipId,
        reason: reasonOf('its hold could not be recorded', error),
      }));
    }
  }

  /** Once for each clip: the campaign's state has it until the clip is paid or held. */
  async #recordFailures(
    { campaign_id: campaignId, position, revision }: Read,
    failures: readonly LeftOut[],
    now: Date,
  ): Promise<void> {
    const { log } = this.#options;
    for (const { clipId, reason } of failures)
      log.error(
        { campaignId, clipId, reason },
        'no decision can be made about a clip; the others are settled',
      );
    const id = derivedId('settlement-failure', campaignId, revision, JSON.stringify(failures));
    const events = failures.map(({ clipId, reason }): Decided => ({
      type: 'ClipSettlementFailed',
      data: { campaignId, clipId, reason },
    }));
    const decision = [{ stream: streams.campaign(campaignId), expected: revision, events }];
    await this.#append(
      'record failures',
      appendsOf(decision, { id, position, time: now, correlationId: id, causationId: id }),
      [],
    );
  }

  /** In the trace of the first observation, linked to the others. */
  async #append(
    name: string,
    appends: readonly StreamAppend[],
    grounds: readonly Ground[],
  ): Promise<void> {
    const { store, log } = this.#options;
    const [{ stream, events }] = appends as readonly [StreamAppend];
    const [parent = null, ...links] = grounds.slice(0, MOST_LINKS).map(spanOf);
    const attributes = { 'cliptally.stream': stream, 'cliptally.observations': grounds.length };
    await inSpan(
      name,
      { at: workSpanOf(events[0]!, stream), parent, links, attributes },
      async () => {
        try {
          await store.appendMany(appends);
        } catch (error) {
          if (!(error instanceof WrongExpectedRevision)) throw error;
          // Somebody wrote to the stream; the projection brings it and wakes us.
          log.info({ stream }, 'decided on what is outdated; deciding again');
        }
      },
    );
  }

  /**
   * Campaign, unsettled clips and outstanding scrapes, as of one instant; clips that have to be
   * held are apart.
   */
  #read(campaignId: string, now: Date): Promise<Read | null> {
    const { pool, schema } = this.#options;
    return inTransaction(pool, schema, async (db) => {
      await db.query('set transaction isolation level repeatable read, read only');
      const candidates = await db.query<Candidate>(
        `select * from (${CANDIDATES} and c.campaign_id = $1) one`,
        [campaignId],
      );
      const candidate = candidates.rows[0];
      if (!candidate) return null;
      const { rows: entries } = await db.query<{
        state: ClipEntry;
        owed: boolean;
        correlation_id: string | null;
      }>(
        'select state, due > 0 as owed, correlation_id from entries where campaign_id = $1 and due <> 0',
        [campaignId],
      );
      const evidence = await evidenceOf(entries.filter(({ owed }) => owed).map(({ state }) => state.clipId), db); // prettier-ignore
      const correlations = new Map(
        entries.map(({ state, correlation_id: id }) => [state.clipId, id]),
      );
      const read: Read = {
        ...candidate,
        clips: new Map(),
        suspects: [],
        undecided: [],
        correlations,
        taken: await takenIn(candidate, db),
      };
      for (const { state: entry } of entries) {
        const { clipId } = entry;
        try {
          const found = evidence.get(clipId)?.();
          const anomaly = found
            ? suspicionOf(entry, candidate.campaign.terms, found.observations, found.background)
            : null;
          if (anomaly)
            read.suspects.push(suspectOf(entry, anomaly, correlations.get(clipId) ?? null, now));
          else read.clips.set(clipId, entry);
        } catch (error) {
          read.undecided.push({
            clipId,
            reason: reasonOf('the anomaly rules could not judge it', error),
          });
        }
      }
      return read;
    });
  }
}

function suspectOf(
  entry: ClipEntry,
  anomaly: AnomalyFound,
  correlationId: string | null,
  now: Date,
): Suspect {
  const [held] = decideAnomalyHold(entry, anomaly, now);
  const id = anomaly.reasons.at(-1)!.eventIds.at(-1)!;
  return { clipId: entry.clipId, held: held!, ground: { id, correlationId: correlationId ?? id } };
}

/** A store that does not answer says nothing about a clip. */
const reasonOf = (what: string, error: unknown): string =>
  shortened(`${what}: ${(error as Error).message}`, 400);

/**
 * Ids follow from the stream's revision and the whole decision: the log recognises the same one,
 * and refuses another by the expected revision. The first observation that is paid causes all.
 */
function settlementOf(
  events: readonly SettlementEvent[],
  read: Read,
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
