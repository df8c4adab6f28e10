import { isTransient } from '@cliptally/event-store';
import type { Pool } from 'pg';
import { EventNotApplied } from './event-not-applied.js';
import type { Batch } from './follower.js';
import { NotTheFollower, ProjectionBlocked, advance, type Projection } from './projection.js';
import type { Skips } from './skips.js';

/** Whether what was thrown is a fault of an event or a rule, which waiting does not mend. */
export const isFault = (error: unknown): boolean =>
  !(error instanceof NotTheFollower || error instanceof ProjectionBlocked || isTransient(error));

/**
 * Applies a batch, and calls `done` for what was applied. If an event cannot be applied, all events
 * before it are, one by one: the checkpoint then stands right before it. Throws
 * {@link EventNotApplied}.
 */
export async function applyBatch(
  projection: Projection,
  pool: Pool,
  batch: Batch,
  from: number,
  skips: Skips,
  done: (part: Batch) => void | Promise<void>,
): Promise<void> {
  try {
    await advance(projection, pool, batch.events, from, batch.position, skips);
  } catch (error) {
    if (!isFault(error)) throw error;
    let at = from;
    for (const part of oneByOne(batch)) {
      try {
        await advance(projection, pool, part.events, at, part.position, skips);
      } catch (alone) {
        throw isFault(alone) && !(alone instanceof EventNotApplied)
          ? new EventNotApplied(part.events[0]!, alone)
          : alone;
      }
      await done(part);
      at = part.position;
    }
    return;
  }
  await done(batch);
}

function oneByOne({ events, position }: Batch): Batch[] {
  const last = events.length - 1;
  return events.map((event, i) => ({
    events: [event],
    position: i === last ? position : event.position,
  }));
}
