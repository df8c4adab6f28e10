import { derivedId } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import type { ClientBase, Pool } from 'pg';
import { ENDPOINT_OFF, concerns, type Webhook } from '../domain/webhook.js';
import { afterFailure, type Fault } from '../domain/webhook-retries.js';
import {
  DELIVERY_COLUMNS,
  ENDPOINT_COLUMNS,
  type Delivery,
  type Endpoint,
  type Queued,
} from './rows.js';
import { SCHEMA, lockEndpoints } from './tables.sql.js';

export interface Replay {
  replayId: string;
  endpointId: string;
  from: Date;
  to: Date;
  position: number;
  until: number;
}

export interface WaitingEndpoint extends Endpoint {
  /** When its next webhook is due. */
  dueAt: Date;
}

/** A failed try; `status` is null if nothing answered. */
export interface FailedTry extends Fault {
  status: number | null;
  what: string;
}

const KEPT_MS = 30 * 86_400_000;

/** The next webhook of each stream: no other of that stream is sent before it has ended. */
const HEADS = `
  select distinct on (d.stream) ${DELIVERY_COLUMNS} from deliveries d
  where d.endpoint_id = $1 and d.status = 'PENDING' order by d.stream, d.position`;

/** Deliveries that wait, and their outcomes. Only the replica with the lease changes it. */
export class WebhookQueue {
  constructor(private readonly pool: Pool) {}

  #within<T>(work: (db: ClientBase) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, SCHEMA, work);
  }

  /** Position of the log up to which webhooks are queued. */
  place(): Promise<number> {
    return this.#within(async (db) => {
      const { rows } = await db.query<{ at: number }>('select position::float8 as at from place');
      return rows[0]!.at;
    });
  }

  /**
   * Queues the webhooks for those who want them and moves the place, both or nothing: a webhook is
   * never missed and never queued twice. False if another replica has moved it.
   */
  advance(from: number, to: number, webhooks: readonly Queued[], now: Date): Promise<boolean> {
    return this.#within(async (db) => {
      const moved = await db.query(
        'update place set position = $2 where position = $1 and position <= $2',
        [from, to],
      );
      if (moved.rowCount !== 1) return false;
      const { rows } = await db.query<Endpoint>(
        `select ${ENDPOINT_COLUMNS} from endpoints e where status = 'ENABLED'`,
      );
      for (const endpoint of rows)
        await insert(
          db,
          endpoint,
          webhooks.filter(({ position }) => position > endpoint.fromPosition),
          now,
        );
      return true;
    });
  }

  /** Moves the place without reading the log, if nobody listens. */
  skip(from: number, to: number): Promise<boolean> {
    return this.#within(async (db) => {
      await lockEndpoints(db);
      const moved = await db.query(
        `update place set position = $2 where position = $1 and position <= $2
           and not exists (select from endpoints where status = 'ENABLED')`,
        [from, to],
      );
      return moved.rowCount === 1;
    });
  }

  replays(): Promise<Replay[]> {
    return this.#within(async (db) => {
      const { rows } = await db.query<Replay>(
        `select replay_id as "replayId", endpoint_id as "endpointId", from_time as "from",
           to_time as "to", position::float8 as position, until::float8 as until
         from replays order by replay_id`,
      );
      return rows;
    });
  }

  /** Queues a part of a replay, also what was sent before; at its end the replay is gone. */
  async replay(
    { replayId, endpointId, until }: Replay,
    to: number,
    webhooks: readonly Queued[],
    now: Date,
  ): Promise<void> {
    await this.#within(async (db) => {
      const { rows } = await db.query<Endpoint>(
        `select ${ENDPOINT_COLUMNS} from endpoints e where endpoint_id = $1`,
        [endpointId],
      );
      await insert(db, rows[0]!, webhooks, now, true);
      if (to >= until) await db.query('delete from replays where replay_id = $1', [replayId]);
      else await db.query('update replays set position = $2 where replay_id = $1', [replayId, to]);
    });
  }

  /** Endpoints that something waits for. */
  waiting(): Promise<WaitingEndpoint[]> {
    return this.#within(async (db) => {
      const { rows } = await db.query<WaitingEndpoint>(
        `select ${ENDPOINT_COLUMNS}, coalesce(e.rests_until, h.due) as "dueAt"
         from endpoints e left join lateral (
           select min(next_try_at) as due from (
             select distinct on (d.stream) d.next_try_at from deliveries d
             where d.endpoint_id = e.endpoint_id and d.status = 'PENDING'
             order by d.stream, d.position) heads) h on e.rests_until is null
         where e.status = 'ENABLED' and exists (select from deliveries d
           where d.endpoint_id = e.endpoint_id and d.status = 'PENDING')
         order by "dueAt"`,
      );
      return rows;
    });
  }

  /**
   * What may be sent now, with the secrets that sign. After a rest that is one webhook, of those
   * tried least: it shows whether the endpoint is back.
   */
  due(
    endpointId: string,
    now: Date,
    limit: number,
  ): Promise<{ deliveries: Delivery[]; endpoint: Endpoint; secrets: string[] } | null> {
    return this.#within(async (db) => {
      const { rows } = await db.query<Endpoint>(
        `select ${ENDPOINT_COLUMNS} from endpoints e where endpoint_id = $1 and status = 'ENABLED'`,
        [endpointId],
      );
      const [endpoint] = rows;
      if (!endpoint || (endpoint.restsUntil && endpoint.restsUntil > now)) return null;
      const heads = endpoint.restsUntil
        ? await db.query<Delivery>(
            `select * from (${HEADS}) heads order by attempts, position limit 1`,
            [endpointId],
          )
        : await db.query<Delivery>(
            `select * from (${HEADS}) heads where "nextTryAt" <= $2 order by position limit $3`,
            [endpointId, now, limit],
          );
      const secrets = await db.query<{ secret: string }>(
        `select secret from secrets where endpoint_id = $1 and (expires_at is null or expires_at > $2)
         order by expires_at desc nulls first`,
        [endpointId, now],
      );
      return {
        endpoint,
        deliveries: heads.rows,
        secrets: secrets.rows.map(({ secret }) => secret),
      };
    });
  }

  async delivered({ endpointId, webhookId }: Delivery, status: number, now: Date): Promise<void> {
    await this.#within(async (db) => {
      const { restsUntil } = await lockedEndpoint(db, endpointId);
      await db.query(
        `update deliveries set status = 'DELIVERED', attempts = attempts + 1, ended_at = $3,
           first_tried_at = coalesce(first_tried_at, $3), last_status = $4, last_fault = null
         where endpoint_id = $1 and webhook_id = $2`,
        [endpointId, webhookId, now, status],
      );
      await db.query(
        `update endpoints set failures = 0, failing_since = null, rests_until = null, last_success_at = $2
         where endpoint_id = $1`,
        [endpointId, now],
      );
      // It is back: whatever waited for a later try need not.
      if (restsUntil)
        await db.query(
          `update deliveries set next_try_at = $2 where endpoint_id = $1 and status = 'PENDING'`,
          [endpointId, now],
        );
    });
  }

  /** Gives the endpoint if this has switched it off. */
  failed(
    { endpointId, webhookId }: Delivery,
    fault: FailedTry,
    now: Date,
    random: number,
  ): Promise<Endpoint | null> {
    return this.#within(async (db) => {
      const endpoint = await lockedEndpoint(db, endpointId);
      const { rows } = await db.query<{ attempts: number; firstTriedAt: Date }>(
        `update deliveries set attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, $3),
           last_status = $4, last_fault = $5
         where endpoint_id = $1 and webhook_id = $2
         returning attempts, first_tried_at as "firstTriedAt"`,
        [endpointId, webhookId, now, fault.status, fault.what],
      );
      const { nextTryAt, health, dead } = afterFailure(rows[0]!, endpoint, fault, now, random);
      const status = dead || nextTryAt ? 'PENDING' : 'FAILED';
      await db.query(
        `update deliveries set status = $3, next_try_at = $4, ended_at = $5
         where endpoint_id = $1 and webhook_id = $2`,
        [endpointId, webhookId, status, nextTryAt ?? now, status === 'FAILED' ? now : null],
      );
      await db.query(
        `update endpoints set failures = $2, failing_since = $3, rests_until = $4 where endpoint_id = $1`,
        [endpointId, health.failures, health.failingSince, health.restsUntil],
      );
      if (dead === null || endpoint.status !== 'ENABLED') return null;
      await switchOff(db, endpoint, dead, now);
      return endpoint;
    });
  }

  /** Its event is in no log: nothing can be sent, now or later. */
  async lost({ endpointId, webhookId }: Delivery, now: Date): Promise<void> {
    await this.#within((db) =>
      db.query(
        `update deliveries set status = 'FAILED', ended_at = $3, last_fault = 'Its event is not in the log.'
         where endpoint_id = $1 and webhook_id = $2`,
        [endpointId, webhookId, now],
      ),
    );
  }

  /** Forgets what ended long ago. */
  async sweep(now: Date): Promise<void> {
    await this.#within((db) =>
      db.query('delete from deliveries where ended_at < $1', [new Date(now.getTime() - KEPT_MS)]),
    );
  }
}

async function lockedEndpoint(db: ClientBase, endpointId: string): Promise<Endpoint> {
  const { rows } = await db.query<Endpoint>(
    `select ${ENDPOINT_COLUMNS} from endpoints e where endpoint_id = $1 for update`,
    [endpointId],
  );
  return rows[0]!;
}

/** The endpoint hears no more, and its owner's other endpoints and the operator's hear of that. */
async function switchOff(
  db: ClientBase,
  { endpointId, brandId }: Endpoint,
  reason: string,
  now: Date,
): Promise<void> {
  await db.query(
    `update endpoints set status = 'DEAD', reason = $2, changed_at = $3 where endpoint_id = $1`,
    [endpointId, reason, now],
  );
  const payload: Webhook = {
    type: ENDPOINT_OFF,
    timestamp: now.toISOString(),
    data: { endpointId, brandId, reason },
  };
  const webhook: Queued = {
    webhookId: derivedId('webhook-endpoint-off', endpointId, now.toISOString()),
    type: ENDPOINT_OFF,
    position: 0,
    stream: `webhook-endpoint-${endpointId}`,
    revision: 0,
    payload,
    brandId,
  };
  const { rows } = await db.query<Endpoint>(
    `select ${ENDPOINT_COLUMNS} from endpoints e where status = 'ENABLED'`,
  );
  for (const other of rows) await insert(db, other, [webhook], now);
}

async function insert(
  db: ClientBase,
  endpoint: Endpoint,
  webhooks: readonly Queued[],
  now: Date,
  again = false,
): Promise<void> {
  const wanted = webhooks.filter(({ type, brandId }) => concerns(endpoint, type, brandId));
  if (wanted.length === 0) return;
  await db.query(
    `insert into deliveries (endpoint_id, webhook_id, type, position, stream, revision, payload, status, queued_at, next_try_at)
     select $1, n."webhookId", n.type, n.position, n.stream, n.revision, n.payload, 'PENDING', $3, $3
     from jsonb_to_recordset($2::jsonb) as n
       ("webhookId" text, type text, position bigint, stream text, revision int, payload jsonb)
     on conflict (endpoint_id, webhook_id) do ${
       again
         ? `update set status = 'PENDING', attempts = 0, first_tried_at = null, ended_at = null,
              next_try_at = excluded.next_try_at where deliveries.status <> 'PENDING'`
         : 'nothing'
     }`,
    [endpoint.endpointId, JSON.stringify(wanted), now],
  );
}
