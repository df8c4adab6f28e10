import { derivedId, newEvent, type AnyEvent, type NewEvent } from '@cliptally/contracts';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import {
  NotACopy,
  PostgresEventStore,
  copyLog,
  openEventStore,
  openPool,
  type EventStore,
} from '@cliptally/event-store';
import { catchUp, compare, inTransaction, rebuildProjection } from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { escapeIdentifier, type Pool } from 'pg';
import {
  startKurrentDbTestServer,
  type KurrentDbTestServer,
} from '../../../libs/event-store-kurrentdb/src/testing/kurrentdb-server/index.js';
import { history } from '../../../services/monitor/src/testing/history.js';

const command = fileURLToPath(new URL('../../../tools/ops/dist/main.js', import.meta.url));
const PROJECTIONS = [earningsProjection, monitorProjection, schedulerProjection];

describe('a log that moves from PostgreSQL to KurrentDB', () => {
  let database: TestDatabase;
  let server: KurrentDbTestServer;
  let from: PostgresEventStore;
  let to: EventStore;
  let pool: Pool;

  /** A clip of a stream whose name differs from another's by case alone. */
  const clipEvent = (videoId: string, type: 'ClipSubmitted' | 'ClipApproved', n = 0) => {
    const clip = {
      clipId: `youtube-${videoId}`,
      platform: 'youtube' as const,
      campaignId: 'aurora',
    };
    const url = `https://example.com/${videoId}`;
    const at = { time: '2026-01-01T00:00:00Z', correlationId: 'żółć', causationId: 'c' };
    const data =
      type === 'ClipApproved'
        ? { ...clip, by: 'test' }
        : { ...clip, videoId, url, submittedUrl: url, creatorId: 'ann' };
    return newEvent(type, derivedId(type, videoId, n), data, at) as NewEvent;
  };
  const all = (store: EventStore) => Array.fromAsync(store.readAll(0, { asWritten: true }));
  const withoutPosition = (events: AnyEvent[]) =>
    events.map((event) => ({ ...event, position: 0 }));
  const copy = async () => {
    const environment = {
      ...process.env,
      DATABASE_URL: database.url,
      KURRENTDB_URL: server.url,
      EVENT_STORE: 'postgres',
    };
    return (
      await promisify(execFile)(process.execPath, [command, 'events', 'copy'], { env: environment })
    ).stdout.trim();
  };

  beforeAll(async () => {
    [database, server] = await Promise.all([testDatabase(), startKurrentDbTestServer()]);
    await PostgresEventStore.migrate(database.url);
    from = new PostgresEventStore({ url: database.url });
    pool = openPool(database.url, 'test', 4);
    to = await openEventStore({
      eventStore: 'kurrentdb',
      databaseUrl: database.url,
      kurrentdbUrl: server.url,
    });
    await from.appendMany(
      history({ until: new Date('2026-03-10T12:00:00Z'), hours: 15, clips: 40, failing: 0.1 }),
    );
    for (const type of ['ClipSubmitted', 'ClipApproved'] as const)
      for (const videoId of ['aBc', 'AbC'])
        await from.append(`clip-youtube-${videoId}`, [clipEvent(videoId, type)], 'any');
  });
  afterAll(async () => {
    await to.close();
    await from.close();
    await pool.end();
    await server.stop();
    await database.drop();
  });

  it('is copied on after an interruption, event by event, in the same order, streams and revisions', async () => {
    const stop = new AbortController();
    server.treat = (nth) => (nth === 2 ? 'lose-answer' : 'answer');
    const onProgress = ({ copied }: { copied: number }) => copied > 300 && stop.abort();
    await expect(copyLog(from, to, { signal: stop.signal, onProgress })).rejects.toThrow('aborted');
    const begun = await all(to);
    const whole = await all(from);
    expect(begun.length).toBeGreaterThan(300);
    expect(begun.length).toBeLessThan(whole.length);

    expect(await copy()).toBe(
      `${whole.length - begun.length} events were copied. All ${whole.length} are the same in both: position ${whole.length} in PostgreSQL is ${await to.head()} in KurrentDB.`,
    );
    expect(withoutPosition(await all(to))).toEqual(withoutPosition(whole));
  });

  it('is compared, and nothing else, when it is there already', async () => {
    expect(await copy()).toContain('0 events were copied. All ');
  });

  it('gives every projection the same rows, at the positions of the same events', async () => {
    const place = new Map((await all(from)).map(({ id, position }) => [id, position]));
    await pool.query('create table places (there bigint primary key, here bigint not null)');
    const places = (await all(to)).map(({ id, position }) => [position, place.get(id)!]);
    await pool.query('insert into places select * from unnest($1::bigint[], $2::bigint[])', [
      places.map(([there]) => there),
      places.map(([, here]) => here),
    ]);
    for (const projection of PROJECTIONS) {
      const { name } = projection;
      await rebuildProjection(projection, pool, from);
      await pool.query(`alter schema ${name} rename to ${name}_of_postgres`);
      // As a service does that finds no tables.
      const { position } = await rebuildProjection(projection, pool, to);
      expect(position).toBe(await to.head());
      const { rows } = await pool.query<{ table: string; column: string }>(
        `select table_name as table, column_name as column from information_schema.columns
         where table_schema = $1 and column_name like '%position' and table_name <> 'checkpoint'`,
        [name],
      );
      // Below zero nothing else stands while rows are given their other position one by one.
      for (const { table, column } of rows) {
        const [t, c] = [escapeIdentifier(table), escapeIdentifier(column)];
        await pool.query(`update ${name}.${t} t set ${c} = -here from places where there = t.${c}`);
        await pool.query(`update ${name}_of_postgres.${t} set ${c} = -${c}`);
      }
      const compared = await inTransaction(pool, name, (db) =>
        compare(db, name, `${name}_of_postgres`),
      );
      expect([name, compared]).toEqual([name, { differences: {}, reshaped: [] }]);
      const { rows: counted } = await pool.query<{ n: number }>(
        `select sum((xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', schemaname, tablename), false, true, '')))[1]::text::int)::int as n
         from pg_tables where schemaname = $1 and tablename <> 'checkpoint'`,
        [name],
      );
      expect(counted[0]!.n).toBeGreaterThan(50);
    }
  });

  it('has its projections built anew when the store is changed, there and back, without anybody dropping them', async () => {
    const counted = async () =>
      (await pool.query('select sum(scrapes)::int as scrapes from monitor.outcome_totals')).rows[0]
        .scrapes as number;
    await rebuildProjection(monitorProjection, pool, from);
    const scrapes = await counted();
    for (const store of [to, from, to]) {
      expect(await catchUp(monitorProjection, pool, store)).toBe(await store.head());
      expect(await counted()).toBe(scrapes);
    }
    // Its position in KurrentDB is beyond the end of PostgreSQL's log.
    expect(await rebuildProjection(monitorProjection, pool, from)).toMatchObject({
      position: await from.head(),
    });
    expect(await counted()).toBe(scrapes);
  });

  it('is refused if KurrentDB holds another log', async () => {
    await from.append('clip-youtube-aBc', [clipEvent('aBc', 'ClipApproved', 1)], 'any');
    await to.append('clip-youtube-AbC', [clipEvent('AbC', 'ClipApproved', 1)], 'any');
    const refused = copyLog(from, to);
    await expect(refused).rejects.toThrow(NotACopy);
    await expect(refused).rejects.toThrow('is in the other log where this one has ClipApproved');
  });
});
