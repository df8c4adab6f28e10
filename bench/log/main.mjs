/**
 * The log and its projections against bare PostgreSQL, in one run on one machine: appends against COPY into an equal table, single appends by
 * eight writers, and a rebuild of the earnings projection against a bare cursor over the same rows. Ratios are what to read; times are noisy.
 */
import { derivedId, newEvent } from '@cliptally/contracts';
import { startPostgres } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { rebuildProjection } from '@cliptally/messaging';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Cursor from 'pg-cursor';

const EVENTS = Number(process.argv[2] ?? 100_000);
const CLIPS = 2_000;
const AT = { time: '2026-01-10T00:00:00.000Z', correlationId: 'bench', causationId: 'bench' };
const terms = { currency: 'USD', budget: 9e12, ratePerThousand: { default: 100 }, minViews: 0, maxPayoutPerClip: null, countFrom: 'zero', trackingDays: 30, startsAt: '2026-01-01T00:00:00Z', endsAt: null, exclusive: true, validationDays: 3, minPayout: 0 }; // prettier-ignore
const clipOf = (n) => ({ clipId: `youtube-${String(n).padStart(11, 'c')}`, platform: 'youtube' });

const views = (n) => {
  const clip = clipOf(n % CLIPS);
  const data = {
    ...clip,
    requestId: randomUUID(),
    runId: 'r',
    source: 's',
    costMicroUsd: 0,
    views: n,
    metric: 'viewCount',
    observedAt: AT.time,
    cached: false,
  };
  return { stream: `clip-${clip.clipId}`, events: [newEvent('ViewsRecorded', randomUUID(), data, AT)], expected: 'any' };
};

async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function prepare(store) {
  await store.append(
    'campaign-bench',
    [newEvent('CampaignLaunched', derivedId('b'), { campaignId: 'bench', brandId: 'b', name: 'b', terms }, AT)],
    'none',
  );
  await store.appendMany(
    Array.from({ length: CLIPS }, (_, n) => {
      const clip = { ...clipOf(n), campaignId: 'bench' };
      const submitted = newEvent(
        'ClipSubmitted',
        randomUUID(),
        { ...clip, videoId: 'v', url: 'https://example.com/', submittedUrl: 'u', creatorId: 'c' },
        AT,
      );
      return {
        stream: `clip-${clip.clipId}`,
        events: [submitted, newEvent('ClipApproved', randomUUID(), { ...clip, by: 'b' }, AT)],
        expected: 'none',
      };
    }),
  );
}

/** The same rows into an equal table, with the same keys, by the fastest way that PostgreSQL has. */
async function copy(pool) {
  await pool.query('create table copied (like events including all)');
  return seconds(async () => {
    await pool.query('insert into copied select * from events');
  });
}

async function cursorRead(pool) {
  const db = await pool.connect();
  let rows = 0;
  const took = await seconds(async () => {
    const cursor = db.query(
      new Cursor(
        'select position, stream, revision, id, type, version, time, correlation_id, causation_id, data from events order by position',
      ),
    );
    for (let page = await cursor.read(5_000); page.length > 0; page = await cursor.read(5_000)) rows += page.length;
    await cursor.close();
  });
  db.release();
  return rows / took;
}

const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-bench-'));
const postgres = await startPostgres({ dataDir });
await PostgresEventStore.migrate(postgres.url);
const store = new PostgresEventStore({ url: postgres.url, connections: 8 });
const pool = openPool(postgres.url, 'bench', 4);
try {
  await prepare(store);
  const batches = Array.from({ length: EVENTS / 500 }, (_, b) => Array.from({ length: 500 }, (_, i) => views(b * 500 + i)));
  const batched = EVENTS / (await seconds(async () => {
    for (let i = 0; i < batches.length; i += 2) await Promise.all(batches.slice(i, i + 2).map((batch) => store.appendMany(batch)));
  })); // prettier-ignore
  const copied = (EVENTS + 2 * CLIPS + 1) / (await copy(pool));
  const SINGLE = 8_000;
  const single = SINGLE / (await seconds(() => Promise.all(Array.from({ length: 8 }, async (_, w) => {
    for (let i = 0; i < SINGLE / 8; i++) { const { stream, events, expected } = views(w * SINGLE + i); await store.append(stream, events, expected); }
  })))); // prettier-ignore
  const bare = await cursorRead(pool);
  let events = 0;
  const rebuilt = await seconds(async () => {
    ({ events } = await rebuildProjection(earningsProjection, pool, store));
  });
  const line = (name, value, note = '') => process.stdout.write(`${name.padEnd(52)}${value.padStart(12)}  ${note}\n`);
  const rate = (n) => `${Math.round(n)}/s`;
  process.stdout.write(`\nThe log with ${EVENTS} events of 1 each to ${CLIPS} streams\n`);
  line('copy into an equal table (insert ... select)', rate(copied));
  line('appends, 500 streams a call, two calls at once', rate(batched), `${(batched / copied).toFixed(2)} of the copy (goal .8)`);
  line('single appends by eight writers', rate(single));
  line('bare cursor over the log', rate(bare));
  line('rebuild of earnings', rate(events / rebuilt), `${(events / rebuilt / bare).toFixed(2)} of the cursor (goal .7)`);
} finally {
  await store.close();
  await pool.end();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
