import type { Clock } from '@cliptally/contracts';
import { whileConnecting, type EventStore } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import type { Tables } from '../queries/tables.js';
import { lookupAll } from './address.js';
import { WebhookDelivery } from './delivery.js';
import { Endpoints } from './endpoints.js';
import { mailThrough, type MailSettings } from './mail.js';
import { pinnedPost } from './post.js';
import { WebhookQueue } from './queue.js';
import type { WebhookNetwork } from './send.js';

export { Endpoints } from './endpoints.js';
export { pinnedPost } from './post.js';
export { webhookMetrics } from './metrics.js';
export { mailThrough, type MailSettings } from './mail.js';
export type { Delivery, Endpoint } from './rows.js';
export type { WebhookNetwork } from './send.js';

/** Outgoing webhooks: the settings, and the deliverer, which does not run yet. */
export async function openWebhooks(parts: {
  databaseUrl: string;
  pool: Pool;
  store: EventStore;
  tables: Tables;
  clock: Clock;
  log: Log;
  /** Of the mail server, if there is one. */
  mail?: MailSettings | undefined;
  network?: WebhookNetwork | undefined;
}): Promise<{ endpoints: Endpoints; delivery: WebhookDelivery }> {
  const network: WebhookNetwork = parts.network ?? {
    lookup: lookupAll,
    post: pinnedPost(),
    mail: parts.mail ? mailThrough(parts.mail) : null,
  };
  const queue = new WebhookQueue(parts.pool);
  const delivery = new WebhookDelivery({ ...parts, network, queue });
  const endpoints = new Endpoints({
    ...parts,
    network,
    wake: () => delivery.wake(),
  });
  await whileConnecting(() => endpoints.prepare());
  return { endpoints, delivery };
}
