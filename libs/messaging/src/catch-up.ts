import type { EventStore } from '@cliptally/event-store';
import type { Pool } from 'pg';
import { NotTheFollower, advance, prepareProjection, type Projection } from './projection.js';

const BATCH = 2_000;

/**
 * Brings a projection to the end of the log as it is now, for a process that does not stay. Several may do so at once:
 * each batch is taken over by one of them, and the others go on from there. Gives the position reached.
 */
export async function catchUp(projection: Projection, pool: Pool, store: EventStore): Promise<number> {
  const target = await store.head();
  for (;;) {
    let position = await prepareProjection(projection, pool, store);
    if (position >= target) return position;
    try {
      let events = [];
      for await (const event of store.readAll(position, { types: projection.types })) {
        events.push(event);
        if (events.length < BATCH) continue;
        await advance(projection, pool, events, position, event.position);
        position = event.position;
        events = [];
      }
      const end = Math.max(target, events.at(-1)?.position ?? 0);
      await advance(projection, pool, events, position, end);
      return end;
    } catch (error) {
      // Another process was faster with this batch; what is left is taken from where it stands.
      if (!(error instanceof NotTheFollower)) throw error;
    }
  }
}
