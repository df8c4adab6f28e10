import { longLived } from '@cliptally/contracts';
import { openEventStore, type EventStoreSettings } from '@cliptally/event-store';
import {
  connectNats,
  natsFault,
  newRelayState,
  runRelay,
  type Log,
  type RelayOptions,
  type RelayState,
} from '@cliptally/messaging';

export interface RelayServiceOptions extends Omit<EventStoreSettings, 'connections'> {
  natsUrl: string;
  /** Servers of a NATS cluster that keep a copy each; 1 by default. */
  natsReplicas?: number;
  log: Log;
  onPublished?: RelayOptions['onPublished'];
}

export interface RelayService {
  state: RelayState;
  /** Position of the log's end: what `state.position` is behind is not published yet. */
  head(): Promise<number>;
  /** What keeps NATS from answering, for /readyz. */
  nats(): Promise<string | null>;
  close(): Promise<void>;
}

/** Publishes the log on JetStream until it is closed. Any number may run at once. */
export async function startRelayService({
  natsUrl,
  natsReplicas,
  log,
  onPublished,
  ...settings
}: RelayServiceOptions): Promise<RelayService> {
  const nats = await connectNats(natsUrl, 'relay', natsReplicas);
  const store = await openEventStore({ ...settings, connections: 2 });
  const stop = longLived();
  const state = newRelayState();
  const running = runRelay({ store, nats, log, onPublished }, stop.signal, state);
  return {
    state,
    head: () => store.head(),
    nats: () => natsFault(nats),
    async close() {
      stop.abort();
      await running;
      await nats.connection.drain();
      await store.close();
    },
  };
}
