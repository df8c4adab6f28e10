import { JETSTREAM_STREAM, type Platform } from '@cliptally/contracts';
import { testDatabase, testNats, until } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { connectNats, newRelayState, runRelay, silentLog } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewsRecorded } from '../sample-views.js';
import { runProgram } from '../testing/run-program.js';

/** The interpreter itself: a shim in the PATH may need more of the environment than it is given. */
const python = (() => {
  const program = 'import nats, sys; print(sys.executable)';
  const { status, stdout } = spawnSync('python3', ['-c', program], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
})();

(python ? describe : describe.skip)('a consumer in Python [needs python3 with nats-py]', () => {
  const closers: (() => unknown)[] = [];
  let folder: string;
  let url: string;
  let append: (...views: [Platform, number][]) => Promise<void>;
  let forgetDurable: () => Promise<unknown>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cliptally-python-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const [database, server] = await Promise.all([testDatabase(), testNats()]);
    closers.push(() => database.drop(), () => server.stop()); // prettier-ignore
    url = server.url;
    await PostgresEventStore.migrate(database.url);
    const store = new PostgresEventStore({ url: database.url });
    const nats = await connectNats(url, 'test');
    const stop = new AbortController();
    const state = newRelayState();
    const relay = runRelay({ store, nats, log: silentLog }, stop.signal, state);
    append = async (...views) => {
      for (const each of views) await store.appendMany([viewsRecorded(...each)]);
      const head = await store.head();
      await until('the relay has published all', () => state.position === head);
    };
    forgetDurable = () => nats.manager.consumers.delete(JETSTREAM_STREAM, 'python-views');
    closers.push(async () => {
      stop.abort();
      await relay;
      await nats.connection.close();
      await store.close();
    });
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  const run = (state: string, ...more: string[]) =>
    runProgram(
      ['python-consumer/consumer.py', join(folder, state), '--once', ...more],
      { NATS_URL: url, PYTHONPATH: process.env['PYTHONPATH'] ?? '' },
      python!,
    );
  const subject = (platform: Platform) => `cliptally.events.clip.ViewsRecorded.${platform}`;

  it('takes each event once, and goes on where its durable is', async () => {
    await append(['youtube', 1_000], ['tiktok', 500]);
    expect(await run('one.db')).toEqual([
      `1 ${subject('youtube')} counted`,
      `2 ${subject('tiktok')} counted`,
      "('tiktok', 1, 500)",
      "('youtube', 1, 1000)",
    ]);
    await append(['youtube', 20]);
    expect(await run('one.db')).toEqual([
      `3 ${subject('youtube')} counted`,
      "('tiktok', 1, 500)",
      "('youtube', 2, 1020)",
    ]);
  });

  it('counts nothing twice if everything is delivered again', async () => {
    await forgetDurable();
    expect(await run('one.db')).toEqual([
      `1 ${subject('youtube')} seen before`,
      `2 ${subject('tiktok')} seen before`,
      `3 ${subject('youtube')} seen before`,
      "('tiktok', 1, 500)",
      "('youtube', 2, 1020)",
    ]);
  });

  it('starts after a position of the log', async () => {
    await forgetDurable();
    expect(await run('two.db', '--from', '2')).toEqual([
      `3 ${subject('youtube')} counted`,
      "('youtube', 1, 20)",
    ]);
  });
});
