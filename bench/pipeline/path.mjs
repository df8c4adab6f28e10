/**
 * The whole path as it is run: relay, two scrapers and earnings, each a process, over PostgreSQL
 * and JetStream.
 */
import { derivedId, newEvent } from '@cliptally/contracts';
import { freePort, startNats, startPostgres } from '@cliptally/dev/servers';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { terms } from '../log/history.mjs';
import { JOBS, STEADY, quantile, steadily, until } from './measure.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const SCRAPERS = 2;
const CLIPS = JOBS + STEADY.perSecond * STEADY.seconds;
const CAMPAIGN = 'bench';
const CREATORS = 2_000;
const clipOf = (n) => ({ clipId: `youtube-${String(n).padStart(11, 'c')}`, platform: 'youtube' });
const context = () => ({ time: new Date(), correlationId: CAMPAIGN, causationId: CAMPAIGN });

/**
 * Requests a second, from the first append to the last clip that is owed money; and milliseconds
 * between the two at a steady rate, by PostgreSQL's commit times.
 */
export async function measurePath(dir, natsServer) {
  const postgres = await startPostgres({
    dataDir: join(dir, 'postgres'),
    settings: { track_commit_timestamp: 'on', max_wal_size: '2GB' },
  });
  const nats = await startNats({ binary: natsServer, dataDir: join(dir, 'nats') });
  await PostgresEventStore.migrate(postgres.url);
  const store = new PostgresEventStore({ url: postgres.url, connections: 4 });
  const pool = openPool(postgres.url, 'bench', 2);
  const services = [];
  try {
    await begin(store);
    services.push(...(await startServices(dir, postgres.url, nats.url)));
    const seen = async () =>
      (await pool.query('select count(*)::int as n from earnings.clips where views is not null'))
        .rows[0].n;
    const known = async () =>
      (await pool.query(`select to_regclass('earnings.entries') is not null as there`)).rows[0]
        .there;
    await until(known, "earnings' tables");
    const entries = async () =>
      (await pool.query('select count(*)::int as n from earnings.entries')).rows[0].n;
    await until(async () => (await entries()) === CLIPS, 'the last submission');
    // As autovacuum would within a minute: without statistics a read of the few rows that matter
    // reads all of them.
    await pool.query('analyze');
    const began = performance.now();
    await request(store, 'at-once', 0, JOBS);
    await until(async () => (await seen()) === JOBS, 'the last of the counts');
    const perSecond = JOBS / ((performance.now() - began) / 1000);
    // What is still to be settled of those would stand in the way of these.
    const unsettled = async () =>
      (await pool.query('select count(*)::int as n from earnings.entries where due <> 0')).rows[0]
        .n;
    await until(async () => (await unsettled()) === 0, 'the last settlement');
    await steadily(CLIPS - JOBS, STEADY.perSecond, (from, to) =>
      request(store, `steady-${from}`, JOBS + from, to - from),
    );
    await until(async () => (await seen()) === CLIPS, 'the last of the counts');
    const took = await latencies(pool);
    return { perSecond, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
  } finally {
    for (const service of services) service.kill('SIGTERM');
    await Promise.all(services.map(async (service) => service.exitCode ?? once(service, 'exit')));
    await store.close();
    await pool.end();
    await nats.stop();
    await postgres.stop();
  }
}

/** A campaign with more money than all clips earn, and the clips, approved. */
async function begin(store) {
  await store.append(`campaign-${CAMPAIGN}`, [newEvent('CampaignLaunched', randomUUID(), { campaignId: CAMPAIGN, brandId: 'b', name: 'b', terms }, context())], 'none'); // prettier-ignore
  for (let from = 0; from < CLIPS; from += 5_000)
    await store.appendMany(
      Array.from({ length: Math.min(5_000, CLIPS - from) }, (_, i) => {
        const clip = { ...clipOf(from + i), campaignId: CAMPAIGN };
        const submission = {
          ...clip,
          videoId: clip.clipId.slice(8),
          url: urlOf(clip),
          submittedUrl: 'u',
          creatorId: `creator-${(from + i) % CREATORS}`,
        };
        const events = [newEvent('ClipSubmitted', randomUUID(), submission, context()), newEvent('ClipApproved', randomUUID(), { ...clip, by: 'b' }, context())]; // prettier-ignore
        return { stream: `clip-${clip.clipId}`, events, expected: 'none' };
      }),
    );
}

const urlOf = ({ clipId }) => `https://www.youtube.com/watch?v=${clipId.slice(8)}`;

/** Requests scrapes as a tracking run of the scheduler does: in one append. */
function request(store, runId, from, count) {
  const requests = Array.from({ length: count }, (_, i) => {
    const clip = clipOf(from + i);
    const requestId = derivedId(runId, clip.clipId);
    return newEvent('ClipTrackingRequested', requestId, { requestId, runId, ...clip, url: urlOf(clip), score: 1, campaignIds: [CAMPAIGN] }, context()); // prettier-ignore
  });
  return store.append(`tracking-run-${runId}`, requests, 'none');
}

async function startServices(dir, databaseUrl, natsUrl) {
  const sources = join(dir, 'sources.json');
  // The source's own limit of calls is not ours.
  writeFileSync(
    sources,
    JSON.stringify({ youtube: [{ kind: 'youtube-data-api', perMinute: 1e6 }] }),
  );
  const own = {
    DATABASE_URL: databaseUrl,
    NATS_URL: natsUrl,
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    JWT_SECRET: randomUUID(),
  };
  const scraping = { YOUTUBE_API_KEY: 'bench', SOURCES_FILE: sources, LINGER: '10ms', BATCH_SIZE: '50', RUNS_AT_ONCE: '8', MAX_IN_FLIGHT: '800', MAX_ACK_PENDING: '2000', NODE_OPTIONS: `--import ${here('./stub-source.mjs')}` }; // prettier-ignore
  const started = (name, more = {}) => startService(name, { ...own, ...more });
  return Promise.all([
    started('relay'),
    started('earnings'),
    ...Array.from({ length: SCRAPERS }, () => started('scraper', scraping)),
  ]);
}

async function startService(name, environment) {
  const env = { ...process.env, ...environment, PORT: String(await freePort()) };
  return spawn(process.execPath, [here(`../../services/${name}/dist/main.js`)], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/**
 * From the commit of each request of the steady rate to the commit that made its clip's count a
 * debt.
 */
async function latencies(pool) {
  const { rows } = await pool.query(
    `select extract(epoch from pg_xact_commit_timestamp(c.xmin) - pg_xact_commit_timestamp(e.xmin))::float8 * 1000 as ms
     from events e join earnings.clips c on c.clip_id = e.data ->> 'clipId'
     where e.type = 'ClipTrackingRequested' and starts_with(e.stream, 'tracking-run-steady-')`,
  );
  return rows.map(({ ms }) => ms);
}
