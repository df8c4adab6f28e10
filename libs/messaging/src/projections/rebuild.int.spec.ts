import type { AnyEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLog } from '../log.js';
import { inTransaction, type Fold, type Projection } from './projection.js';
import { Projector } from './projector.js';
import { rebuildProjection, RebuildBlocked } from './rebuild.js';
import { startPublishedWorld, toppedUp } from '../testing/world.js';

/** Each event is a row in both tables. */
const twice: Projection = {
  name: 'twice',
  version: 1,
  types: ['CampaignToppedUp'],
  tables:
    'create table a (position bigint primary key); create table z (position bigint primary key)',
  fold(): Fold {
    const taken: AnyEvent[] = [];
    return {
      load: async () => {},
      take: (event) => void taken.push(event),
      get size() {
        return taken.length;
      },
      async save(db) {
        for (const table of ['z', 'a'])
          await db.query(`insert into ${table} select unnest($1::bigint[])`, [
            taken.map(({ position }) => position),
          ]);
      },
    };
  },
};

describe('the swap of a rebuild', () => {
  let world: Awaited<ReturnType<typeof startPublishedWorld>>;
  beforeAll(async () => {
    world = await startPublishedWorld();
  });
  afterAll(() => world.close());

  it('ends in no deadlock, of its own or of those who read tables in any order while the projection goes on', async () => {
    const { store, pool, database } = world;
    const projector = new Projector({
      ...world,
      url: database.url,
      projection: twice,
      log: silentLog,
    });
    projector.start();
    const stop = new AbortController();
    const faults: string[] = [];
    const kept = (work: () => Promise<unknown>) =>
      work().catch((error: Error) => void faults.push(error.message));
    const reader = async (tables: string[]) => {
      while (!stop.signal.aborted)
        await kept(() =>
          inTransaction(pool, 'twice', async (db) => {
            for (const table of tables) {
              await db.query(`select count(*) from ${table}`);
              await db.query('select pg_sleep(.005)');
            }
          }),
        );
    };
    const writer = async () => {
      while (!stop.signal.aborted)
        await kept(() => store.append('campaign-a', [toppedUp()], 'any'));
    };
    expect(
      await projector.waitFor(
        (await store.append('campaign-a', [toppedUp()], 'any')).position,
        120_000,
      ),
    ).toBe(true);
    const running = [reader(['a', 'z']), reader(['z', 'a']), writer()];
    try {
      for (let round = 0; round < 3; round++)
        expect((await rebuildProjection(twice, pool, store)).differences).toEqual({});
    } finally {
      stop.abort();
      await Promise.all(running);
    }
    expect(faults).toEqual([]);
    expect(await projector.waitFor(await store.head(), 120_000)).toBe(true);
    await projector.stop();
  });

  it('stops with one sentence if its tables are read without end, and goes on later', async () => {
    const { store, pool } = world;
    const holder = await pool.connect();
    await holder.query('begin; select count(*) from twice.a');
    // The reader may be idle for longer here than the pool allows.
    const alive = setInterval(() => void holder.query('select'), 1_000);
    await expect(rebuildProjection(twice, pool, store)).rejects.toThrow(RebuildBlocked);
    clearInterval(alive);
    await holder.query('commit');
    holder.release();
    expect((await rebuildProjection(twice, pool, store)).differences).toEqual({});
  });

  it('says that it compared nothing if the live tables are behind the copy', async () => {
    const { store, pool } = world;
    // Nobody follows the log here: what the copy reads, the live tables do not have.
    const before = await rebuildProjection(twice, pool, store);
    expect(before).toMatchObject({ compared: true, live: before.position });
    const { position } = await store.append('campaign-a', [toppedUp()], 'any');
    const after = await rebuildProjection(twice, pool, store);
    expect(after).toMatchObject({ compared: false, live: before.position, position });
  });
});
