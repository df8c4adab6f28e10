import { isTransientInPostgres, type NewEvent, type Timers } from '@cliptally/contracts';
import type { Pool } from 'pg';
import {
  EventIdTaken,
  StoreUnavailable,
  WrongExpectedRevision,
  type Appended,
  type ExpectedRevision,
  type StreamAppend,
} from '../port.js';
import { arrayOf } from './array.js';
import { binaryArray, KINDS } from './binary-array.js';
import { KnownTails } from './known-tails.js';

interface Request {
  appends: readonly StreamAppend[];
  data: string[];
  /** Streams and event ids: no two requests under way may share one. */
  names: string[];
  tries: number;
  resolve(appended: Appended[]): void;
  reject(error: unknown): void;
}

interface VerdictRow {
  op: number;
  verdict: 'append' | 'there' | 'taken' | 'conflict';
  last: number;
  revision: number;
  position: number;
  added: number;
}

const MAX_EVENTS_A_CALL = 1_000;
/**
 * Of more than so many waiting events, half are sent if nothing is under way, so that the others
 * are the second call.
 */
const WORTH_HALVING = 500;
/**
 * So many waiting events are sent before the call under way is answered: their values are then
 * parsed while it writes.
 */
const WORTH_A_SECOND_CALL = 250;
/**
 * A lost connection leaves it open whether the append was made; ids make it safe to ask again, for
 * about six seconds.
 */
const TRIES = 6;
const UNIQUE_VIOLATION = '23505';

const EXPECTED: Record<Exclude<ExpectedRevision, number>, number> = {
  none: -1,
  any: -2,
  exists: -4,
};

const APPEND_TO_TAILS = `select head::float8, lasts::text
  from append_to_tails($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;
const APPEND = `select op, verdict, last::float8, stands_at::float8 as revision,
  at_position::float8 as position, added
  from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

/**
 * Packs the requests that arrive while a call is under way into the next call: one lock and one
 * fsync for all of them.
 */
export class AppendQueue {
  readonly #pool: Pool;
  readonly #timers: Timers;
  #waiting: Request[] = [];
  /** What calls under way hold, from being taken until they are answered. */
  readonly #names = new Set<string>();
  readonly #tails = new KnownTails();
  #calls = 0;
  #woken = false;

  constructor(pool: Pool, timers: Timers) {
    this.#pool = pool;
    this.#timers = timers;
    // Whatever sets a log back, such as a backup that is restored, ends the connections to it.
    for (const lost of ['error', 'remove'] as const) pool.on(lost, () => this.#tails.forget());
  }

  append(appends: readonly StreamAppend[], data: string[]): Promise<Appended[]> {
    const names: string[] = [];
    for (const { stream, events } of appends) {
      names.push(stream);
      for (const { id } of events) names.push(id);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ appends, data, names, tries: 0, resolve, reject });
      this.#wake();
    });
  }

  /**
   * Calls when everybody who is about to append has had a turn, so that writers who were answered
   * together are packed together again.
   */
  #wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    void this.#timers.turn().then(() => {
      this.#woken = false;
      for (let taken = this.#next(); taken.length > 0; taken = this.#next()) void this.#run(taken);
    });
  }

  #next(): Request[] {
    const events = this.#waiting.reduce((sum, { data }) => sum + data.length, 0);
    if (this.#calls === 0)
      return this.#take(Math.min(MAX_EVENTS_A_CALL, Math.max(WORTH_HALVING, events / 2)));
    return this.#calls === 1 && events >= WORTH_A_SECOND_CALL ? this.#take(MAX_EVENTS_A_CALL) : [];
  }

  async #run(requests: Request[]): Promise<void> {
    this.#calls++;
    await this.#call(requests);
    this.#calls--;
    for (const { names } of requests) for (const name of names) this.#names.delete(name);
    if (this.#waiting.length > 0) this.#wake();
  }

  /**
   * Takes the next requests that may share a call, and holds their names: no stream and no event id
   * may be in two that are under way.
   */
  #take(most: number): Request[] {
    const taken: Request[] = [];
    const later: Request[] = [];
    // A later request must not overtake an earlier one on the same stream.
    const passedOver = new Set<string>();
    let events = 0;
    for (const [i, request] of this.#waiting.entries()) {
      if (taken.length > 0 && events + request.data.length > most) {
        later.push(...this.#waiting.slice(i));
        break;
      }
      const free = !request.names.some((name) => this.#names.has(name) || passedOver.has(name));
      (free ? taken : later).push(request);
      const names = free ? this.#names : passedOver;
      for (const name of request.names) names.add(name);
      if (free) events += request.data.length;
    }
    this.#waiting = later;
    return taken;
  }

  async #call(requests: Request[]): Promise<void> {
    try {
      // What was asked before may be there already, and is judged at once.
      if (requests.every(({ tries }) => tries === 0) && (await this.#optimistically(requests)))
        return;
      const { rows } = await this.#pool.query<VerdictRow>({
        name: 'append-events',
        text: APPEND,
        values: toBeJudged(requests),
      });
      let op = 0;
      for (const request of requests)
        settle(request, rows.slice(op, (op += request.appends.length)));
    } catch (error) {
      await this.#failed(requests, error);
    }
  }

  /** False if the log finds something that it must judge, and has appended nothing. */
  async #optimistically(requests: Request[]): Promise<boolean> {
    const streams = requests.flatMap(({ appends }) => appends.map(({ stream }) => stream));
    if (new Set(streams).size < streams.length) return false;
    const values = this.#asKnown(requests);
    let rows: { head: number; lasts: string }[];
    try {
      ({ rows } = await this.#pool.query({
        name: 'append-to-tails',
        text: APPEND_TO_TAILS,
        values,
      }));
    } catch (error) {
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      rows = [];
    }
    if (rows.length === 0) {
      this.#tails.forget();
      return false;
    }
    const lasts = rows[0]!.lasts.slice(1, -1).split(',').map(Number);
    let [op, position] = [0, rows[0]!.head];
    for (const request of requests) {
      const appended = request.appends.map(({ stream, events }) => {
        const revision = lasts[op++]! + events.length;
        this.#tails.keep(stream, revision, (position += events.length));
        return { stream, revision, position, added: events.length };
      });
      request.resolve(appended);
    }
    return true;
  }

  /**
   * What append_to_tails takes: arrays with an element a stream, and arrays with an element an
   * event, in order.
   */
  #asKnown(requests: Request[]): unknown[] {
    const { text, int8, int4, uuid, int2, timestamptz, jsonb } = KINDS;
    const appends = requests.flatMap((request) => request.appends);
    const events = appends.flatMap((append) => append.events);
    const [ops, nths, streams]: [number[], number[], string[]] = [[], [], []];
    appends.forEach((append, op) => {
      for (let nth = 1; nth <= append.events.length; nth++) {
        ops.push(op + 1);
        nths.push(nth);
        streams.push(append.stream);
      }
    });
    return [
      binaryArray(text, appends, ({ stream }) => stream),
      binaryArray(int8, appends, revisionOf),
      binaryArray(int4, appends, (append) => this.#tails.of(append)),
      this.#tails.seen,
      binaryArray(int4, ops, itself),
      binaryArray(int4, nths, itself),
      binaryArray(text, streams, itself),
      binaryArray(uuid, events, ({ id }) => id),
      binaryArray(text, events, ({ type }) => type),
      binaryArray(int2, events, ({ version }) => version),
      binaryArray(timestamptz, events, ({ time }) => time),
      binaryArray(text, events, ({ correlationId }) => correlationId),
      binaryArray(text, events, ({ causationId }) => causationId),
      binaryArray(
        jsonb,
        requests.flatMap(({ data }) => data),
        itself,
      ),
    ];
  }

  async #failed(requests: Request[], error: unknown): Promise<void> {
    if (!isTransientInPostgres(error)) {
      // One bad request must not refuse its neighbours: each is asked again by itself.
      if (requests.length === 1) requests[0]!.reject(error);
      else for (const request of requests) await this.#call([request]);
      return;
    }
    this.#tails.forget();
    const tries = Math.max(...requests.map((r) => ++r.tries));
    const [lost, again] = [
      requests.filter((r) => r.tries >= TRIES),
      requests.filter((r) => r.tries < TRIES),
    ];
    for (const request of lost)
      request.reject(
        new StoreUnavailable(
          'PostgreSQL does not answer; the append may be tried again as it is.',
          { cause: error },
        ),
      );
    this.#waiting.unshift(...again);
    await this.#timers.sleep(100 * 2 ** tries);
  }
}

function settle(request: Request, verdicts: VerdictRow[]): void {
  const at = verdicts.findIndex((v) => v.verdict === 'conflict' || v.verdict === 'taken');
  if (at < 0) {
    request.resolve(
      verdicts.map((v, i) => ({
        stream: request.appends[i]!.stream,
        revision: v.revision,
        position: v.position,
        added: v.added,
      })),
    );
    return;
  }
  const { stream, expected, events } = request.appends[at]!;
  const verdict = verdicts[at]!;
  if (verdict.verdict === 'taken')
    request.reject(new EventIdTaken(events.map((e) => e.id).join(', '), stream));
  else request.reject(new WrongExpectedRevision(stream, expected, verdict.last));
}

const itself = <T>(value: T): T => value;
const revisionOf = ({ expected }: StreamAppend): number =>
  typeof expected === 'number' ? expected : EXPECTED[expected];

/** The twelve arrays of append_events: an element an event, in order. */
function toBeJudged(requests: Request[]): unknown[] {
  const columns: unknown[][] = Array.from({ length: 12 }, () => []);
  let op = 0;
  requests.forEach(({ appends, data }, request) => {
    let i = 0;
    for (const append of appends) {
      append.events.forEach(
        ({ id, type, version, time, correlationId, causationId }: NewEvent, nth) => {
          const row = [request, op, nth === 0, append.stream, revisionOf(append), id, type, version, time, correlationId, causationId, data[i++]]; // prettier-ignore
          for (let c = 0; c < 12; c++) columns[c]!.push(row[c]);
        },
      );
      op++;
    }
  });
  return columns.map(arrayOf);
}
