/**
 * A projection catches up with the log, goes on from its checkpoint, and is built anew from
 * position 0 after its rule has changed.
 */
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { catchUp, positionOf, type Projection } from '@cliptally/messaging';
import { viewsRecorded } from '../sample-views.ts';
import { viewsByPlatform } from './views-by-platform.ts';

const url = process.env['DATABASE_URL']!;
await PostgresEventStore.migrate(url);
const store = new PostgresEventStore({ url });
const pool = openPool(url, 'example', 2);

async function print(title: string, projection: Projection) {
  const { rows } = await pool.query(
    'select platform, observations, views from views_by_platform.platform order by platform',
  );
  console.log(`${title}: at position ${await positionOf(projection, pool)}`);
  for (const { platform, observations, views } of rows)
    console.log(`  ${platform} ${observations} ${views}`);
}

await store.appendMany([
  viewsRecorded('youtube', 1_000),
  viewsRecorded('tiktok', 500),
  viewsRecorded('youtube', 250, true),
]);
// For a process that does not stay. A service keeps a projection up to date with a `Projector`.
await catchUp(viewsByPlatform, pool, store);
await print('caught up', viewsByPlatform);

// From the checkpoint on, another process reads two events and not five.
await store.appendMany([viewsRecorded('tiktok', 700), viewsRecorded('x', 40)]);
await catchUp(viewsByPlatform, pool, store);
await print('went on', viewsByPlatform);

// A new rule: a cached observation does not count. The tables were made by the old one, so they
// are of no use; a raised version has them dropped and every event read again.
const second: Projection = {
  ...viewsByPlatform,
  version: 2,
  fold() {
    const fold = viewsByPlatform.fold();
    return {
      load: (events, db) => fold.load(events, db),
      take(event) {
        if (event.type === 'ViewsRecorded' && !event.data.cached) fold.take(event);
      },
      get size() {
        return fold.size;
      },
      save: (db) => fold.save(db),
    };
  },
};
console.log(`version 2: at position ${await positionOf(second, pool)}`);
await catchUp(second, pool, store);
await print('built anew', second);

await pool.end();
await store.close();
