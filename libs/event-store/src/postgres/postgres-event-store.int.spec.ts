import { testDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { collect, describeEventStore, freshStream, paused } from '../testing/conformance.js';
import { PostgresEventStore } from './postgres-event-store.js';

const database = await testDatabase();
await PostgresEventStore.migrate(database.url);
afterAll(() => database.drop());

describeEventStore('PostgreSQL', async () => new PostgresEventStore({ url: database.url }));

describe('PostgreSQL alone', () => {
  let store: PostgresEventStore;
  beforeAll(() => {
    store = new PostgresEventStore({ url: database.url });
  });
  afterAll(() => store.close());

  it('passes no position over while a slower transaction commits late', async () => {
    const start = await store.head();
    const slow = new Client({ connectionString: database.url });
    await slow.connect();
    await slow.query('begin');
    await slow.query(
      `select append_events('{0}', '{0}', '{true}', array[$1], '{-1}', '{00000000-0000-4000-8000-000000000001}', '{CampaignPaused}', '{1}', '{2026-01-01}', '{c}', '{c}', array['{}'])`,
      [freshStream()],
    );
    const stop = new AbortController();
    const seen: number[] = [];
    const reader = (async () => {
      for await (const event of store.subscribe(start, stop.signal)) if (seen.push(event.position) === 6) stop.abort();
    })();
    const fast = Array.from({ length: 5 }, () => store.append(freshStream(), [paused()], 'none'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(seen).toEqual([]);
    await slow.query('commit');
    await Promise.all([...fast, reader]);
    await slow.end();
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((n) => start + n));
  });

  it('gives positions without gaps, also after refusals', async () => {
    const start = await store.head();
    await Promise.allSettled(Array.from({ length: 40 }, (_, i) => store.append(freshStream(), [paused()], i % 2 ? 'none' : 3)));
    const positions = (await collect(store.readAll(start))).map((e) => e.position);
    expect(positions).toEqual(Array.from({ length: 20 }, (_, i) => start + 1 + i));
  });

  it('refuses to change or remove an event', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await expect(client.query('delete from events')).rejects.toThrow('append-only');
    await expect(client.query(`update events set data = '{}'`)).rejects.toThrow('append-only');
    await client.end();
  });

  it('survives connections that are cut, for writers and for subscribers', async () => {
    const start = await store.head();
    const stop = new AbortController();
    const seen: number[] = [];
    const reader = (async () => {
      for await (const event of store.subscribe(start, stop.signal)) if (seen.push(event.position) === 30) stop.abort();
    })();
    const admin = new Client({ connectionString: database.url });
    await admin.connect();
    for (let i = 0; i < 30; i++) {
      const made = store.append(freshStream(), [paused()], 'none');
      if (i % 7 === 3)
        await admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'cliptally-log%' and datname = current_database()`,
        );
      await made;
    }
    await reader;
    await admin.end();
    expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => start + 1 + i));
  });

  it('migrates twice, and from two processes at once, without harm', async () => {
    await Promise.all([PostgresEventStore.migrate(database.url), PostgresEventStore.migrate(database.url)]);
  });
});
