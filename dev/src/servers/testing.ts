import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startNats, type NatsConfig } from './nats.js';

export interface TestDatabase {
  url: string;
  drop: () => Promise<void>;
}

export interface TestNats {
  url: string;
  /** Ends the server and removes its data. */
  stop: () => Promise<void>;
  /** SIGKILL; the data stay for `restart`. */
  kill: () => Promise<void>;
  /** On the same data and port, stopping it first if it runs. */
  restart: () => Promise<void>;
}

/**
 * A fresh, empty database on the PostgreSQL that dev/jest/global-setup.mjs started
 * (TEST_DATABASE_URL).
 */
export async function testDatabase(): Promise<TestDatabase> {
  const admin = fromSetup('TEST_DATABASE_URL');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(admin, `create database ${name} template template0`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => execute(admin, `drop database if exists ${name} with (force)`),
  };
}

/**
 * A nats-server of its own with JetStream on a folder of its own, run from the program that
 * global-setup.mjs found (TEST_NATS_SERVER).
 */
export async function testNats(config: NatsConfig = {}): Promise<TestNats> {
  const binary = fromSetup('TEST_NATS_SERVER');
  const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-nats-'));
  let server = await startNats({ binary, dataDir, config });
  const { port } = server;
  return {
    url: server.url,
    kill: () => server.kill(),
    async restart() {
      await server.stop();
      server = await startNats({ binary, dataDir, config, port });
    },
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Set by dev/jest/global-setup.mjs; where that could not get the server, `<name>_MISSING` says why,
 * and the tests that need it fail with it.
 */
function fromSetup(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(
    process.env[`${name}_MISSING`] ??
      `${name} is not set: run this through npm test or npm run jest, whose global setup sets it`,
  );
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
