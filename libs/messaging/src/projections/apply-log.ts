import type { Timers } from '@cliptally/contracts';
import { asStored, type EventStore } from '@cliptally/event-store';
import type { Pool } from 'pg';
import type { Log } from '../log.js';
import type { Nats } from '../nats/connection.js';
import { followLog, type Batch } from './follower.js';
import { applyBatch } from './apply-batch.js';
import type { Projection } from './projection.js';
import { skipsOf } from './skips.js';

/** The outcomes of a batch of events. */
export const PROJECTION_HANDLINGS = ['done', 'failed'] as const;

export interface ApplyOptions {
  projection: Projection;
  pool: Pool;
  store: EventStore;
  nats: Nats;
  log: Log;
  timers: Timers;
  /** Called with the position of each batch after its commit. */
  applied: (position: number) => void;
  /** Called after each commit; its failure is logged and does not stop the projection. */
  afterBatch?: (batch: Batch) => Promise<void>;
  /** Called with how long each batch of events took, and whether it was applied. */
  onHandled: (outcome: (typeof PROJECTION_HANDLINGS)[number], seconds: number) => void;
}

/** Applies the log after `from` to a projection, batch by batch, until `signal` aborts. */
export async function applyLog(
  from: number,
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<void> {
  const { projection, pool, log, timers, applied, afterBatch, onHandled } = options;
  let position = from;
  // Tables have texts as sealed as the log has them.
  const following = { ...options, store: asStored(options.store), types: projection.types };
  // A skip is of the event that the projection is halted at, and a halted one begins anew here.
  const skips = await skipsOf(projection, following.store);
  for await (const batch of followLog(from, following, signal)) {
    let began = timers.now();
    const handled = (outcome: 'done' | 'failed') => {
      if (batch.events.length > 0) onHandled(outcome, (timers.now() - began) / 1000);
    };
    const done = async (part: Batch) => {
      handled('done');
      position = part.position;
      applied(position);
      if (part.events.length > 0)
        await afterBatch?.(part).catch((error: Error) =>
          log.error({ error: error.stack }, `after a batch of ${projection.name}`),
        );
      began = timers.now();
    };
    try {
      await applyBatch(projection, pool, batch, position, skips, done);
    } catch (error) {
      handled('failed');
      throw error;
    }
  }
}
