import { PostgresEventStore } from '@cliptally/event-store';
import { migrate, type Role } from '@cliptally/ops';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardedNats } from '../deploy/guarded-nats.js';
import { findNatsServer, startPostgres, testDatabase, testNats } from '../servers/index.js';
import type { Servers, Standing } from './target.js';

const PASSWORD = 'a-password-of-the-attacks';
const ROLES: readonly Role[] = ['relay', 'scheduler', 'scraper', 'earnings', 'monitor'];

/** Those of a test, where every service may do everything: for attacks that need no more. */
export async function plainServers(): Promise<Servers> {
  const [database, nats] = await Promise.all([testDatabase(), testNats()]);
  await PostgresEventStore.migrate(database.url);
  return {
    ownerUrl: database.url,
    databaseUrl: () => database.url,
    natsUrl: () => nats.url,
    async stop() {
      await nats.stop();
      await database.drop();
    },
  };
}

/** Servers of their own, with a role and a user for each service as they are deployed. */
export async function guardedServers(): Promise<Servers> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-attacks-'));
  const postgres = await startPostgres({ dataDir, durable: false });
  process.env['TEST_NATS_SERVER'] ??= await findNatsServer({ cacheDir: join('.cliptally', 'cache') });
  const nats = await guardedNats();
  await migrate(postgres.url, Object.fromEntries(ROLES.map((role) => [role, PASSWORD])));
  const databaseUrl = (service: Standing) =>
    Object.assign(new URL(postgres.url), { username: service, password: PASSWORD }).href;
  return {
    ownerUrl: postgres.url,
    databaseUrl,
    natsUrl: (service) => nats.urlOf(service),
    async stop() {
      await nats.stop();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
} // prettier-ignore
