import { systemTimers } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { catchUp } from './catch-up.js';
import { ProjectionBlocked, prepareProjection, type Fold, type Projection } from './projection.js';
import { rebuildProjection } from './rebuild.js';
import { startWorld, toppedUp, until } from '../testing/world.js';

/** Keeps nothing; only its checkpoint moves. */
const named = (name: string, version = 1): Projection => ({
  name,
  version,
  types: ['CampaignToppedUp'],
  tables: 'create table a (n int); create table z (n int)',
  fold: (): Fold => ({ load: async () => {}, take: () => {}, size: 0, save: async () => {} }),
});

describe('a projection is prepared', () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  let holder: Client;
  let head: number;
  beforeAll(async () => {
    world = await startWorld();
    head = (await world.store.append('campaign-a', [toppedUp()], 'any')).position;
    holder = new Client({ connectionString: world.database.url });
    await holder.connect();
  });
  afterAll(async () => {
    await holder.end();
    await world.close();
  });

  /** How many connections wait for what the holder has. */
  const waiting = async () =>
    (
      await holder.query(
        'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))',
      )
    ).rowCount!;

  it('once, if several processes bring it to the end of the log at the same time', async () => {
    const { pool, store } = world;
    for (let round = 0; round < 10; round++) {
      const projection = named(`fresh_${round}`);
      // All of them have found no schema of that name when the first one goes on.
      await holder.query('begin');
      await holder.query('select pg_advisory_xact_lock(hashtext($1), 1)', [projection.name]);
      const reached = Promise.all(
        Array.from({ length: 4 }, () => catchUp(projection, pool, store)),
      );
      await until(async () => (await waiting()) === 4, 'all of them to wait');
      await holder.query('commit');
      expect(await reached).toEqual([head, head, head, head]);
    }
  });

  it('once, if it is rebuilt for the first time while another process brings it to the end of the log', async () => {
    const { pool, store } = world;
    const projection = named('rebuilt');
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock(hashtext($1), 1)', [projection.name]);
    const both = Promise.all([
      catchUp(projection, pool, store),
      rebuildProjection(projection, pool, store),
    ]);
    await until(async () => (await waiting()) === 2, 'both to wait');
    await holder.query('commit');
    expect(await both).toMatchObject([head, { position: head }]);
  });

  it.each([
    ['a', 'z'],
    ['z', 'a'],
  ])(
    'in a new version without a deadlock with a reader of %s and then %s',
    async (first, second) => {
      const { pool, store } = world;
      const name = `read_${first}_${second}`;
      await prepareProjection(named(name), pool, store);
      await holder.query(`begin; select from ${name}.${first}`);
      const replaced = prepareProjection(named(name, 2), pool, store);
      await until(waiting, 'the new version to wait for the reader');
      await holder.query(`select from ${name}.${second}`);
      await holder.query('commit');
      expect(await replaced).toBe(0);
    },
  );

  it('not at all if its tables are read without end: one sentence says so, and the old version stays', async () => {
    const { pool, store } = world;
    await catchUp(named('busy'), pool, store);
    await holder.query('begin; select from busy.a');
    const timers = { ...systemTimers, sleep: () => systemTimers.turn() };
    await expect(prepareProjection(named('busy', 2), pool, store, 'busy', timers)).rejects.toThrow(
      ProjectionBlocked,
    );
    await holder.query('commit');
    expect(await prepareProjection(named('busy'), pool, store)).toBe(head);
    expect(await prepareProjection(named('busy', 2), pool, store)).toBe(0);
  });
});
