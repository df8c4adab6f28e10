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
import { CLIPS, JOBS, POSTGRES, STEADY, quantile, steadily, until } from './measure.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const SCRAPERS = 2;
const RUN = 'bench';
const CREATORS = 2_000;
const clipOf = (n) => ({ clipId: `youtube-${String(n).padStart(11, 'c')}`, platform: 'youtube' });
const context = () => ({ time: new Date(), correlationId: RUN, causationId: RUN });

/**
 * Requests a second, from the first append to the last clip that is paid for; and milliseconds from
 * the call that requests a scrape to the commit of the event that pays for it, at a steady rate.
 */
export async function measurePath(dir, natsServer, campaigns) {
  const postgres = await startPostgres({
    dataDir: join(dir, 'postgres'),
    settings: POSTGRES,
  });
  const nats = await startNats({ binary: natsServer, dataDir: join(dir, 'nats') });
  await PostgresEventStore.migrate(postgres.url);
  const store = new PostgresEventStore({ url: postgres.url, connections: 4 });
  const pool = openPool(postgres.url, 'bench', 2);
  const services = [];
  try {
    await begin(store, campaigns);
    services.push(...(await startServices(dir, postgres.url, nats.url)));
    const paid = async () =>
      (await pool.query('select count(*)::int as n from earnings.ledger')).rows[0].n;
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
    await request(store, campaigns, 'at-once', 0, JOBS);
    await until(async () => (await paid()) === JOBS, 'the last settlement', 300);
    const perSecond = JOBS / ((performance.now() - began) / 1000);
    await steadily(CLIPS - JOBS, STEADY.perSecond, (from, to) =>
      request(store, campaigns, `steady-${from}`, JOBS + from, to - from),
    );
    await until(async () => (await paid()) === CLIPS, 'the last settlement', 300);
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

const campaignOf = (n, campaigns) => `campaign-${n % campaigns}`;

/** Campaigns with more money than all clips earn, and the clips by turns in them, approved. */
async function begin(store, campaigns) {
  for (let n = 0; n < campaigns; n++) {
    const campaignId = campaignOf(n, campaigns);
    await store.append(`campaign-${campaignId}`, [newEvent('CampaignLaunched', randomUUID(), { campaignId, brandId: 'b', name: 'b', terms }, context())], 'none'); // prettier-ignore
  }
  for (let from = 0; from < CLIPS; from += 5_000)
    await store.appendMany(
      Array.from({ length: Math.min(5_000, CLIPS - from) }, (_, i) => {
        const clip = { ...clipOf(from + i), campaignId: campaignOf(from + i, campaigns) };
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
function request(store, campaigns, runId, from, count) {
  const requests = Array.from({ length: count }, (_, i) => {
    const clip = clipOf(from + i);
    const requestId = derivedId(runId, clip.clipId);
    return newEvent('ClipTrackingRequested', requestId, { requestId, runId, ...clip, url: urlOf(clip), score: 1, campaignIds: [campaignOf(from + i, campaigns)] }, context()); // prettier-ignore
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

/** From the time of the request to the commit of the event that pays for it. */
async function latencies(pool) {
  const { rows: requests } = await pool.query(
    `select data ->> 'clipId' as clip, extract(epoch from time)::float8 * 1000 as ms
     from events where type = 'ClipTrackingRequested' and starts_with(stream, 'tracking-run-steady-')`,
  );
  const { rows: payments } = await pool.query(
    `select line ->> 'clipId' as clip, extract(epoch from pg_xact_commit_timestamp(paid.xmin))::float8 * 1000 as ms
     from events paid cross join jsonb_array_elements(data -> 'lines') line where type = 'EarningsAccrued'`,
  );
  const paidAt = new Map(payments.map(({ clip, ms }) => [clip, ms]));
  return requests.map(({ clip, ms }) => paidAt.get(clip) - ms);
}
