import {
  SCRAPE_REQUEST_FLOW,
  connectNats,
  prepareJetStream,
  type Flow,
} from '@cliptally/messaging';
import {
  EXIT_CONFIGURATION,
  ConfigurationError,
  UsageError,
  explain,
  fields,
  readConfiguration,
} from '@cliptally/telemetry';
import { z } from 'zod';
import { ROLES, migrate, passwordVariable } from './database.js';

const password = () =>
  fields.secret(8, 'password of that role; without it the role must exist').optional();
const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  RELAY_PASSWORD: password(),
  SCHEDULER_PASSWORD: password(),
  SCRAPER_PASSWORD: password(),
  EARNINGS_PASSWORD: password(),
  MONITOR_PASSWORD: password(),
  NATS_URL: fields.natsUrl().optional(),
  NATS_REPLICAS: fields.natsReplicas(),
  ...fields.scrapeFlow(SCRAPE_REQUEST_FLOW.maxAckPending),
});

/**
 * Makes the tables of the log, the roles and their rights, and with NATS_URL what the services need
 * of JetStream. Gives the exit status.
 */
export async function migrateCommand(args: string[]): Promise<number> {
  if (args.length > 0) throw new UsageError('migrate takes no arguments.');
  try {
    const c = readConfiguration(Configuration, process.env);
    const given = ROLES.flatMap((role) =>
      c[passwordVariable(role)] === undefined ? [] : [[role, c[passwordVariable(role)]!] as const],
    );
    await migrate(c.DATABASE_URL, Object.fromEntries(given));
    process.stdout.write('The database is in its newest form, and every role has its rights.\n');
    if (c.NATS_URL === undefined) return 0;
    const flow = { maxAckPending: c.MAX_ACK_PENDING, ackWaitMs: c.ACK_WAIT };
    await prepare(c.NATS_URL, c.NATS_REPLICAS, flow);
    process.stdout.write('JetStream has the stream, the consumers and the buckets.\n');
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    // With this status a Job does not try again.
    process.stderr.write(`${explain(error)}\n`);
    return EXIT_CONFIGURATION;
  }
}

async function prepare(url: string, replicas: number, flow: Flow): Promise<void> {
  const nats = await connectNats(url, 'migrate', replicas);
  try {
    await prepareJetStream(nats, flow);
  } finally {
    await nats.connection.close();
  }
}
