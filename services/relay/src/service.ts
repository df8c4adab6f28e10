import { openEventStore, type EventStoreSettings } from '@cliptally/event-store';
import { connectNats, newRelayState, runRelay, type Log, type RelayState } from '@cliptally/messaging';

export interface RelayServiceOptions extends Omit<EventStoreSettings, 'connections'> {
  natsUrl: string;
  /** Servers of a NATS cluster that keep a copy each; 1 by default. */
  natsReplicas?: number;
  log: Log;
}

export interface RelayService {
  state: RelayState;
  /** Position of the log's end: what `state.position` is behind is not published yet. */
  head(): Promise<number>;
  close(): Promise<void>;
}

/** Publishes the log on JetStream until it is closed. Any number may run at once. */
export async function startRelayService({ natsUrl, natsReplicas, log, ...settings }: RelayServiceOptions): Promise<RelayService> {
  const nats = await connectNats(natsUrl, 'relay', natsReplicas);
  const store = await openEventStore({ ...settings, connections: 2 });
  const stop = new AbortController();
  const state = newRelayState();
  const running = runRelay({ store, nats, log }, stop.signal, state);
  return {
    state,
    head: () => store.head(),
    async close() {
      stop.abort();
      await running;
      await nats.connection.drain();
      await store.close();
    },
  };
}
