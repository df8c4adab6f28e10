import type { NewEvent } from '@cliptally/contracts';
import type { Pool } from 'pg';
import { EventIdTaken, StoreUnavailable, WrongExpectedRevision, type Appended, type ExpectedRevision, type StreamAppend } from '../port.js';
import { arrayOf } from './array.js';
import { isTransient } from './transient.js';

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
  stands_at: number;
  at_position: number;
  added: number;
}

const MAX_EVENTS_A_CALL = 500;
/** So many waiting events are sent before the call under way is answered: their values are then parsed while it writes. */
const WORTH_A_SECOND_CALL = 250;
/** A lost connection leaves it open whether the append was made; ids make it safe to ask again, for about six seconds. */
const TRIES = 6;
const pause = (tries: number) => new Promise((resolve) => setTimeout(resolve, 100 * 2 ** tries));

const EXPECTED: Record<Exclude<ExpectedRevision, number>, number> = { none: -1, any: -2, exists: -4 };

const APPEND_PLAINLY = 'select head::float8, lasts::text from append_plainly($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)';
const APPEND = `select op, verdict, last::float8, stands_at::float8, at_position::float8, added
  from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

/** Packs the requests that arrive while a call is under way into the next call: one lock and one fsync for all of them. */
export class AppendQueue {
  readonly #pool: Pool;
  #waiting: Request[] = [];
  /** What calls under way hold. */
  readonly #names = new Set<string>();
  #calls = 0;
  #woken = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  append(appends: readonly StreamAppend[], data: string[]): Promise<Appended[]> {
    const names = appends.flatMap(({ stream, events }) => [stream, ...events.map(({ id }) => id)]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ appends, data, names, tries: 0, resolve, reject });
      this.#wake();
    });
  }

  /** Calls when everybody who is about to append has had a turn, so that writers who were answered together are packed together again. */
  #wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      for (let taken = this.#next(); taken.length > 0; taken = this.#next()) void this.#run(taken);
    });
  }

  #next(): Request[] {
    const events = this.#waiting.reduce((sum, { data }) => sum + data.length, 0);
    return this.#calls === 0 || (this.#calls === 1 && events >= WORTH_A_SECOND_CALL) ? this.#take() : [];
  }

  async #run(requests: Request[]): Promise<void> {
    const names = requests.flatMap((request) => request.names);
    for (const name of names) this.#names.add(name);
    this.#calls++;
    await this.#call(requests);
    this.#calls--;
    for (const name of names) this.#names.delete(name);
    if (this.#waiting.length > 0) this.#wake();
  }

  /** The next requests that may share a call: no stream and no event id may stand in two of them. */
  #take(): Request[] {
    const taken: Request[] = [];
    const later: Request[] = [];
    const names = new Set(this.#names);
    let events = 0;
    for (const request of this.#waiting) {
      const free = !request.names.some((name) => names.has(name));
      const fits = free && (taken.length === 0 || events + request.data.length <= MAX_EVENTS_A_CALL);
      (fits ? taken : later).push(request);
      if (fits) events += request.data.length;
      // Also for those left: a later request must not overtake an earlier one on the same stream.
      for (const name of request.names) names.add(name);
    }
    this.#waiting = later;
    return taken;
  }

  async #call(requests: Request[]): Promise<void> {
    try {
      const columns = columnsOf(requests);
      if (await this.#plainly(requests, columns)) return;
      const { rows } = await this.#pool.query<VerdictRow>({ name: 'append-events', text: APPEND, values: columns });
      let op = 0;
      for (const request of requests) settle(request, rows.slice(op, (op += request.appends.length)));
    } catch (error) {
      await this.#failed(requests, error);
    }
  }

  /** False where the log finds something that it must judge, and has appended nothing. */
  async #plainly(requests: Request[], [, ...columns]: unknown[]): Promise<boolean> {
    const appends = requests.flatMap((request) => request.appends);
    if (new Set(appends.map(({ stream }) => stream)).size < appends.length) return false;
    const { rows } = await this.#pool.query<{ head: number; lasts: string }>({
      name: 'append-plainly',
      text: APPEND_PLAINLY,
      values: columns,
    });
    if (rows.length === 0) return false;
    const lasts = rows[0]!.lasts.slice(1, -1).split(',').map(Number);
    let [op, position] = [0, rows[0]!.head];
    for (const request of requests) {
      const appended = request.appends.map(({ stream, events }) => {
        const revision = lasts[op++]! + events.length;
        return { stream, revision, position: (position += events.length), added: events.length };
      });
      request.resolve(appended);
    }
    return true;
  }

  async #failed(requests: Request[], error: unknown): Promise<void> {
    if (!isTransient(error)) {
      // One bad request must not refuse its neighbours: each is asked again by itself.
      if (requests.length === 1) requests[0]!.reject(error);
      else for (const request of requests) await this.#call([request]);
      return;
    }
    const tries = Math.max(...requests.map((r) => ++r.tries));
    const [lost, again] = [requests.filter((r) => r.tries >= TRIES), requests.filter((r) => r.tries < TRIES)];
    for (const request of lost)
      request.reject(new StoreUnavailable('PostgreSQL does not answer; the append may be tried again as it is.', { cause: error }));
    this.#waiting.unshift(...again);
    await pause(tries);
  }
}

function settle(request: Request, verdicts: VerdictRow[]): void {
  const at = verdicts.findIndex((v) => v.verdict === 'conflict' || v.verdict === 'taken');
  if (at < 0) {
    request.resolve(
      verdicts.map((v, i) => ({ stream: request.appends[i]!.stream, revision: v.stands_at, position: v.at_position, added: v.added })),
    );
    return;
  }
  const { stream, expected, events } = request.appends[at]!;
  const verdict = verdicts[at]!;
  if (verdict.verdict === 'taken') request.reject(new EventIdTaken(events.map((e) => e.id).join(', '), stream));
  else request.reject(new WrongExpectedRevision(stream, expected, verdict.last));
}

/** The twelve arrays of append_events, whose last eleven are those of append_plainly: an element an event, in order. */
function columnsOf(requests: Request[]): unknown[] {
  const columns: unknown[][] = Array.from({ length: 12 }, () => []);
  let op = 0;
  requests.forEach(({ appends, data }, request) => {
    let i = 0;
    for (const { stream, events, expected } of appends) {
      const revision = typeof expected === 'number' ? expected : EXPECTED[expected];
      events.forEach(({ id, type, version, time, correlationId, causationId }: NewEvent, nth) => {
        const row = [request, op, nth === 0, stream, revision, id, type, version, time, correlationId, causationId, data[i++]];
        for (let c = 0; c < 12; c++) columns[c]!.push(row[c]);
      });
      op++;
    }
  });
  return columns.map(arrayOf);
}
