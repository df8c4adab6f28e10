import type { Timers } from '@cliptally/contracts';
import { asStored, type EventStore } from '@cliptally/event-store';
import type { Pool } from 'pg';
import type { Log } from '../log.js';
import type { Nats } from '../nats/connection.js';
import { followLog, type Batch } from './follower.js';
import { advance, type Projection } from './projection.js';

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
  for await (const batch of followLog(from, following, signal)) {
    const { events } = batch;
    const began = timers.now();
    const handled = (outcome: 'done' | 'failed') => {
      if (events.length > 0) onHandled(outcome, (timers.now() - began) / 1000);
    };
    try {
      await advance(projection, pool, events, position, batch.position);
      handled('done');
    } catch (error) {
      handled('failed');
      throw error;
    }
    position = batch.position;
    applied(position);
    if (events.length > 0)
      await afterBatch?.(batch).catch((error: Error) =>
        log.error({ error: error.stack }, `after a batch of ${projection.name}`),
      );
  }
}
