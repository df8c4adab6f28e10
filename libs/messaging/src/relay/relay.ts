import { JETSTREAM_STREAM, systemTimers } from '@cliptally/contracts';
import type { Log } from '../log.js';
import { ensureStream } from '../nats/streams.js';
import { holds, lastPublished } from './checkpoint.js';
import { publishFrom, type PublisherOptions, type RelayState } from './publisher.js';

export type { RelayState };

export interface RelayOptions extends PublisherOptions {
  log: Log;
}

const RETRY_FROM_MS = 50;
const RETRY_TO_MS = 2_000;
/**
 * Publishes the log on the one JetStream stream, in order. Its checkpoint is the last message
 * there: each publish expects the sequence before it, so a gap, a repetition or a second relay
 * makes the server refuse, and the relay reads the last message again. It retries until `signal`
 * aborts: no fact may stay unpublished.
 */
export async function runRelay(
  options: RelayOptions,
  signal: AbortSignal,
  state: RelayState = newRelayState(),
): Promise<void> {
  const { store, nats, log, timers = systemTimers } = options;
  for (let pause = RETRY_FROM_MS; !signal.aborted; pause = Math.min(pause * 2, RETRY_TO_MS)) {
    try {
      await ensureStream(nats.manager, nats.replicas);
      const at = await lastPublished(nats);
      if (at.last && !(await holds(store, at.last)))
        throw new Error(
          `JetStream ends with an event that is not in this log at position ${at.position}: it belongs to another log. Delete the stream ${JETSTREAM_STREAM} or connect to the right database.`,
        );
      state.position = at.position;
      const before = state.published;
      await publishFrom(at, options, signal, state);
      if (state.published > before) pause = RETRY_FROM_MS;
    } catch (error) {
      if (signal.aborted) return;
      log.warn(
        { error: (error as Error).message },
        'relay: publishing was interrupted; reading the last message of JetStream again',
      );
    }
    if (signal.aborted) return;
    state.resynchronised++;
    await timers.sleep(pause, signal);
  }
}

export const newRelayState = (): RelayState => ({ position: 0, published: 0, resynchronised: 0 });
