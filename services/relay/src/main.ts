import {
  Readiness,
  counter,
  createRegistry,
  fields,
  gauge,
  histogram,
  operatorsVariables,
  readConfiguration,
  runService,
  startTelemetry,
  withOperations,
} from '@cliptally/telemetry';
import { z } from 'zod';
import { startRelayService } from './service.js';

const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  ...fields.eventStore(),
  NATS_URL: fields.natsUrl(),
  NATS_REPLICAS: fields.natsReplicas(),
  ...fields.operation(),
  ...fields.listening(8082),
  ...operatorsVariables(),
});

const PUBLISH_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];

await runService(async () => {
  const c = readConfiguration(Configuration, process.env);
  const { log, tracing } = await startTelemetry('relay', c);
  const registry = createRegistry('relay');
  const publishes = counter(
    registry,
    'cliptally_relay_publishes_total',
    'Events that were handed to JetStream, by outcome.',
    {
      outcome: ['done', 'failed'],
    },
  );
  const durations = histogram(
    registry,
    'cliptally_relay_publish_duration_seconds',
    'How long JetStream took to acknowledge an event.',
    {},
    PUBLISH_BUCKETS,
  );
  const relay = await startRelayService({
    databaseUrl: c.DATABASE_URL,
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    natsUrl: c.NATS_URL,
    natsReplicas: c.NATS_REPLICAS,
    log,
    onPublished(outcome, seconds) {
      publishes.inc({ outcome });
      durations.observe(seconds);
    },
  });
  gauge(
    registry,
    'cliptally_relay_position',
    'Position in the log up to which JetStream has every event.',
    () => relay.state.position,
  );
  gauge(
    registry,
    'cliptally_relay_lag_events',
    'Events in the log that are not published yet.',
    async () => Math.max(0, (await relay.head()) - relay.state.position),
  );
  gauge(
    registry,
    'cliptally_relay_resynchronised',
    'How often this process read the last message of JetStream again.',
    () => relay.state.resynchronised,
  );
  const readiness = new Readiness({
    database: async () => ((await relay.head()) >= 0 ? null : 'no answer'),
    nats: () => relay.nats(),
  });
  const service = { readiness, close: () => relay.close() };
  const running = { log, tracing, shutdownDelayMs: c.SHUTDOWN_DELAY, service };
  return withOperations(running, { ...c, registry });
});
