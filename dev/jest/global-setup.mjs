/**
 * Before the first test: one PostgreSQL for all of them (each takes databases of its own) and the path of a nats-server (each starts its own).
 * What is set in the environment already is used as it is. What cannot be had fails only the tests that ask for it, with the reason.
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const built = join(root, 'dev/dist/servers/index.js');

export default async function setUp() {
  if (process.env.TEST_DATABASE_URL && process.env.TEST_NATS_SERVER) return;
  if (!existsSync(built)) throw new Error('The test servers are not built yet; run `npm run build` first (npm test does it by itself).');
  const { findNatsServer, startPostgres } = await import(built);

  await provide('TEST_NATS_SERVER', () => findNatsServer({ cacheDir: join(root, '.cliptally/cache'), log: console.warn }));
  await provide('TEST_DATABASE_URL', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-test-'));
    const postgres = await startPostgres({ dataDir, durable: false });
    globalThis.cliptallyTestPostgres = { postgres, dataDir };
    return postgres.url;
  });
}

async function provide(name, get) {
  if (process.env[name]) return;
  try {
    process.env[name] = await get();
  } catch (error) {
    process.env[`${name}_MISSING`] = error.message;
    console.warn(error.message);
  }
}
