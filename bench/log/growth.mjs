/**
 * Cost per event appended and read as the log grows. It is filled in between by one statement a
 * million, as the rows would stand: each hour one to each of 100,000 streams, with ids that begin
 * with that hour, as those of outcomes do. Appends go to any of these streams. Costs are medians of
 * many calls, given in microseconds and as a multiple of the same calls to a log that has stayed at
 * 100,000 events, made in turns: a machine is not as fast at the end as it was at the beginning.
 * Appends of 500 to a call are measured twice: just after a checkpoint, when each page that is
 * changed goes whole into the WAL, and 100,000 events later.
 */
import { idOfTime, newEvent, outcomeId } from '@cliptally/contracts';
import { PostgresEventStore } from '@cliptally/event-store';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { begin } from './history.mjs';
import { median, seconds } from './measure.mjs';

const SIZES = [100_000, 1_000_000, 3_000_000, 10_000_000];
const STREAMS = 100_000;
const AT = { time: '2026-01-10T00:00:00.000Z', correlationId: 'bench', causationId: 'bench' };
const streamOf = (n) => `clip-youtube-g${String(n % STREAMS).padStart(10, '0')}`;
const BEGAN = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
/** Revisions are counted in hundreds, so that there is room for what is appended in between. */
const FILL = `insert into events (position, stream, revision, id, type, version, time, correlation_id, causation_id, data)
  select head + i, 'clip-youtube-g' || lpad(((base + i) % ${STREAMS})::text, 10, '0'), hour * 100, overlay(gen_random_uuid()::text placing at || '-8' from 1 for 15)::uuid, 'ViewsRecorded', 1, '2026-01-10', 'bench', 'bench',
    jsonb_build_object('clipId', 'youtube-g' || lpad(((base + i) % ${STREAMS})::text, 10, '0'), 'platform', 'youtube', 'requestId', gen_random_uuid(), 'runId', 'r', 'source', 's',
      'costMicroUsd', 0, 'cached', false, 'views', i, 'metric', 'viewCount', 'observedAt', '2026-01-10T00:00:00.000Z')
  from generate_series(1, $1::bigint) i, (select max(position) as head from events) h, (select $2::bigint - 1 as base) b,
    lateral (select (base + i) / ${STREAMS} as hour) o, lateral (select lpad(to_hex(${BEGAN} + hour * ${HOUR_MS}), 12, '0') as ms) m, lateral (select left(ms, 8) || '-' || right(ms, 4) as at) t`;

const COLUMNS = [
  'events',
  'stream backwards',
  'all forwards',
  'by type',
  '500 to a call',
  '100,000 later',
  'single append',
];

/**
 * As deployed for a log of that size, in deploy/k8s, and as a log that grows by millions in minutes
 * would else be busy with checkpoints only. There pages in the WAL are compressed by lz4, which not
 * every PostgreSQL is built with.
 */
export const GROWTH_SETTINGS = {
  shared_buffers: '1GB',
  wal_compression: 'off',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
};

/** Up to a log of `limit` events, beside one that stays as small as the first. */
export async function growth({ store, url }, limit) {
  const db = await connected(url);
  await db.query('create database small');
  const smallUrl = Object.assign(new URL(url), { pathname: '/small' }).href;
  await PostgresEventStore.migrate(smallUrl);
  const small = new PostgresEventStore({ url: smallUrl, connections: 8 });
  await begin(small);
  const smallDb = await connected(smallUrl);
  await fill(smallDb, 0, SIZES[0]);
  process.stdout.write(
    `\n${COLUMNS.map((name) => name.padStart(20)).join('')}   microseconds an event\n`,
  );
  let filled = 0;
  for (const size of SIZES.filter((events) => events <= limit)) {
    filled = await fill(db, filled, size);
    if (size === SIZES[0]) await measured(store, small, 0.1); // Both programs are warm then.
    // As autovacuum does while a log grows: else the first reader of a page marks its rows as
    // committed, and with checksums that writes the page whole into the WAL.
    for (const each of [db, smallDb]) await each.query('vacuum (analyze) events');
    // What the filling left to be written is written now, and not beside what is measured.
    await db.query('checkpoint');
    const costs = await measured(store, small);
    const cells = costs.map(([cost, ratio]) => `${cost.toFixed(1)} (x${ratio.toFixed(2)})`);
    process.stdout.write(
      `${[size.toLocaleString('en-US'), ...cells].map((cell) => cell.padStart(20)).join('')}\n`,
    );
  }
  await Promise.all([db.end(), smallDb.end(), small.close()]);
}

async function connected(url) {
  const db = new Client({ connectionString: url });
  await db.connect();
  return db;
}

/** From `filled` events up to `size`. */
async function fill(db, filled, size) {
  for (let at = filled; at < size;) {
    const count = Math.min(1_000_000, size - at);
    await db.query(FILL, [count, at]);
    at += count;
  }
  return size;
}

const some = () => Math.floor(Math.random() * STREAMS);

/** An append of one event to any of the streams, as an outcome of the newest hour. */
function scrape(stream, hour) {
  const requestId = idOfTime(hour, randomUUID());
  const data = { clipId: stream.slice(5), platform: 'youtube', requestId, runId: 'r', source: 's', costMicroUsd: 0, cached: false, views: 1, metric: 'viewCount', observedAt: AT.time }; // prettier-ignore
  return {
    stream,
    events: [newEvent('ViewsRecorded', outcomeId(requestId), data, AT)],
    expected: 'any',
  };
}

/** `share`: of the calls that a median is taken of. */
async function measured(store, small, share = 1) {
  const heads = new Map([[store, await store.head()], [small, await small.head()]]); // prettier-ignore
  const hour = new Date(BEGAN + Math.floor(heads.get(store) / STREAMS) * HOUR_MS);
  const anywhere = (of) => Math.floor(Math.random() * Math.max(1, heads.get(of) - 20_000));
  const cost = (calls, events, call) => inTurns(calls * share, events, () => call(store), () => call(small)); // prettier-ignore
  const appendMany = (to) => {
    const from = some();
    return to.appendMany(
      Array.from({ length: 500 }, (_, i) => scrape(streamOf(from + i * 131), hour)),
    );
  };
  const reads = [
    await cost(300, 1, (of) =>
      count(of.readStream(streamOf(some()), { direction: 'backwards', limit: 1 })),
    ),
    await cost(40, 10_000, (of) => count(of.readAll(anywhere(of), { limit: 10_000 }))),
    await cost(40, 10_000, (of) =>
      count(of.readAll(anywhere(of), { limit: 10_000, types: ['ViewsRecorded'] })),
    ),
  ];
  const afterCheckpoint = await cost(20, 500, appendMany);
  for (let i = 0; i < 180 * share; i++) await appendMany(store);
  const later = await cost(20, 500, appendMany);
  return [
    ...reads,
    afterCheckpoint,
    later,
    await cost(300, 1, (to) => to.append(...Object.values(scrape(streamOf(some()), hour)))),
  ];
}

/**
 * Median of the calls, in microseconds an event, and median of what each took in multiples of the
 * other call beside it.
 */
async function inTurns(calls, events, call, other) {
  const took = [];
  const ratios = [];
  for (let i = 0; i < calls; i++) {
    took.push((await seconds(call)) / events);
    ratios.push(took.at(-1) / ((await seconds(other)) / events));
  }
  return [median(took) * 1e6, median(ratios)];
}

async function count(events) {
  let read = 0;
  for await (const _ of events) read++;
  return read;
}
