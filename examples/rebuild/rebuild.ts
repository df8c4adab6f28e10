/**
 * A projection is rebuilt beside the live one, which goes on following the log, and is swapped in.
 * `npm run rebuild -- <projection>` does the same for those of the services.
 */
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import {
  Projector,
  connectNats,
  rebuildProjection,
  runRelay,
  silentLog as log,
} from '@cliptally/messaging';
import { viewsRecorded } from '../sample-views.ts';
import { viewsByPlatform as projection } from '../write-a-projection/views-by-platform.ts';

const url = process.env['DATABASE_URL']!;
await PostgresEventStore.migrate(url);
const store = new PostgresEventStore({ url });
const pool = openPool(url, 'example', 4);
const nats = await connectNats(process.env['NATS_URL']!, 'example');

// The relay publishes the log on JetStream; the projector follows it there, and has the lease.
const stop = new AbortController();
const relay = runRelay({ store, nats, log }, stop.signal);
const projector = new Projector({ projection, url, pool, store, nats, log });
projector.start();

const observations = async () => {
  const { rows } = await pool.query(
    'select sum(observations)::int as sum from views_by_platform.platform',
  );
  return rows[0].sum as number;
};
const appendSome = async (count: number) => {
  const appends = Array.from({ length: count }, (_, n) => viewsRecorded('youtube', n));
  const appended = await store.appendMany(appends);
  return Math.max(...appended.map(({ position }) => position));
};

const last = await appendSome(2_000);
if (!(await projector.waitFor(last, 60_000))) throw new Error('the projector is late');
console.log(`live: ${await observations()} observations`);

// Somebody repairs a row by hand, which nobody should.
await pool.query('update views_by_platform.platform set observations = 7');

// The live one has passed the whole log (see `waitFor` above), so the two can be compared at one
// position: the wrong row of the old one, the right row of the new one.
const { differences, events } = await rebuildProjection(projection, pool, store);
console.log(`rebuilt from ${events} events, and swapped in`);
console.log(`rows that differed: ${JSON.stringify(differences)}`);

// The projector finds new tables and a checkpoint, and follows from there.
if (!(await projector.waitFor(await appendSome(500), 60_000))) throw new Error('it is late');
console.log(`live: ${await observations()} observations`);

const again = await rebuildProjection(projection, pool, store);
console.log(`rebuilt again: ${JSON.stringify(again.differences)}`);

await projector.stop();
stop.abort();
await relay;
await nats.connection.close();
await pool.end();
await store.close();
