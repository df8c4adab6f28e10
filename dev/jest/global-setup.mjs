/**
 * Before the first test: one PostgreSQL for all of them (each takes databases of its own) and the
 * path of a nats-server (each starts its own). What is set in the environment already is used as it
 * is. What cannot be had fails only the tests that ask for it, with the reason.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const PREFIX = 'cliptally-test-';
const built = join(root, 'dev/dist/servers/index.js');

export default async function setUp() {
  if (process.env.TEST_DATABASE_URL && process.env.TEST_NATS_SERVER) return;
  if (!existsSync(built))
    throw new Error(
      'The test servers are not built yet; run `npm run build` first (npm test does it by itself).',
    );
  const { findNatsServer, startPostgres } = await import(built);

  await provide('TEST_NATS_SERVER', () =>
    findNatsServer({ cacheDir: join(root, '.cliptally/cache'), log: console.warn }),
  );
  await provide('TEST_DATABASE_URL', async () => {
    removeLeftovers();
    const dataDir = mkdtempSync(join(tmpdir(), PREFIX));
    const postgres = await startPostgres({ dataDir, durable: false });
    globalThis.cliptallyTestPostgres = { postgres, dataDir };
    return postgres.url;
  });
}

/** A killed run could not remove its databases. */
function removeLeftovers() {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    try {
      process.kill(Number.parseInt(readFileSync(join(folder, 'lock'), 'utf8'), 10), 0);
    } catch (error) {
      if (error.code === 'ESRCH') rmSync(folder, { recursive: true, force: true });
    }
  }
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
