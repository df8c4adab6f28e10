import type { NewEvent } from '@cliptally/contracts';
import type { Pool } from 'pg';
import { EventIdTaken, StoreUnavailable, WrongExpectedRevision, type Appended, type ExpectedRevision, type StreamAppend } from '../port.js';
import { isTransient } from './transient.js';

interface Request {
  appends: readonly StreamAppend[];
  data: string[];
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

const MAX_EVENTS_A_CALL = 2_000;
/** A lost connection leaves it open whether the append was made; ids make it safe to ask again, for about six seconds. */
const TRIES = 6;
const pause = (tries: number) => new Promise((resolve) => setTimeout(resolve, 100 * 2 ** tries));

const EXPECTED: Record<Exclude<ExpectedRevision, number>, number> = { none: -1, any: -2, exists: -4 };

const APPEND = `select op, verdict, last::float8, stands_at::float8, at_position::float8, added
  from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

/** Packs the requests that arrive while a call is under way into the next call: one lock and one fsync for all of them. */
export class AppendQueue {
  readonly #pool: Pool;
  #waiting: Request[] = [];
  #running = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  append(appends: readonly StreamAppend[], data: string[]): Promise<Appended[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ appends, data, tries: 0, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await this.#call(this.#take());
    this.#running = false;
  }

  /** The next requests that may share a call: no stream and no event id may stand in two of them. */
  #take(): Request[] {
    const taken: Request[] = [];
    const later: Request[] = [];
    const names = new Set<string>();
    let events = 0;
    for (const request of this.#waiting) {
      const own = request.appends.flatMap((a) => [a.stream, ...a.events.map((e) => e.id)]);
      const fits = taken.length === 0 || (events + request.data.length <= MAX_EVENTS_A_CALL && !own.some((name) => names.has(name)));
      (fits ? taken : later).push(request);
      if (fits) events += request.data.length;
      // Also for those left: a later request must not overtake an earlier one on the same stream.
      for (const name of own) names.add(name);
    }
    this.#waiting = later;
    return taken;
  }

  async #call(requests: Request[]): Promise<void> {
    try {
      const { rows } = await this.#pool.query<VerdictRow>({ name: 'append-events', text: APPEND, values: parameters(requests) });
      let op = 0;
      for (const request of requests) {
        const verdicts = rows.slice(op, (op += request.appends.length));
        settle(request, verdicts);
      }
    } catch (error) {
      await this.#failed(requests, error);
    }
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

/** The twelve arrays of append_events: a row an event, in order. */
function parameters(requests: Request[]): unknown[][] {
  const columns: unknown[][] = Array.from({ length: 12 }, () => []);
  let op = 0;
  requests.forEach(({ appends, data }, request) => {
    let i = 0;
    for (const { stream, events, expected } of appends) {
      const revision = typeof expected === 'number' ? expected : EXPECTED[expected];
      events.forEach((event: NewEvent, nth) => {
        const row = [
          request,
          op,
          nth === 0,
          stream,
          revision,
          event.id,
          event.type,
          event.version,
          event.time,
          event.correlationId,
          event.causationId,
          data[i++],
        ];
        for (let c = 0; c < 12; c++) columns[c]!.push(row[c]);
      });
      op++;
    }
  });
  return columns;
}
