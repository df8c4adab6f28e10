import { testDatabase } from '@cliptally/dev/servers';
import { inTransaction, prepareProjection, upsert } from '@cliptally/messaging';
import { openPool } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { LOOKS_JUDGED, type Look } from '../domain/anomaly.js';
import { earningsProjection } from './earnings-projection.js';
import { mergeLooks, newestOf, NewLooks } from './observation-rows.js';

const look = (n: number): Look => ({
  id: `34d0d16d-1e90-49cc-a450-${String(n).padStart(12, '0')}`,
  observedAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
  views: n * 10,
  likes: n % 3 === 0 ? undefined : n,
  comments: n % 5 === 0 ? undefined : n,
});
const LOOKS = Array.from({ length: 400 }, (_, n) => look(n));

describe('the looks of a clip', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase();
    pool = openPool(database.url, 'test', 1);
    await prepareProjection(earningsProjection, pool, { kind: 'postgres' });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const inSchema = <T>(work: Parameters<typeof inTransaction<T>>[2]) =>
    inTransaction(pool, earningsProjection.name, work);
  /** Written in batches of these sizes, in turn. */
  const writeAll = (clip: string, sizes: readonly number[]) =>
    inSchema(async (db) => {
      for (let at = 0, turn = 0; at < LOOKS.length; turn++) {
        const fresh = new NewLooks(clip, at);
        const batch = LOOKS.slice(at, at + sizes[turn % sizes.length]!);
        for (const each of batch) fresh.add(each);
        await upsert(
          db,
          'looks',
          ['clip_id', 'place'],
          fresh.rows(),
          fresh.begins ? null : mergeLooks,
        );
        at += batch.length;
        await keepsTheNewest(clip, at, db);
      }
    });
  const keepsTheNewest = async (
    clip: string,
    written: number,
    db: Parameters<Parameters<typeof inSchema>[0]>[0],
  ) => {
    const { rows } = await db.query(
      `select string_agg(looks, ',' order by first) as looks from looks where clip_id = $1`,
      [clip],
    );
    expect(newestOf(rows[0].looks)).toEqual(
      LOOKS.slice(Math.max(0, written - LOOKS_JUDGED), written).toReversed(),
    );
  };
  const rowsOf = (clip: string) =>
    inSchema(
      async (db) =>
        (
          await db.query(
            'select place, first, looks from looks where clip_id = $1 order by place',
            [clip],
          )
        ).rows,
    );

  it('are the same rows in whatever batches they came, and always hold the newest that are judged', async () => {
    await writeAll('at once', [LOOKS.length]);
    const rows = await rowsOf('at once');
    expect(rows).toHaveLength(7);
    for (const sizes of [[1], [3], [8], [50, 1], [7, 9, 120, 2], [56], [57], [113, 8]]) {
      await writeAll(`by ${sizes.join()}`, sizes);
      expect(await rowsOf(`by ${sizes.join()}`)).toEqual(rows);
    }
  });
});
