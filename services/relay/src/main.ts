import { createLogger, createRegistry, fields, gauge, readConfiguration, runService, startOperations } from '@cliptally/telemetry';
import { z } from 'zod';
import { startRelayService } from './service.js';

const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  ...fields.eventStore(),
  NATS_URL: fields.natsUrl(),
  NATS_REPLICAS: fields.natsReplicas(),
  CLOCK: fields.clock(),
  LOG_LEVEL: fields.logLevel(),
  PORT: fields.port(8082),
  HOST: fields.host(),
});

await runService(async () => {
  const c = readConfiguration(Configuration, process.env);
  const log = createLogger({ service: 'relay', clock: c.CLOCK, level: c.LOG_LEVEL });
  const relay = await startRelayService({
    databaseUrl: c.DATABASE_URL,
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    natsUrl: c.NATS_URL,
    natsReplicas: c.NATS_REPLICAS,
    log,
  });
  const registry = createRegistry('relay');
  gauge(registry, 'cliptally_relay_position', 'Position in the log up to which JetStream has every event.', () => relay.state.position);
  gauge(registry, 'cliptally_relay_lag_events', 'Events in the log that are not published yet.', async () =>
    Math.max(0, (await relay.head()) - relay.state.position),
  );
  gauge(
    registry,
    'cliptally_relay_resynchronised',
    'How often this process looked anew where JetStream stands.',
    () => relay.state.resynchronised,
  );
  const checks = { database: async () => ((await relay.head()) >= 0 ? null : 'no answer') };
  const operations = await startOperations({ port: c.PORT, host: c.HOST, registry, checks }).catch(async (error: unknown) => {
    await relay.close();
    throw error;
  });
  return {
    log,
    service: {
      async close() {
        await relay.close();
        await operations.close();
      },
    },
  };
});
