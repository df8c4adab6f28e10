import { testDatabase, until } from '@cliptally/dev/servers';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runner } from 'node-pg-migrate';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { collect, paused } from '../testing/conformance.js';
import { openPool } from './pool.js';
import { PostgresEventStore } from './postgres-event-store.js';

const dir = fileURLToPath(new URL('./migrations/', import.meta.url));
const steps = readdirSync(dir).filter((file) => file.endsWith('.sql'));
const database = await testDatabase();
afterAll(() => database.drop());

const migrate = (count: number) =>
  runner({
    databaseUrl: database.url,
    dir,
    migrationsTable: 'event_store_migrations',
    direction: 'up',
    count,
    log: () => {},
  });

/**
 * Appends one event after the other to a stream of its own, each at the revision it knows, in the
 * words of the first version of the program.
 */
class FirstVersion {
  readonly ids: string[] = [];
  readonly faults: unknown[] = [];
  constructor(readonly stream: string) {}

  async write(pool: Pool, stop: AbortSignal): Promise<void> {
    while (!stop.aborted && this.faults.length === 0) {
      const event = paused(String(this.ids.length));
      const { id, type, version, time, correlationId, causationId, data } = event;
      const columns = [
        0,
        0,
        true,
        this.stream,
        this.ids.length - 1,
        id,
        type,
        version,
        time,
        correlationId,
        causationId,
        JSON.stringify(data),
      ];
      const places = columns.map((_, i) => `$${i + 1}`).join(', ');
      try {
        const { rows } = await pool.query(
          `select verdict from append_events(${places})`,
          columns.map((column) => [column]),
        );
        if (rows[0].verdict === 'append') this.ids.push(id);
        else this.faults.push(rows[0].verdict);
      } catch (error) {
        this.faults.push(error);
      }
    }
  }

  /** Resolves once it has appended `count` events more. */
  async wrote(count: number): Promise<void> {
    const goal = this.ids.length + count;
    await until(
      `${goal} events of ${this.stream}`,
      () => this.ids.length >= goal || this.faults.length > 0,
    );
  }
}

describe('migrations of the log', () => {
  it('are made one after the other while four writers of the first version append: no append fails, and none is lost', async () => {
    await migrate(1);
    const pool = openPool(database.url, 'writers', 4);
    const stop = new AbortController();
    const writers = ['a', 'b', 'c', 'd'].map((name) => new FirstVersion(`campaign-${name}`));
    const writing = writers.map((writer) => writer.write(pool, stop.signal));
    for (const step of steps.slice(1)) {
      await Promise.all(writers.map((writer) => writer.wrote(20)));
      expect((await migrate(1)).map(({ name }) => `${name}.sql`)).toEqual([step]);
    }
    await Promise.all(writers.map((writer) => writer.wrote(20)));
    stop.abort();
    await Promise.all(writing);
    await pool.end();
    expect(writers.flatMap(({ faults }) => faults)).toEqual([]);

    const store = new PostgresEventStore({ url: database.url });
    for (const { stream, ids } of writers) {
      expect((await collect(store.readStream(stream))).map(({ id }) => id)).toEqual(ids);
      expect(await store.append(stream, [paused()], ids.length - 1)).toMatchObject({
        revision: ids.length,
        added: 1,
      });
    }
    const positions = (await collect(store.readAll(0))).map(({ position }) => position);
    expect(positions).toEqual(positions.map((_, i) => i + 1));
    await store.close();
  });
});
