/**
 * Cost per event appended and read as the log grows. It is filled in between by one statement a million, as the rows would stand: appended in turns
 * to 100,000 streams, with random ids. Costs are medians of many calls, given in microseconds and as a multiple of those at the beginning.
 */
import { newEvent } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { median, seconds } from './measure.mjs';

const STREAMS = 100_000;
const AT = { time: '2026-01-10T00:00:00.000Z', correlationId: 'bench', causationId: 'bench' };
/** `g`: those that are filled; `h`: those that are appended to, as many. */
const streamOf = (kind, n) => `clip-youtube-${kind}${String(n % STREAMS).padStart(10, '0')}`;
const FILL = `insert into events (position, stream, revision, id, type, version, time, correlation_id, causation_id, data)
  select head + i, 'clip-youtube-g' || lpad(((base + i) % ${STREAMS})::text, 10, '0'), (base + i) / ${STREAMS}, gen_random_uuid(), 'ViewsRecorded', 1, '2026-01-10', 'bench', 'bench',
    jsonb_build_object('clipId', 'youtube-g' || lpad(((base + i) % ${STREAMS})::text, 10, '0'), 'platform', 'youtube', 'requestId', gen_random_uuid(), 'runId', 'r', 'source', 's',
      'costMicroUsd', 0, 'cached', false, 'views', i, 'metric', 'viewCount', 'observedAt', '2026-01-10T00:00:00.000Z')
  from generate_series(1, $1::bigint) i, (select max(position) as head from events) h, (select $2::bigint - 1 as base) b`;

/** As deployed for a log of that size, in deploy/k8s; and as a log that grows by millions in minutes would else be busy with checkpoints only. */
export const GROWTH_SETTINGS = { shared_buffers: '1GB', wal_compression: 'on', max_wal_size: '8GB', checkpoint_timeout: '30min' };

export async function growth({ store, url }, sizes) {
  const db = new Client({ connectionString: url });
  await db.connect();
  process.stdout.write(
    `\n${['events', 'append of 500', 'single append', 'stream backwards', 'all forwards', 'by type'].map((name) => name.padStart(20)).join('')}   microseconds an event\n`,
  );
  let filled = 0;
  let first;
  for (const size of sizes) {
    for (; filled < size;) {
      const count = Math.min(1_000_000, size - filled);
      await db.query(FILL, [count, filled]);
      filled += count;
    }
    await db.query('analyze events');
    // What the filling left to be written is written now, and not beside what is measured. Pages are then written whole when they are first changed: the worst moment to append.
    await db.query('checkpoint');
    const costs = await measured(store);
    first ??= costs;
    process.stdout.write(
      `${[size.toLocaleString('en-US'), ...costs.map((cost, i) => `${cost.toFixed(1)} (x${(cost / first[i]).toFixed(2)})`)].map((cell) => cell.padStart(20)).join('')}\n`,
    );
  }
  await db.end();
}

const some = () => Math.floor(Math.random() * STREAMS);

/** An append of one event to any of the streams. */
function look(stream) {
  const data = { clipId: stream.slice(5), platform: 'youtube', requestId: randomUUID(), runId: 'r', source: 's', costMicroUsd: 0, cached: false, views: 1, metric: 'viewCount', observedAt: AT.time }; // prettier-ignore
  return { stream, events: [newEvent('ViewsRecorded', randomUUID(), data, AT)], expected: 'any' };
}

async function measured(store) {
  const head = await store.head();
  const anywhere = () => Math.floor(Math.random() * Math.max(1, head - 20_000));
  const from = some();
  return [
    await cost(20, 500, () => store.appendMany(Array.from({ length: 500 }, (_, i) => look(streamOf('h', from + i * 131))))),
    await cost(300, 1, () => store.append(...Object.values(look(streamOf('h', some()))))),
    await cost(300, 1, () => count(store.readStream(streamOf('g', some()), { direction: 'backwards', limit: 1 }))),
    await cost(10, 10_000, () => count(store.readAll(anywhere(), { limit: 10_000 }))),
    await cost(10, 10_000, () => count(store.readAll(anywhere(), { limit: 10_000, types: ['ViewsRecorded'] }))),
  ];
}

/** Median of the calls, in microseconds an event. */
async function cost(calls, events, call) {
  const took = [];
  for (let i = 0; i < calls; i++) took.push((await seconds(call)) / events);
  return median(took) * 1e6;
}

async function count(events) {
  let read = 0;
  for await (const _ of events) read++;
  return read;
}
