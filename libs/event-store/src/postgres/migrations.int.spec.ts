import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { paused } from '../testing/conformance.js';
import { MigrationUnknown, migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/index.js';
import { PostgresEventStore } from './postgres-event-store.js';

describe('migrations of the log', () => {
  let database: TestDatabase;
  let db: Client;
  beforeEach(async () => {
    database = await testDatabase();
    db = new Client({ connectionString: database.url });
    await db.connect();
  });
  afterEach(async () => {
    await db.end();
    await database.drop();
  });

  const made = async () =>
    (await db.query<{ name: string }>('select name from event_store_migrations order by id')).rows;
  const hasTable = async (name: string) =>
    (await db.query('select from pg_tables where tablename = $1', [name])).rowCount === 1;

  it('are made once by processes that start together, and are then there', async () => {
    await Promise.all(Array.from({ length: 4 }, () => migrate(database.url)));
    expect(await made()).toEqual(MIGRATIONS.map(({ name }) => ({ name })));
    await migrate(database.url);
    expect(await made()).toHaveLength(MIGRATIONS.length);
    const store = new PostgresEventStore({ url: database.url });
    expect(await store.append('campaign-a', [paused()], 'none')).toMatchObject({ position: 1 });
    await store.close();
  });

  it('leave nothing behind if one fails, and are made when its cause is gone', async () => {
    await db.query('create table archives (mine int)');
    await expect(migrate(database.url)).rejects.toThrow('"archives" already exists');
    expect(await made()).toEqual([]);
    expect(await hasTable('events')).toBe(false);
    await db.query('drop table archives');
    await migrate(database.url);
    expect(await hasTable('events')).toBe(true);
  });

  it('refuse tables of other migrations, and change nothing', async () => {
    await db.query('create table event_store_migrations (id serial, name text, run_on timestamp)');
    await db.query(`insert into event_store_migrations (name) values ('0001_events')`);
    await expect(migrate(database.url)).rejects.toThrow(new MigrationUnknown('0001_events'));
    expect(await made()).toEqual([{ name: '0001_events' }]);
    expect(await hasTable('events')).toBe(false);
  });

  it('are enough if a newer program has added its own', async () => {
    await migrate(database.url);
    await db.query(`insert into event_store_migrations (name, run_on) values ('9999_new', now())`);
    await migrate(database.url);
    expect(await made()).toHaveLength(MIGRATIONS.length + 1);
  });
});
