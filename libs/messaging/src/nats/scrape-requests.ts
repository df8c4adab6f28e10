import { PLATFORMS, scrapeRequestsOf, scraperDurable } from '@cliptally/contracts';
import { nanos } from '@nats-io/transport-node';
import { BUCKETS, openBucket, type BucketName } from './buckets.js';
import type { Nats } from './connection.js';
import { ensureDurable, ensureStream, type DurableSettings } from './streams.js';

/** How JetStream hands out the messages of one durable consumer. */
export interface Flow {
  /** Messages in flight over all replicas. */
  maxAckPending: number;
  /** A message is delivered again when a dead process has not acknowledged it for this long. */
  ackWaitMs: number;
}

export const SCRAPE_REQUEST_FLOW: Flow = { maxAckPending: 600, ackWaitMs: 30_000 };

/**
 * The server never gives a message up: it would then be in no count of what waits. The process that
 * gets one too often makes it a dead letter.
 */
export const durableSettings = (
  subject: string,
  { maxAckPending, ackWaitMs }: Flow,
): DurableSettings => ({
  filter_subject: subject,
  max_ack_pending: maxAckPending,
  ack_wait: nanos(ackWaitMs),
  max_deliver: -1,
});

/**
 * Makes what the services need of JetStream, so that none of their users may make or change a
 * stream, a bucket or a consumer. As often as one likes, beside running services.
 */
export async function prepareJetStream(nats: Nats, flow: Flow): Promise<void> {
  await ensureStream(nats.manager, nats.replicas);
  for (const platform of PLATFORMS) {
    const settings = durableSettings(scrapeRequestsOf(platform), flow);
    await ensureDurable(nats.manager, scraperDurable(platform), settings);
  }
  for (const bucket of Object.keys(BUCKETS) as BucketName[]) await openBucket(nats, bucket);
}
