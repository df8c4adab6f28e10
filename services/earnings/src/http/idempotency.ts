import { derivedId, systemTimers, type Clock, type Timers } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import { createHash, createHmac } from 'node:crypto';
import { mayBeDone } from '../commands/execution.js';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { Answer, type AskedRequest } from './operation.js';
import { conflict, refusalOf, ruleBroken, tooMany } from './problem.js';

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
  -- Until when (real time) nobody else works on it, and how often it was begun.
  alter table earnings_api.answers add column if not exists claimed_until timestamptz not null default now();
  alter table earnings_api.answers add column if not exists attempts integer not null default 1;
  create index if not exists answers_by_age on earnings_api.answers (asked_at);
  -- Whose answers there are, to bound them.
  alter table earnings_api.answers add column if not exists caller uuid;
  create index if not exists answers_by_caller on earnings_api.answers (caller);`;

const KEPT_MS = 86_400_000;
/**
 * Who has not answered after this long has died, or is so slow that another one may do it as well:
 * what a command appends, it appends once.
 */
const CLAIM_MS = 5_000;
const POLL_MS = 25;
/** Keys of one caller that are kept at once, and how long their number is believed. */
const MOST_KEYS = 50_000;
const COUNTED_MS = 60_000;
const WAIT_MS = 20_000;

interface Row {
  fingerprint: string;
  status: number | null;
  body: unknown;
  headers: Record<string, string> | null;
  /** Nobody works on it any more. */
  free: boolean;
}

interface Claim {
  commandId: string;
  attempts: number;
}

/** A dry run is another request; one without a query has the fingerprint that it always had. */
const queryOf = ({ query }: AskedRequest): object[] =>
  Object.keys(query).length > 0 ? [query] : [];

/** Answers of writes by their Idempotency-Key, kept for 24 hours of the world. */
export class Idempotency {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #most: number;
  /** Keys by caller, as they were last counted. */
  readonly #counts = new LRUCache<string, { keys: number; at: number }>({ max: 10_000 });

  constructor(pool: Pool, clock: Clock, timers: Timers = systemTimers, most = MOST_KEYS) {
    this.#pool = pool;
    this.#clock = clock;
    this.#timers = timers;
    this.#most = most;
  }

  async prepare(): Promise<void> {
    await inTransaction(this.#pool, 'earnings_api', async (db) => {
      // Two processes may start at once; "if not exists" alone fails then.
      await db.query(`select pg_advisory_xact_lock(hashtext('earnings_api'), 3)`);
      await db.query(TABLE);
    });
  }

  /**
   * Runs `work` for the first of equal requests; the others get its answer. A refusal is an answer
   * too, a defect is not. If the first one has died, or its answer could not be kept, `work` is
   * run again as the same command, which then answers for what it has done already.
   */
  async once(request: AskedRequest, work: () => Promise<Answer>): Promise<Answer> {
    // Until it is claimed, the id of the command is that of the key.
    const { commandId: requestId, caller } = request.asked!;
    const owner = derivedId('caller', caller.role, caller.subject);
    // What a PUT replaces may be personal: its fingerprint says nothing to who has not the key.
    const secret = request.method === 'PUT' ? String(request.headers['idempotency-key']) : null;
    const hash = secret === null ? createHash('sha256') : createHmac('sha256', secret);
    const fingerprint = hash
      .update(
        JSON.stringify([request.method, request.path, request.body ?? null, ...queryOf(request)]),
      )
      .digest('hex');
    const waitUntil = this.#timers.now() + WAIT_MS;
    for (let free = true; ;) {
      const claim = free ? await this.#claim(requestId, owner, fingerprint) : null;
      if (claim) {
        request.asked!.commandId = claim.commandId;
        return this.#carryOut(requestId, claim, request.path, work);
      }
      const row = await this.#find(requestId);
      if (row && row.fingerprint !== fingerprint)
        throw ruleBroken(
          'idempotency_key_reused',
          'This Idempotency-Key was used for another request; choose a new one.',
        );
      if (row && row.status !== null) return new Answer(row.status, row.body, row.headers ?? {});
      if (this.#timers.now() > waitUntil)
        throw conflict(
          'in_progress',
          'The first request with this Idempotency-Key is still under way; ask again in a second.',
        );
      free = row?.free ?? true;
      if (!free) await this.#timers.sleep(POLL_MS);
    }
  }

  async #carryOut(
    requestId: string,
    { attempts }: Claim,
    path: string,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    try {
      for (let again = attempts > 1; ; again = true) {
        const answer = await mayBeDone
          .run(again, work)
          .catch((error: unknown) => refusal(error, path));
        // Somebody took this one for dead: what refuses it now may be what they have done for it.
        if (answer.status >= 400 && !again && (await this.#find(requestId))?.attempts !== 1)
          continue;
        return await this.#keep(requestId, answer);
      }
    } catch (error) {
      await this.#pool.query(
        'update earnings_api.answers set claimed_until = now() where request_id = $1',
        [requestId],
      );
      throw error;
    }
  }

  /**
   * Null if somebody else works on it, or has. A key that is free again after a day begins a new
   * command.
   */
  async #claim(requestId: string, owner: string, fingerprint: string): Promise<Claim | null> {
    const now = this.#clock.now();
    const mayKeep = (await this.#keysOf(owner)).keys < this.#most;
    const { rows } = await this.#pool.query<{ command_id: string; attempts: number }>(
      `insert into earnings_api.answers (request_id, command_id, fingerprint, asked_at, claimed_until, caller)
       select $1::uuid, gen_random_uuid(), $2::text, $3::timestamptz, now() + $5 * interval '1 ms', $6::uuid
       where $7::boolean or exists (select from earnings_api.answers where request_id = $1)
       on conflict (request_id) do update set
         command_id = case when answers.asked_at < $4 then excluded.command_id else answers.command_id end,
         attempts = case when answers.asked_at < $4 then 1 else answers.attempts + 1 end,
         asked_at = case when answers.asked_at < $4 then excluded.asked_at else answers.asked_at end,
         claimed_until = excluded.claimed_until, fingerprint = excluded.fingerprint, status = null, body = null, headers = null
       where answers.asked_at < $4 or (answers.status is null and answers.fingerprint = excluded.fingerprint and answers.claimed_until <= now())
       returning command_id, attempts`,
      [requestId, fingerprint, now, new Date(now.getTime() - KEPT_MS), CLAIM_MS, owner, mayKeep],
    );
    const [claimed] = rows;
    if (claimed) {
      if (claimed.attempts === 1) this.#counts.get(owner)!.keys++;
      return { commandId: claimed.command_id, attempts: claimed.attempts };
    }
    if (!mayKeep && !(await this.#find(requestId)))
      throw tooMany(
        `An Idempotency-Key is kept for 24 hours, and ${this.#most} of yours are: send fewer, or wait until some are forgotten.`,
        3_600,
      );
    return null;
  }

  async #keysOf(owner: string): Promise<{ keys: number }> {
    const now = this.#timers.now();
    const known = this.#counts.get(owner);
    if (known && now - known.at < COUNTED_MS) return known;
    const { rows } = await this.#pool.query<{ keys: string }>(
      'select count(*) as keys from (select from earnings_api.answers where caller = $1 limit $2) as own',
      [owner, this.#most],
    );
    const counted = { keys: Number(rows[0]!.keys), at: now };
    this.#counts.set(owner, counted);
    return counted;
  }

  async #find(requestId: string): Promise<(Row & { attempts: number }) | undefined> {
    const { rows } = await this.#pool.query<Row & { attempts: number }>(
      `select fingerprint, status, body, headers, attempts, claimed_until <= now() as free from earnings_api.answers where request_id = $1`,
      [requestId],
    );
    return rows[0];
  }

  /** Keeps the answer, unless another one was kept meanwhile; gives the one that is kept. */
  async #keep(requestId: string, answer: Answer): Promise<Answer> {
    const { status, body, headers } = answer;
    const kept = await this.#pool.query(
      'update earnings_api.answers set status = $2, body = $3, headers = $4 where request_id = $1 and status is null',
      [requestId, status, JSON.stringify(body ?? null), JSON.stringify(headers)],
    );
    if (kept.rowCount === 1) return answer;
    const other = await this.#find(requestId);
    return other?.status ? new Answer(other.status, other.body, other.headers ?? {}) : answer;
  }

  /** Forgets answers that are older than a day of the world. */
  async sweep(): Promise<void> {
    await this.#pool.query('delete from earnings_api.answers where asked_at < $1', [
      new Date(this.#clock.now().getTime() - KEPT_MS),
    ]);
  }
}

/** What is refused, as an answer that can be kept. Throws what is a defect. */
function refusal(error: unknown, path: string): Answer {
  const problem = refusalOf(error);
  if (!problem) throw error;
  return new Answer(problem.status, problem.body(path), {
    ...problem.headers,
    'content-type': 'application/problem+json',
  });
}
