import type { Clock } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import type { Tables } from '../queries/tables.js';
import { lookupAll, type Lookup } from './address.js';
import { WebhookDelivery } from './delivery.js';
import { Endpoints } from './endpoints.js';
import { pinnedPost, type PinnedPost } from './post.js';
import { WebhookQueue } from './queue.js';

export { Endpoints } from './endpoints.js';
export { pinnedPost } from './post.js';
export { webhookMetrics } from './metrics.js';
export type { Delivery, Endpoint } from './rows.js';

/** How endpoints are reached; a test has its own. */
export interface WebhookNetwork {
  lookup: Lookup;
  post: PinnedPost;
}

/** Outgoing webhooks: the settings, and whoever delivers, which does not run yet. */
export async function openWebhooks(parts: {
  databaseUrl: string;
  pool: Pool;
  store: EventStore;
  tables: Tables;
  clock: Clock;
  log: Log;
  network?: WebhookNetwork | undefined;
}): Promise<{ endpoints: Endpoints; delivery: WebhookDelivery }> {
  const network = parts.network ?? { lookup: lookupAll, post: pinnedPost() };
  const queue = new WebhookQueue(parts.pool);
  const delivery = new WebhookDelivery({ ...parts, ...network, queue });
  const endpoints = new Endpoints({
    ...parts,
    lookup: network.lookup,
    wake: () => delivery.wake(),
  });
  await endpoints.prepare();
  return { endpoints, delivery };
}
