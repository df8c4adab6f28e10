import type { Clock } from '@cliptally/contracts';
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { Answer, type AskedRequest } from './operation.js';
import { Problem, conflict, problemOf, ruleBroken } from './problem.js';

const TABLE = `
  create schema if not exists earnings_api;
  create table if not exists earnings_api.answers (
    request_id uuid primary key,
    command_id uuid not null,
    fingerprint text not null,
    asked_at timestamptz not null,
    status integer,
    body jsonb,
    headers jsonb
  );
  create index if not exists answers_by_age on earnings_api.answers (asked_at);`;

const KEPT_MS = 86_400_000;
/** A first request that has not answered after this long died with its process; the second one takes over. */
const ABANDONED_MS = 30_000;
const POLL_MS = 25;
const WAIT_MS = 5_000;

interface Row {
  fingerprint: string;
  status: number | null;
  body: unknown;
  headers: Record<string, string> | null;
}

/** Answers of POST requests by their Idempotency-Key, kept for 24 hours of the world. */
export class Idempotency {
  readonly #pool: Pool;
  readonly #clock: Clock;

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async prepare(): Promise<void> {
    const db = await this.#pool.connect();
    try {
      // Two processes may start at once; "if not exists" alone does not stand that.
      await db.query('begin');
      await db.query(`select pg_advisory_xact_lock(hashtext('earnings_api'), 3)`);
      await db.query(TABLE);
      await db.query('commit');
    } finally {
      db.release();
    }
  }

  /** Runs `work` for the first of equal requests; the others get its answer. A refusal is an answer too, a defect is not. */
  async once(request: AskedRequest, work: () => Promise<Answer>): Promise<Answer> {
    // Until it is claimed, the id of the command is that of the key.
    const requestId = request.asked!.commandId;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([request.method, request.path, request.body ?? null]))
      .digest('hex');
    const commandId = await this.#claim(requestId, fingerprint);
    if (commandId === null) return this.#first(requestId, fingerprint);
    request.asked!.commandId = commandId;
    try {
      const answer = await work();
      await this.#keep(requestId, answer);
      return answer;
    } catch (error) {
      const problem = problemOf(error);
      if (problem)
        await this.#keep(
          requestId,
          new Answer(problem.status, problem.body(request.path), { ...problem.headers, 'content-type': 'application/problem+json' }),
        );
      else await this.#pool.query('delete from earnings_api.answers where request_id = $1', [requestId]);
      throw error;
    }
  }

  /** The id of the command for the first of equal requests; null for the others. A key that is free again after a day begins a new command. */
  async #claim(requestId: string, fingerprint: string): Promise<string | null> {
    const now = this.#clock.now();
    const { rows } = await this.#pool.query<{ command_id: string }>(
      `insert into earnings_api.answers (request_id, command_id, fingerprint, asked_at) values ($1, gen_random_uuid(), $2, $3)
       on conflict (request_id) do update set
         command_id = case when answers.asked_at < $4 then excluded.command_id else answers.command_id end,
         asked_at = excluded.asked_at, fingerprint = excluded.fingerprint, status = null, body = null, headers = null
       where answers.asked_at < $4 or (answers.status is null and answers.fingerprint = excluded.fingerprint and answers.asked_at < $5)
       returning command_id`,
      [requestId, fingerprint, now, new Date(now.getTime() - KEPT_MS), new Date(now.getTime() - ABANDONED_MS * this.#clock.speed)],
    );
    return rows[0]?.command_id ?? null;
  }

  async #first(requestId: string, fingerprint: string): Promise<Answer> {
    for (let waited = 0; waited < WAIT_MS; waited += POLL_MS) {
      const { rows } = await this.#pool.query<Row>(
        'select fingerprint, status, body, headers from earnings_api.answers where request_id = $1',
        [requestId],
      );
      const row = rows[0];
      if (!row)
        throw new Problem(503, 'try_again', 'The first request with this Idempotency-Key failed; send it again.', [], {
          'retry-after': '1',
        });
      if (row.fingerprint !== fingerprint)
        throw ruleBroken('idempotency_key_reused', 'This Idempotency-Key was used for another request; choose a new one.');
      if (row.status !== null) return new Answer(row.status, row.body, row.headers ?? {});
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw conflict('in_progress', 'The first request with this Idempotency-Key is still under way; ask again in a second.');
  }

  #keep(requestId: string, { status, body, headers }: Answer): Promise<unknown> {
    return this.#pool.query('update earnings_api.answers set status = $2, body = $3, headers = $4 where request_id = $1', [
      requestId,
      status,
      JSON.stringify(body ?? null),
      JSON.stringify(headers),
    ]);
  }

  /** Forgets answers that are older than a day of the world. */
  async sweep(): Promise<void> {
    await this.#pool.query('delete from earnings_api.answers where asked_at < $1', [new Date(this.#clock.now().getTime() - KEPT_MS)]);
  }
}
