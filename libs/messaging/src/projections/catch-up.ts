import { asStored, type EventStore } from '@cliptally/event-store';
import type { Pool } from 'pg';
import { applyBatch } from './apply-batch.js';
import { readUp } from './follower.js';
import { NotTheFollower, prepareProjection, type Projection } from './projection.js';
import { skipsOf } from './skips.js';

/** Events of one transaction. */
const BATCH = 2_000;

/**
 * Brings a projection to the end of the log as it is now, for a process that does not stay. Several
 * may do so at once: each batch is applied by one of them, and the others go on from there.
 * Returns the position reached.
 */
export async function catchUp(
  projection: Projection,
  pool: Pool,
  store: Pick<EventStore, 'kind' | 'head' | 'readAll' | 'readStream'>,
  size = BATCH,
): Promise<number> {
  store = asStored(store);
  const skips = await skipsOf(projection, store);
  const target = await store.head();
  for (;;) {
    let position = await prepareProjection(projection, pool, store);
    if (position >= target) return position;
    try {
      for await (const batch of readUp(store, position, projection.types, size)) {
        await applyBatch(projection, pool, batch, position, skips, (done) => {
          position = done.position;
        });
      }
    } catch (error) {
      // Another process was faster with this batch; the rest is read from the checkpoint.
      if (!(error instanceof NotTheFollower)) throw error;
    }
  }
}
