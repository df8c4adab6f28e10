import { JETSTREAM_STREAM } from '@cliptally/contracts';
import { startPostgres, testNats, until, type TestNats } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { connectNats, positionOf, rebuildProjection, type Nats } from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { Victim } from '../chaos/victims.js';
import { beginning } from './chaos/history.js';
import { faultsOfLog, published } from './chaos/judge.js';
import { Supervised } from '../service-process.js';
import { expectSound } from './testing/sound.js';
import { Postgres, Writer, atWork, random, torment } from './chaos/victims.js';

/**
 * How often each of the four is killed; if that is not said, as often as this many milliseconds
 * allow.
 */
const ROUNDS = Number(process.env['CHAOS_ROUNDS'] ?? 0);
const LENGTH_MS = 40_000;
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_123);

const SETTLES: readonly string[] = ['EarningsAccrued', 'CampaignBudgetExhausted'];

describe('the writer, the relay, nats-server and PostgreSQL, killed at random moments under load', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-chaos-'));
  const postgres = new Postgres((port) =>
    startPostgres({ dataDir, ...(port !== undefined && { port }) }),
  );
  const closers: (() => Promise<unknown>)[] = [];
  let server: TestNats;
  let store: PostgresEventStore;
  let pool: Pool;
  let nats: Nats;
  let writer: Writer;
  let relay: Supervised;
  let followers: Supervised[];

  beforeAll(async () => {
    await postgres.start();
    closers.push(
      async () => rmSync(dataDir, { recursive: true, force: true }),
      () => postgres.stop(),
    );
    server = await testNats();
    closers.push(() => server.stop());
    await PostgresEventStore.migrate(postgres.url);
    store = new PostgresEventStore({ url: postgres.url });
    pool = openPool(postgres.url, 'chaos', 2);
    closers.push(
      () => pool.end(),
      () => store.close(),
    );
    await store.appendMany(beginning());
    nats = await connectNats(server.url, 'chaos');
    closers.push(() => nats.connection.close());
    const environment = {
      DATABASE_URL: postgres.url,
      NATS_URL: server.url,
      PORT: '0',
      JWT_SECRET: 'x'.repeat(32),
      LOG_LEVEL: 'warn',
    };
    writer = new Writer(postgres.url);
    relay = new Supervised('relay', environment);
    followers = ['earnings', 'monitor'].map((name) => new Supervised(name, environment));
    for (const victim of [writer, relay, ...followers]) {
      await victim.start();
      closers.push(() => victim.kill());
    }
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  /**
   * Waits until nothing more is appended, JetStream has all of it, and the projections have taken
   * it over.
   */
  async function settled(): Promise<void> {
    let at: unknown;
    const said = () =>
      `${JSON.stringify(at)}\n${[relay, ...followers].map((s) => `${s.name}: ${s.output}`).join('\n')}`;
    const same = async () => {
      const head = await store.head();
      const { state } = await nats.manager.streams
        .info(JETSTREAM_STREAM)
        .catch(() => ({ state: { messages: -1 } }));
      at = [
        head,
        state.messages,
        ...(await Promise.all(
          [earningsProjection, monitorProjection].map((p) => positionOf(p, pool)),
        )),
      ];
      return (
        (at as number[]).every((position) => position === head) && head === (await store.head())
      );
    };
    await until('the log, JetStream and the projections to be at one position', same, {
      withinMs: 900_000,
      said,
    });
  }

  /**
   * A settlement may still come while the copies are compared, and would not be in all of them:
   * then they are compared again.
   */
  async function checkCopies(): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      await settled();
      const log = await Array.fromAsync(store.readAll(0));
      const copy = await published(nats);
      const rebuilt = [];
      for (const projection of [earningsProjection, monitorProjection])
        rebuilt.push(await rebuildProjection(projection, pool, store));
      if ((await store.head()) !== log.length) continue;
      expect(copy.length).toBe(log.length);
      expect(
        copy.findIndex(
          (event, i) => event.id !== log[i]!.id || event.position !== log[i]!.position,
        ),
      ).toBe(-1);
      for (const result of rebuilt)
        expect(result).toMatchObject({ differences: {}, position: log.length });
      return;
    }
    throw new Error('The log does not come to rest.');
  }

  it('lose, double and disorder nothing that was acknowledged, in the log, in JetStream and in the projections', async () => {
    const jetStream: Victim = {
      name: 'nats-server',
      kill: () => server.kill(),
      start: () => server.restart(),
    };
    const messages = () =>
      nats.manager.streams.info(JETSTREAM_STREAM).then(
        ({ state }) => state.last_seq,
        () => 0,
      );
    const publishing: Victim = {
      name: 'the relay',
      kill: () => relay.kill(),
      async start() {
        const before = await messages();
        await relay.start();
        await atWork(async () => (await messages()) > before);
      },
    };
    const began = performance.now();
    const more = (rounds: number) =>
      ROUNDS > 0 ? rounds < ROUNDS : rounds === 0 || performance.now() - began < LENGTH_MS;
    const kills = await Promise.all(
      [writer, publishing, jetStream, postgres].map((victim, i) =>
        torment(victim, more, random(SEED + i)),
      ),
    );
    await writer.kill();
    await settled();
    expect(writer.faults).toEqual([]);
    expect(writer.acknowledged.length).toBeGreaterThan(0);
    expect(Math.min(...kills)).toBeGreaterThanOrEqual(Math.max(ROUNDS, 1));
    expect(faultsOfLog(await Array.fromAsync(store.readAll(0)), writer.acknowledged)).toEqual([]);
    await checkCopies();
    await expectSound(store);
    if (ROUNDS > 0)
      process.stderr.write(
        `kills ${kills.join(', ')}; ${writer.acknowledged.length} steps acknowledged; ${await store.head()} events\n`,
      );
  }, 3_000_000);

  it('a stream that is deleted is filled again, and every projection stands where it stood', async () => {
    const head = await store.head();
    await nats.manager.streams.delete(JETSTREAM_STREAM);
    await settled();
    // As above, a settlement may still come; nothing else may.
    const later = (await Array.fromAsync(store.readAll(head))).map(({ type }) => type);
    expect(later.filter((type) => !SETTLES.includes(type))).toEqual([]);
    await checkCopies();
  }, 1_200_000);
});
