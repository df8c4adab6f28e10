import type { ClientBase } from 'pg';
import { conflict } from '../domain/rule-broken.js';
import { DELIVERY_COLUMNS, ENDPOINT_COLUMNS, type Delivery, type Endpoint } from './rows.js';

/** Of one owner, those that a person has switched off not counted. */
const MOST_ENDPOINTS = 20;

export const endpointOf = `select ${ENDPOINT_COLUMNS} from endpoints e where endpoint_id = $1`;

export async function deliveryIn(
  db: ClientBase,
  endpointId: string,
  webhookId: string,
): Promise<Delivery | null> {
  const { rows } = await db.query<Delivery>(
    `select ${DELIVERY_COLUMNS} from deliveries d where endpoint_id = $1 and webhook_id = $2`,
    [endpointId, webhookId],
  );
  return rows[0] ?? null;
}

export async function requireEnabled(db: ClientBase, endpointId: string): Promise<void> {
  const { rows } = await db.query<Endpoint>(endpointOf, [endpointId]);
  const { status } = rows[0]!;
  if (status !== 'ENABLED')
    throw conflict(
      'endpoint_state',
      `The endpoint "${endpointId}" is ${status}: enable it before anything is sent to it.`,
    );
}

export async function requireRoom(
  db: ClientBase,
  brandId: string | null,
  besides: string,
): Promise<void> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*)::int as n from endpoints
     where brand_id is not distinct from $1 and endpoint_id <> $2 and status <> 'DISABLED'`,
    [brandId, besides],
  );
  if (rows[0]!.n >= MOST_ENDPOINTS)
    throw conflict(
      'too_many_endpoints',
      `There are ${MOST_ENDPOINTS} endpoints already: disable one, or choose more types at one.`,
    );
}
