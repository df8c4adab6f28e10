import type { ClientBase } from 'pg';
import { rule } from '../domain/rule-broken.js';
import { BRAND_WEBHOOK_TYPES, WEBHOOK_TYPES } from '../domain/webhook.js';
import { endpointOf } from './endpoint-rows.js';
import type { Endpoint } from './rows.js';

/** What an endpoint of the owner may choose of; throws if `types` has something else. */
export function allowedTypes(
  brandId: string | null,
  types: readonly string[] | undefined,
): readonly string[] {
  const allowed = brandId === null ? WEBHOOK_TYPES : BRAND_WEBHOOK_TYPES;
  const wrong = types?.find((type) => !allowed.includes(type));
  if (wrong === undefined) return allowed;
  throw rule(
    'webhook_type',
    'types',
    `A brand gets no webhooks of the type "${wrong}"; it may choose of ${allowed.join(', ')}.`,
  );
}

export interface EndpointChange {
  url?: string | undefined;
  types?: readonly string[] | undefined;
}

/** A new address begins without the failures of the old one, and gets what waits at once. */
export async function changeEndpoint(
  db: ClientBase,
  endpointId: string,
  { url, types }: EndpointChange,
  now: Date,
): Promise<Endpoint> {
  await db.query(
    `update endpoints set url = coalesce($2, url), types = coalesce($3, types), changed_at = $4
     where endpoint_id = $1`,
    [endpointId, url ?? null, types ?? null, now],
  );
  if (url !== undefined) {
    await db.query(
      `update endpoints set failures = 0, failing_since = null, rests_until = null
       where endpoint_id = $1`,
      [endpointId],
    );
    await db.query(
      `update deliveries set next_try_at = $2, first_tried_at = null, attempts = 0
       where endpoint_id = $1 and status = 'PENDING'`,
      [endpointId, now],
    );
  }
  return (await db.query<Endpoint>(endpointOf, [endpointId])).rows[0]!;
}

/** With its secrets and all that waits for it. */
export async function deleteEndpoint(db: ClientBase, endpointId: string): Promise<void> {
  for (const table of ['replays', 'deliveries', 'secrets', 'endpoints'])
    await db.query(`delete from ${table} where endpoint_id = $1`, [endpointId]);
}
