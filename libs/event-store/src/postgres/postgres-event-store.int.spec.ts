import { testDatabase, until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { ExpectedRevision } from '../port.js';
import { collect, describeEventStore, freshStream, paused } from '../testing/conformance.js';
import { PostgresEventStore } from './postgres-event-store.js';

const database = await testDatabase();
await PostgresEventStore.migrate(database.url);
afterAll(() => database.drop());

describeEventStore('PostgreSQL', async () => new PostgresEventStore({ url: database.url }));

/**
 * Resolves when so many wait for locks that this connection holds. Its transaction would see the
 * same activity again and again, but not the same locks.
 */
async function untilWaiting(holder: Client, count = 1): Promise<void> {
  const waiting =
    'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
  await until(
    `${count} to wait for the lock`,
    async () => (await holder.query(waiting)).rowCount! >= count,
  );
}

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
      for await (const event of store.subscribe(start, stop.signal))
        if (seen.push(event.position) === 6) stop.abort();
    })();
    const fast = Array.from({ length: 5 }, () => store.append(freshStream(), [paused()], 'none'));
    await untilWaiting(slow);
    expect(seen).toEqual([]);
    await slow.query('commit');
    await Promise.all([...fast, reader]);
    await slow.end();
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((n) => start + n));
  });

  it('judges anew what another process wrote to the same streams after they were read', async () => {
    const start = await store.head();
    const [any, none, same] = [freshStream(), freshStream(), freshStream()];
    const event = paused('same');
    const slow = new Client({ connectionString: database.url });
    await slow.connect();
    await slow.query('begin');
    await slow.query(
      `select append_events('{0,0,0}', '{0,1,2}', '{t,t,t}', $1, '{-1,-1,-1}', $2::uuid[], array_fill('CampaignPaused'::text, '{3}'), '{1,1,1}',
         array_fill('2026-01-01'::timestamptz, '{3}'), '{c,c,c}', '{c,c,c}', array['{}', '{}', '{}'])`,
      [
        [any, none, same],
        [randomUUID(), randomUUID(), event.id],
      ],
    );
    const made = Promise.allSettled([store.append(any, [paused()], 'any'), store.append(none, [paused()], 'none'), store.append(same, [event], 'any')]); // prettier-ignore
    await untilWaiting(slow);
    await slow.query('commit');
    await slow.end();
    expect(await made).toMatchObject([
      { value: { revision: 1, added: 1, position: start + 4 } },
      { reason: { name: 'WrongExpectedRevision', actual: 0 } },
      { value: { revision: 0, added: 0 } },
    ]);
  });

  it('lets writers of two processes race for the same streams: of two that expect the same one wins, and no revision is left out', async () => {
    const other = new PostgresEventStore({ url: database.url });
    const [exact, any] = [freshStream(), freshStream()];
    for (let i = 0; i < 30; i++) {
      const race = (stream: string, expected: ExpectedRevision) =>
        Promise.allSettled(
          [store, other].map((one) => one.append(stream, [paused(), paused()], expected)),
        );
      const [those, these] = await Promise.all([
        race(exact, i === 0 ? 'none' : 2 * i - 1),
        race(any, 'any'),
      ]);
      expect(those.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(these.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    }
    await other.close();
    expect((await collect(store.readStream(exact))).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 60 }, (_, i) => i),
    );
    expect((await collect(store.readStream(any))).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 120 }, (_, i) => i),
    );
  });

  it('goes on where streams stand, and not where this process left them', async () => {
    const other = new PostgresEventStore({ url: database.url });
    const made = [];
    const streams = [freshStream(), freshStream()];
    for (const one of [store, store, other, other, store, other, store, store])
      made.push(
        await one.appendMany(
          streams.map((stream) => ({ stream, events: [paused()], expected: 'any' })),
        ),
      );
    await expect(other.append(streams[0]!, [paused()], 4)).rejects.toMatchObject({
      name: 'WrongExpectedRevision',
      actual: 7,
    });
    expect(made.map((appended) => appended.map(({ revision }) => revision))).toEqual(
      made.map((_, i) => [i, i]),
    );
    await other.close();
  });

  it('leaves no gap in a stream where the log was set back beneath it, be it that others went on since', async () => {
    const owner = new Client({ connectionString: database.url });
    await owner.connect();
    const other = new PostgresEventStore({ url: database.url });
    for (const restarted of [false, true]) {
      const stream = freshStream();
      const event = paused();
      const { position } = (
        await store.appendMany([{ stream, events: [event, paused(), paused()], expected: 'none' }])
      )[0]!;
      if (restarted)
        await owner.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'cliptally-log%' and datname = current_database()`,
        );
      await owner.query(`begin; alter table events disable trigger events_append_only; delete from events where position > ${position - 2};
        alter table events enable trigger events_append_only; commit`);
      if (restarted) await other.append(freshStream(), [paused(), paused(), paused()], 'none');
      expect(await store.append(stream, [paused()], 'any')).toMatchObject({
        revision: 1,
        added: 1,
      });
      const positions = (await collect(store.readAll(position - 3))).map((e) => e.position);
      expect(positions).toEqual(positions.map((_, i) => position - 2 + i));
    }
    await Promise.all([other.close(), owner.end()]);
  });

  it('makes two calls of what waits, each a transaction of at most 1,000 events', async () => {
    const of500 = () =>
      Array.from({ length: 500 }, () => ({
        stream: freshStream(),
        events: [paused()],
        expected: 'none' as const,
      }));
    // One of its own: connections of the other were ended by an earlier case, and what is asked on
    // such a one is asked again in calls of another size.
    const own = new PostgresEventStore({ url: database.url });
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    /**
     * Sizes of the transactions, in the order of the log. None of them is made before `calls` of
     * them are under way.
     */
    const sizes = async (callers: number, calls: number) => {
      const start = await own.head();
      await holder.query(`begin; select pg_advisory_xact_lock(hashtext('cliptally.events'), 0)`);
      const appended = Promise.all(Array.from({ length: callers }, () => own.appendMany(of500())));
      await untilWaiting(holder, calls);
      await holder.query('commit');
      await appended;
      const { rows } = await holder.query<{ size: number }>(
        'select count(*)::int as size from events where position > $1 group by xmin order by min(position)',
        [start],
      );
      return rows.map(({ size }) => size);
    };
    // Two calls that are under way reach the log in any order.
    const sorted = async (callers: number, calls: number) =>
      (await sizes(callers, calls)).toSorted((a, b) => a - b);
    expect(await sorted(1, 1)).toEqual([500]);
    expect(await sorted(2, 2)).toEqual([500, 500]);
    expect(await sorted(3, 2)).toEqual([500, 1_000]);
    expect(await sorted(4, 2)).toEqual([1_000, 1_000]);
    // How the rest is divided depends on which answers come together.
    const [first, second, ...rest] = await sizes(8, 2);
    expect([first, second]).toEqual([1_000, 1_000]);
    expect(Math.max(...rest)).toBeLessThanOrEqual(1_000);
    expect(rest.reduce((sum, size) => sum + size, 0)).toBe(2_000);
    await Promise.all([own.close(), holder.end()]);
  });

  it('gives positions without gaps, also after refusals', async () => {
    const start = await store.head();
    await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        store.append(freshStream(), [paused()], i % 2 ? 'none' : 3),
      ),
    );
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
      for await (const event of store.subscribe(start, stop.signal))
        if (seen.push(event.position) === 30) stop.abort();
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
    await Promise.all([
      PostgresEventStore.migrate(database.url),
      PostgresEventStore.migrate(database.url),
    ]);
  });
});
