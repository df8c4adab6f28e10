import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { added, upsert } from './upsert.js';

const TEXTS = [
  '',
  'null',
  'NULL',
  '{a,"b"}',
  String.raw`back\slash \n "quoted"`,
  'line\nbreak\ttab',
  "it's, ok",
  'żółć 日本 🎬',
  ' ',
  '\u2028',
];

describe('rows that are written as arrays', () => {
  let database: TestDatabase;
  let db: Client;
  beforeAll(async () => {
    database = await testDatabase();
    db = new Client({ connectionString: database.url });
    await db.connect();
    await db.query(`create table kinds (id integer primary key, name text, amount bigint, share double precision, at timestamptz, event uuid,
      there boolean, state jsonb)`);
  });
  afterAll(async () => {
    await db.end();
    await database.drop();
  });
  const all = async () => (await db.query('select *, amount::float8 from kinds order by id')).rows;

  it('come back as they were, whatever is in their texts, and with nothing where there was nothing', async () => {
    const row = (id: number, name: string) => ({
      id,
      name,
      amount: 9_007_199_254_740_991 - id,
      share: -0.1 * (id + 1),
      at: new Date(Date.UTC(2026, 0, 1, 0, 0, id, 123)),
      event: '34d0d16d-1e90-49cc-a450-237ed6c2dee7',
      there: id % 2 === 0,
      state: { [name]: [name, null, 1.5, { deep: name }] },
    });
    const nothing = {
      name: null,
      amount: null,
      share: null,
      at: null,
      event: null,
      there: null,
      state: null,
    };
    const rows = [...TEXTS.map((text, id) => row(id, text)), { ...row(0, ''), ...nothing, id: 99 }];
    await upsert(db, 'kinds', ['id'], rows);
    expect(await all()).toEqual(rows);
    // Instants as texts, plain JSON values, and one text after the other, so that none is saved by
    // its neighbour's.
    for (const [id, name] of TEXTS.entries())
      await upsert(
        db,
        'kinds',
        ['id'],
        [{ ...row(id, name), at: '2026-02-03T04:05:06.007Z', state: name }],
      );
    const changed = TEXTS.map((name, id) => ({
      ...row(id, name),
      at: new Date('2026-02-03T04:05:06.007Z'),
      state: name,
    }));
    expect(await all()).toEqual([...changed, rows.at(-1)]);
  });

  it('replace those of their key only in the columns that are given, and nothing if all columns are the key', async () => {
    await upsert(db, 'kinds', ['id'], [{ id: 1, amount: 7 }, { id: 200, amount: 8 }]); // prettier-ignore
    expect((await all()).filter(({ id }) => id === 1 || id === 200)).toMatchObject([
      { id: 1, name: 'null', amount: 7 },
      { id: 200, name: null, amount: 8 },
    ]);
    await upsert(db, 'kinds', ['id'], [{ id: 1 }, { id: 201 }]);
    expect(await all()).toHaveLength(TEXTS.length + 3);
    await upsert(db, 'kinds', ['id'], []);
  });

  it('are written in portions, made when they are asked for, and the first failure is thrown', async () => {
    const made = function* (from: number, to: number) {
      for (let id = from; id < to; id++) yield { id, name: `n${id}`, amount: id };
    };
    await upsert(db, 'kinds', ['id'], made(1_000, 3_500));
    const { rows } = await db.query(
      `select count(*)::int as count, sum(amount)::int as sum from kinds where id >= 1000 and name = 'n' || id`,
    );
    expect(rows).toEqual([{ count: 2_500, sum: (2_500 * (1_000 + 3_499)) / 2 }]);
    await db.query('alter table kinds add check (amount <> 5000)');
    await expect(upsert(db, 'kinds', ['id'], made(4_500, 9_000))).rejects.toThrow(
      'check constraint',
    );
    await db.query('delete from kinds where id >= 1000');
  });

  it('that are said to be new are written as they are, and refused if one is there', async () => {
    await upsert(db, 'kinds', ['id'], [{ id: 400, amount: 1 }], null);
    await expect(upsert(db, 'kinds', ['id'], [{ id: 401, amount: 2 }, { id: 400, amount: 3 }], null)).rejects.toThrow('duplicate key'); // prettier-ignore
    expect((await all()).filter(({ id }) => id >= 400)).toMatchObject([{ id: 400, amount: 1 }]);
  });

  it('add to the numbers of those of their key', async () => {
    for (const amount of [5, 7])
      await upsert(db, 'kinds', ['id'], [{ id: 300, amount, share: 0.5 }], added);
    expect((await all()).find(({ id }) => id === 300)).toMatchObject({ amount: 12, share: 1 });
  });
});
