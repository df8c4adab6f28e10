import { derivedId, type Clock } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { inTransaction, type Log } from '@cliptally/messaging';
import type { ClientBase, Pool } from 'pg';
import { conflict, rule } from '../domain/rule-broken.js';
import { TEST, TYPES_FOR_PEOPLE, type Webhook } from '../domain/webhook.js';
import { AddressRefused, publicAddressesOf } from './address.js';
import {
  allowedTypes,
  changeEndpoint,
  deleteEndpoint,
  type EndpointChange,
} from './endpoint-changes.js';
import { deliveryIn, endpointOf, requireEnabled, requireRoom } from './endpoint-rows.js';
import {
  DELIVERY_COLUMNS,
  ENDPOINT_COLUMNS,
  type Delivery,
  type DeliveryStatus,
  type Endpoint,
  type EndpointForm,
} from './rows.js';
import type { WebhookNetwork } from './send.js';
import { newSecret } from './signature.js';
import { SCHEMA, TABLES, lockEndpoints } from './tables.sql.js';

export interface EndpointsOptions {
  pool: Pool;
  store: Pick<EventStore, 'head' | 'kind'>;
  clock: Clock;
  log: Log;
  network: WebhookNetwork;
  /** Wakes the deliverer. */
  wake: () => void;
}

export interface NewEndpoint {
  /** Null: the operator's. */
  brandId: string | null;
  form: EndpointForm;
  url: string;
  /** If absent, all that it may have; for people what they have to act on. */
  types?: readonly string[] | undefined;
}

/** One address, without parameters. */
const MAILBOX = /^mailto:[\w.+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
/** A secret that was replaced still signs for so long. */
const OVERLAP_MS = 86_400_000;
/** Replaced ones included. */
const MOST_SECRETS = 3;

/** The settings of outgoing webhooks: endpoints, their secrets, and what was sent to them. */
export class Endpoints {
  readonly #options: EndpointsOptions;

  constructor(options: EndpointsOptions) {
    this.#options = options;
  }

  #within<T>(work: (db: ClientBase) => Promise<T>): Promise<T> {
    return inTransaction(this.#options.pool, SCHEMA, work);
  }

  /** Makes the tables. Whatever the log has before the first time is nobody's webhook. */
  async prepare(): Promise<void> {
    const { store, log } = this.#options;
    await this.#within(async (db) => {
      // Two processes may start at once; "if not exists" alone fails then.
      await lockEndpoints(db);
      await db.query(TABLES);
      const { rows } = await db.query<{ store: string; position: number }>(
        'select store, position::float8 from place for update',
      );
      const head = await store.head();
      const [place] = rows;
      if (!place)
        await db.query('insert into place (store, position) values ($1, $2)', [store.kind, head]);
      if (!place || (place.store === store.kind && place.position <= head)) return;
      // Moved or restored: a position means something in its own log only.
      await db.query('update place set store = $1, position = $2', [store.kind, head]);
      await db.query('update endpoints set from_position = $1', [head]);
      log.warn(
        { store: store.kind },
        'another log: webhooks go on at its end; replay what is missed',
      );
    });
  }

  /** Gives the secret that signs, which nothing shows again. */
  async add(
    commandId: string,
    { brandId, form, url, types }: NewEndpoint,
  ): Promise<{ endpoint: Endpoint; secret: string }> {
    const allowed = allowedTypes(brandId, types);
    await this.#requireReachable(form, url);
    const people = TYPES_FOR_PEOPLE.filter((type) => allowed.includes(type));
    const chosen = types ?? (form === 'standard' ? allowed : people);
    const { clock, store } = this.#options;
    const endpointId = `wh-${derivedId(commandId, 'webhook-endpoint')}`;
    return this.#within(async (db) => {
      await lockEndpoints(db);
      const head = await store.head();
      await requireRoom(db, brandId, endpointId);
      const added = await db.query(
        `insert into endpoints (endpoint_id, brand_id, form, url, types, status, created_at, changed_at, from_position)
         values ($1, $2, $3, $4, $5, 'ENABLED', $6, $6, $7) on conflict do nothing`,
        [endpointId, brandId, form, url, chosen, clock.now(), head],
      );
      if (added.rowCount === 1)
        await db.query('insert into secrets values ($1, $2, $3, $4)', [
          endpointId,
          newSecret(),
          commandId,
          clock.now(),
        ]);
      // The same command again, whose answer was lost, gets what the first one made.
      const secret = await db.query<{ secret: string }>(
        'select secret from secrets where endpoint_id = $1 and made_by = $2',
        [endpointId, commandId],
      );
      const endpoint = await db.query<Endpoint>(endpointOf, [endpointId]);
      return { endpoint: endpoint.rows[0]!, secret: secret.rows[0]!.secret };
    });
  }

  async #requireReachable(form: EndpointForm, url: string): Promise<void> {
    const { network } = this.#options;
    if (form === 'email') {
      if (!network.mail)
        throw conflict('no_mail', 'No mail server is set up here: the operator sets SMTP_URL.');
      if (MAILBOX.test(url)) return;
      throw rule('endpoint_address', 'url', 'Write one mailbox as mailto:name@example.com.');
    }
    try {
      await publicAddressesOf(url, network.lookup);
    } catch (error) {
      if (error instanceof AddressRefused) throw rule('endpoint_address', 'url', error.message);
      throw error;
    }
  }

  find(endpointId: string): Promise<Endpoint | null> {
    return this.#within(
      async (db) => (await db.query<Endpoint>(endpointOf, [endpointId])).rows[0] ?? null,
    );
  }

  /** Newest first; `after` is the last one of the page before. */
  list({
    brandId,
    after,
    limit,
  }: {
    brandId?: string | undefined;
    after: readonly [string, string] | null;
    limit: number;
  }): Promise<Endpoint[]> {
    return this.#within(async (db) => {
      const { rows } = await db.query<Endpoint>(
        `select ${ENDPOINT_COLUMNS} from endpoints e
         where ($1::text is null or brand_id = $1)
           and ($2::timestamptz is null or (created_at, endpoint_id) < ($2, $3))
         order by created_at desc, endpoint_id desc limit $4`,
        [brandId ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
      );
      return rows;
    });
  }

  async change({ endpointId, brandId, form }: Endpoint, change: EndpointChange): Promise<Endpoint> {
    const { clock, wake } = this.#options;
    allowedTypes(brandId, change.types);
    if (change.url !== undefined) await this.#requireReachable(form, change.url);
    const changed = await this.#within(async (db) => {
      await lockEndpoints(db);
      return changeEndpoint(db, endpointId, change, clock.now());
    });
    wake();
    return changed;
  }

  async delete(endpointId: string): Promise<void> {
    await this.#within(async (db) => {
      await lockEndpoints(db);
      await deleteEndpoint(db, endpointId);
    });
  }

  async disable(endpointId: string, reason: string): Promise<Endpoint> {
    return this.#within(async (db) => {
      const { rows } = await db.query<Endpoint>(
        `update endpoints e set status = 'DISABLED', reason = $2, changed_at = $3
         where endpoint_id = $1 returning ${ENDPOINT_COLUMNS}`,
        [endpointId, reason, this.#options.clock.now()],
      );
      return rows[0]!;
    });
  }

  /** What waited is tried anew. What happened while it was off takes a replay. */
  async enable(endpointId: string): Promise<Endpoint> {
    const { store, clock, wake } = this.#options;
    const now = clock.now();
    const endpoint = await this.#within(async (db) => {
      await lockEndpoints(db);
      const head = await store.head();
      const { brandId } = (await db.query<Endpoint>(endpointOf, [endpointId])).rows[0]!;
      await requireRoom(db, brandId, endpointId);
      const changed = await db.query(
        `update endpoints set status = 'ENABLED', reason = null, changed_at = $2, from_position = $3,
           failures = 0, failing_since = null, rests_until = null
         where endpoint_id = $1 and status <> 'ENABLED'`,
        [endpointId, now, head],
      );
      if (changed.rowCount === 1)
        await db.query(
          `update deliveries set next_try_at = $2, first_tried_at = null, attempts = 0
           where endpoint_id = $1 and status = 'PENDING'`,
          [endpointId, now],
        );
      return (await db.query<Endpoint>(endpointOf, [endpointId])).rows[0]!;
    });
    wake();
    return endpoint;
  }

  /** The old secret signs beside the new one for a day. */
  async rotate(commandId: string, endpointId: string): Promise<string> {
    const now = this.#options.clock.now();
    return this.#within(async (db) => {
      await db.query('select from endpoints where endpoint_id = $1 for update', [endpointId]);
      // The same command again, whose answer was lost, makes no second secret.
      const made = await db.query<{ secret: string }>(
        'select secret from secrets where endpoint_id = $1 and made_by = $2',
        [endpointId, commandId],
      );
      if (made.rows[0]) return made.rows[0].secret;
      await db.query(
        'update secrets set expires_at = $2 where endpoint_id = $1 and expires_at is null',
        [endpointId, new Date(now.getTime() + OVERLAP_MS)],
      );
      const secret = newSecret();
      await db.query('insert into secrets values ($1, $2, $3, $4)', [
        endpointId,
        secret,
        commandId,
        now,
      ]);
      await db.query(
        `delete from secrets where endpoint_id = $1 and (expires_at <= $2 or secret not in
           (select secret from secrets where endpoint_id = $1 order by expires_at desc nulls first limit $3))`,
        [endpointId, now, MOST_SECRETS],
      );
      return secret;
    });
  }

  /** Queues a webhook that says nothing, to try a receiver. */
  async test(commandId: string, endpointId: string): Promise<Delivery> {
    const { clock, wake } = this.#options;
    const now = clock.now();
    const webhookId = derivedId(commandId, 'webhook-test');
    const payload: Webhook = { type: TEST, timestamp: now.toISOString(), data: { endpointId } };
    const delivery = await this.#within(async (db) => {
      await requireEnabled(db, endpointId);
      await db.query(
        `insert into deliveries (endpoint_id, webhook_id, type, position, stream, revision, payload, status, queued_at, next_try_at)
         values ($1, $2, $3, 0, $4, 0, $5, 'PENDING', $6, $6) on conflict do nothing`,
        [endpointId, webhookId, TEST, `webhook-test-${webhookId}`, payload, now],
      );
      return deliveryIn(db, endpointId, webhookId);
    });
    wake();
    return delivery!;
  }

  /** Sends one webhook again, whatever became of it; null if it is not kept any more. */
  async replayOne(endpointId: string, webhookId: string): Promise<Delivery | null> {
    const { clock, wake } = this.#options;
    const delivery = await this.#within(async (db) => {
      await requireEnabled(db, endpointId);
      await db.query(
        `update deliveries set status = 'PENDING', attempts = 0, first_tried_at = null,
           next_try_at = $3, ended_at = null
         where endpoint_id = $1 and webhook_id = $2`,
        [endpointId, webhookId, clock.now()],
      );
      return deliveryIn(db, endpointId, webhookId);
    });
    wake();
    return delivery;
  }

  /** Sends everything of that time again, also what was never sent. */
  async replaySpan(commandId: string, endpointId: string, from: Date, to: Date): Promise<void> {
    const { store, wake } = this.#options;
    const until = await store.head();
    if (until === 0) return;
    await this.#within(async (db) => {
      await requireEnabled(db, endpointId);
      await db.query('insert into replays values ($1, $2, $3, $4, 0, $5) on conflict do nothing', [
        derivedId(commandId, 'webhook-replay'),
        endpointId,
        from,
        to,
        until,
      ]);
    });
    wake();
  }

  /** Newest first; `after` is the last one of the page before. */
  deliveries({
    endpointId,
    status,
    after,
    limit,
  }: {
    endpointId: string;
    status?: DeliveryStatus | undefined;
    after: readonly [string, string] | null;
    limit: number;
  }): Promise<Delivery[]> {
    return this.#within(async (db) => {
      const { rows } = await db.query<Delivery>(
        `select ${DELIVERY_COLUMNS} from deliveries d
         where endpoint_id = $1 and ($2::text is null or status = $2)
           and ($3::timestamptz is null or (queued_at, webhook_id) < ($3, $4))
         order by queued_at desc, webhook_id desc limit $5`,
        [endpointId, status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
      );
      return rows;
    });
  }
}
