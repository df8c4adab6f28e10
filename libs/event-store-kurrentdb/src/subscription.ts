import { upcast, type AnyEvent } from '@cliptally/contracts';
import { START, type AllStreamSubscription, type Position } from '@kurrent/kurrentdb-client';
import { once } from 'node:events';
import type { ReadAllOptions } from '@cliptally/event-store';
import { pauseAfter, type Connection } from './connection.js';
import { isAway } from './faults.js';
import { eventOf, clientPositionOf, positionOf, serverFilter, wanted } from './stored-event.js';

/**
 * Everything after `position`, then what comes, until `signal` aborts. If the server goes
 * away, it subscribes again until `signal` aborts: from the last event that was yielded, or from a
 * later checkpoint of the server's.
 */
export async function* subscribe(
  connection: Connection,
  position: number,
  signal: AbortSignal,
  options: ReadAllOptions,
): AsyncGenerator<AnyEvent, void, undefined> {
  let from: Position | null = position > 0 ? clientPositionOf(position) : null;
  if (options.types?.length === 0 && !signal.aborted) await once(signal, 'abort');
  for (let failures = 0; !signal.aborted;) {
    const subscription = connection.client.subscribeToAll({
      fromPosition: from ?? START,
      filter: serverFilter(options, {
        checkpointReached: (source, checkpoint) => {
          failures = 0;
          // Events that wait in the buffer are before the checkpoint and would be lost with the
          // connection.
          if (source.readableLength === 0) from = checkpoint;
        },
      }),
    });
    const stop = cancelWith(subscription, signal);
    try {
      for await (const { event } of subscription) {
        if (signal.aborted) return;
        if (!event) continue;
        if (wanted(event, options)) yield upcast(eventOf(event));
        failures = 0;
        from = clientPositionOf(positionOf(event));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isAway(error)) throw error;
    } finally {
      stop();
    }
    if (!signal.aborted) await pauseAfter(++failures);
  }
}

/**
 * Ends a subscription here and on the server when `signal` aborts, or when the function given back
 * is called.
 */
function cancelWith(subscription: AllStreamSubscription, signal: AbortSignal): () => void {
  // Without a listener, an error that comes after the reader has left would end the process.
  subscription.on('error', () => {});
  const stop = () => {
    signal.removeEventListener('abort', stop);
    subscription.unsubscribe().catch(() => {});
    subscription.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return stop;
}
