import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Counts, Rows } from './rows.js';

interface Entry {
  clip: string;
  campaign: string;
  at: string | null;
  amount: number;
}

describe('rows of a table that a batch of events touches', () => {
  let database: TestDatabase;
  let db: Client;
  beforeAll(async () => {
    database = await testDatabase();
    db = new Client({ connectionString: database.url });
    await db.connect();
    await db.query(
      'create table entries (clip text, campaign text, at timestamptz, amount bigint, primary key (clip, campaign))',
    );
    await db.query('create table requests (id text primary key)');
    await db.query('create table usage (day date primary key, cost bigint not null)');
  });
  afterAll(async () => {
    await db.end();
    await database.drop();
  });
  const entries = () => new Rows<Entry>('entries', 'clip', 'campaign');
  const amounts = async () =>
    (await db.query('select clip, campaign, amount::float8 from entries order by 1, 2')).rows.map(
      (row) => Object.values(row as object),
    );

  it('are found by all columns of their key, loaded by the first one, and changed in place', async () => {
    const first = entries();
    for (const campaign of ['one', 'two'])
      first.put({ clip: 'a', campaign, at: '2026-03-01T00:00:00.000Z', amount: 1 });
    first.put({ clip: 'b', campaign: 'one', at: null, amount: 1 });
    await first.save(db);

    const second = entries();
    await second.load(['a', 'a'], db);
    expect(Date.parse(second.get('a two')!.at!)).toBe(Date.parse('2026-03-01T00:00:00Z'));
    expect(second.change('a two', (row) => (row.amount += 4))).toBe(true);
    expect(second.change('b one', (row) => (row.amount += 4))).toBe(false);
    // What is in memory is newer than the table.
    await second.load(['a', 'b'], db);
    await second.loadAll(db);
    expect(second.size).toBe(1);
    await second.save(db);
    expect(await amounts()).toEqual([
      ['a', 'one', 1],
      ['a', 'two', 5],
      ['b', 'one', 1],
    ]);
  });

  it('are removed, whether the table has them or this batch has put them', async () => {
    const first = new Rows<{ id: string }>('requests', 'id');
    for (const id of ['kept', 'answered later', 'answered']) first.put({ id });
    first.remove('answered');
    await first.save(db);
    const second = new Rows<{ id: string }>('requests', 'id');
    second.remove('answered later');
    expect(second.size).toBe(1);
    await second.save(db);
    expect((await db.query('select id from requests')).rows).toEqual([{ id: 'kept' }]);
  });

  it('are removed or kept by what came last, also after a load and a change', async () => {
    const usage = () => new Rows<{ day: string; cost: number }>('usage', 'day');
    const first = usage();
    for (const day of ['2026-02-01', '2026-02-02']) first.put({ day, cost: 1 });
    await first.save(db);
    const second = usage();
    await second.load(['2026-02-01', '2026-02-02'], db);
    second.change('2026-02-01', (row) => (row.cost += 1));
    second.remove('2026-02-01');
    second.remove('2026-02-02');
    // A row that this batch has removed does not come back from the table.
    await second.loadAll(db);
    expect(second.get('2026-02-01')).toBeUndefined();
    second.put({ day: '2026-02-02', cost: 7 });
    await second.save(db);
    const { rows } = await db.query('select day::text, cost::float8 from usage order by 1');
    expect(rows).toEqual([{ day: '2026-02-02', cost: 7 }]);
    await db.query('delete from usage');
  });

  it('are counted up from batch to batch', async () => {
    for (const cost of [5, 7]) {
      const usage = new Counts<{ day: string }, { cost: number }>('usage');
      usage.add({ day: '2026-03-01' }, { cost });
      usage.add({ day: '2026-03-01' }, { cost: 1 });
      await usage.save(db);
    }
    expect((await db.query('select cost::float8 from usage')).rows).toEqual([{ cost: 14 }]);
  });
});
