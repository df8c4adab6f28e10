import { testDatabase } from '@cliptally/dev/servers';
import { inTransaction, prepareProjection, upsert } from '@cliptally/messaging';
import { openPool } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { OBSERVATIONS_JUDGED } from '../domain/anomaly.js';
import type { ClipObservation } from '../domain/anomaly-rules.js';
import { earningsProjection } from './earnings-projection.js';
import { mergeObservations, newestOf, NewObservations } from './observation-rows.js';

const observation = (n: number): ClipObservation => ({
  id: `34d0d16d-1e90-49cc-a450-${String(n).padStart(12, '0')}`,
  observedAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
  views: n * 10,
  likes: n % 3 === 0 ? undefined : n,
  comments: n % 5 === 0 ? undefined : n,
});
const OBSERVATIONS = Array.from({ length: 400 }, (_, n) => observation(n));

describe('the observations of a clip', () => {
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
      for (let at = 0, turn = 0; at < OBSERVATIONS.length; turn++) {
        const fresh = new NewObservations(clip, at);
        const batch = OBSERVATIONS.slice(at, at + sizes[turn % sizes.length]!);
        for (const each of batch) fresh.add(each);
        await upsert(
          db,
          'observations',
          ['clip_id', 'place'],
          fresh.rows(),
          fresh.begins ? null : mergeObservations,
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
      `select string_agg(observations, ',' order by first) as observations from observations where clip_id = $1`,
      [clip],
    );
    expect(newestOf(rows[0].observations)).toEqual(
      OBSERVATIONS.slice(Math.max(0, written - OBSERVATIONS_JUDGED), written).toReversed(),
    );
  };
  const rowsOf = (clip: string) =>
    inSchema(
      async (db) =>
        (
          await db.query(
            'select place, first, observations from observations where clip_id = $1 order by place',
            [clip],
          )
        ).rows,
    );

  it('are the same rows in whatever batches they came, and always hold the newest that are judged', async () => {
    await writeAll('at once', [OBSERVATIONS.length]);
    const rows = await rowsOf('at once');
    expect(rows).toHaveLength(7);
    for (const sizes of [[1], [3], [8], [50, 1], [7, 9, 120, 2], [56], [57], [113, 8]]) {
      await writeAll(`by ${sizes.join()}`, sizes);
      expect(await rowsOf(`by ${sizes.join()}`)).toEqual(rows);
    }
  });
});
