import {
  JETSTREAM_STREAM,
  PLATFORMS,
  SCRAPE_FAILURES,
  derivedId,
  type StoredEvent,
} from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AckPolicy } from '@nats-io/jetstream';
import { spawnSync } from 'node:child_process';
import { DOMAIN_METRICS } from './metrics/domain-metrics.js';
import type { MonitorService } from './monitor.js';
import { history, made } from './testing/history.js';
import { get, startMonitorWorld, type MonitorWorld } from './testing/monitor-world.js';
import { NOON, PAST } from './testing/noon.js';

const promtool = spawnSync('promtool', ['--version']).error === undefined;
if (!promtool) console.warn('/metrics is not linted: promtool is not installed.');

/**
 * Samples of our own metrics: name, labels, value; what the process itself measures moves by
 * itself.
 */
function samples(text: string): { name: string; labels: Record<string, string>; value: number }[] {
  return [...text.matchAll(/^(cliptally_\w+)(?:\{(.*)\})? (\S+)$/gm)]
    .map(([, name, labels = '', value]) => ({
      name: name!,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, of]) => [label!, of!]),
      ),
      value: Number(value),
    }))
    .filter(
      ({ name }) =>
        !/^cliptally_(http_|handling_|abort_listeners|pending_timers|database_up|log_up)/.test(
          name,
        ),
    );
}

const value = (all: ReturnType<typeof samples>, name: string) =>
  all.find((sample) => sample.name === name)?.value;

describe('the monitor over a log', () => {
  let world: MonitorWorld;
  let monitor: MonitorService;
  beforeAll(async () => {
    world = await startMonitorWorld(NOON);
    await world.appendAll(PAST);
    // A scraper has been here, and is away.
    await world.nats.manager.consumers.add(JETSTREAM_STREAM, {
      durable_name: 'scraper-tiktok',
      ack_policy: AckPolicy.Explicit,
      filter_subject: 'cliptally.events.tracking-run.ClipTrackingRequested.tiktok',
      max_ack_pending: 600,
    });
    monitor = await world.start();
    await world.reached(monitor);
  });
  afterAll(async () => {
    await monitor?.close();
    await world?.close();
  });

  it('counts in /metrics what happened', async () => {
    const { status, text } = await get(monitor, '/metrics');
    expect(status).toBe(200);
    const events = PAST.flatMap((append) => append.events);
    const total = (name: string) => samples(text).filter((s) => s.name === name).reduce((sum, s) => sum + s.value, 0); // prettier-ignore
    const happened = (type: string) => events.filter((event) => event.type === type).length;
    expect(total('cliptally_looks_total')).toBe(
      happened('ViewsRecorded') + happened('ScrapeFailed'),
    );
    expect(total('cliptally_runs_total')).toBe(40);
    expect(total('cliptally_requested_looks_total')).toBe(happened('ClipTrackingRequested'));
    expect(total('cliptally_scrape_duration_seconds_count')).toBe(happened('ScrapeBatchCompleted'));
    expect(total('cliptally_outstanding_looks')).toBe(4);
    expect(total('cliptally_overspend_minor_units')).toBe(0);
    const batches = events.filter(
      (event) => event.type === 'ScrapeBatchCompleted',
    ) as StoredEvent<'ScrapeBatchCompleted'>[];
    const cost = batches.reduce((sum, { data }) => sum + data.costMicroUsd, 0) / 1e6;
    expect(total('cliptally_scrape_cost_usd_total')).toBeCloseTo(cost, 6);
    expect(total('cliptally_cycle_cost_usd')).toBeCloseTo(cost, 6);
    // With indexes, some hundred bytes an event at least.
    expect(total('cliptally_log_bytes')).toBeGreaterThan(200 * events.length);
    expect(total('cliptally_log_limit_bytes')).toBe(20e9);
  });

  it('gives the last 50 scrapes of each platform, and a zero for what did not happen', async () => {
    const recent = samples((await get(monitor, '/metrics')).text).filter(
      ({ name }) => name === 'cliptally_recent_attempts',
    );
    const outcomes = PAST.flatMap((append) => append.events).filter(({ type }) =>
      ['ViewsRecorded', 'ScrapeFailed'].includes(type),
    ) as StoredEvent<'ScrapeFailed'>[];
    const resultOf = ({ type, data }: StoredEvent<'ScrapeFailed'>) =>
      type === 'ScrapeFailed' ? data.reason : 'recorded';
    for (const platform of PLATFORMS) {
      const last = outcomes.filter(({ data }) => data.platform === platform).slice(-50);
      expect(last).toHaveLength(50);
      for (const result of ['recorded', ...SCRAPE_FAILURES]) {
        const { value } = recent.find(
          ({ labels }) => labels['platform'] === platform && labels['result'] === result,
        )!;
        const same = last.filter((event) => resultOf(event) === result);
        expect({ platform, result, value }).toEqual({ platform, result, value: same.length });
      }
    }
  });

  it('tells how far JetStream and its consumers are behind the log', async () => {
    const published = async () => value(await metrics(), 'cliptally_unpublished_events') === 0;
    const metrics = async () => samples((await get(monitor, '/metrics')).text);
    await until('the relay to have published everything', published);
    const all = await metrics();
    const events = PAST.flatMap((append) => append.events);
    const requests = events.filter(
      (e) =>
        e.type === 'ClipTrackingRequested' &&
        (e.data as { platform: string }).platform === 'tiktok',
    );
    expect(value(all, 'cliptally_jetstream_up')).toBe(1);
    expect(value(all, 'cliptally_oldest_unpublished_seconds')).toBe(0);
    expect(value(all, 'cliptally_log_head_position')).toBe(await world.store.head());
    expect(value(all, 'cliptally_stream_messages')).toBe(events.length);
    expect(value(all, 'cliptally_consumer_pending')).toBe(requests.length);
    expect(value(all, 'cliptally_consumer_ack_pending_limit')).toBe(600);
    expect(value(all, 'cliptally_consumer_oldest_pending_seconds')).toBe(
      (Date.parse(NOON) - Date.parse(requests[0]!.time)) / 1000,
    );
  });

  it('keeps the ledger, and finds a payout beyond what was earned', async () => {
    const all = samples((await get(monitor, '/metrics')).text);
    const accrued = PAST.flatMap((append) => append.events).filter(
      (e) => e.type === 'EarningsAccrued',
    );
    const usd = accrued
      .map((e) => e.data as { currency: string; total: number })
      .filter(({ currency }) => currency === 'USD');
    const booked = (kind: string) =>
      all.find(
        (s) =>
          s.name === 'cliptally_book_minor_units' &&
          s.labels['currency'] === 'USD' &&
          s.labels['kind'] === kind,
      )!.value;
    expect(booked('accrued')).toBe(usd.reduce((sum, { total }) => sum + total, 0));
    expect(booked('paid')).toBe(1_234);
    expect(value(all, 'cliptally_ledger_difference_minor_units')).toBe(0);
    expect(value(all, 'cliptally_payouts_beyond_earnings_minor_units')).toBe(0);
    const payout = { payoutId: 'payout-2', creatorId: 'nobody' };
    await world.append(
      'payout-nobody',
      made('PayoutRequested', { ...payout, currency: 'USD', amount: 70 }, NOON),
      made('PayoutPaid', { ...payout, externalReference: 'tr_1030', by: 'finance' }, NOON),
    );
    await world.reached(monitor);
    expect(
      value(
        samples((await get(monitor, '/metrics')).text),
        'cliptally_payouts_beyond_earnings_minor_units',
      ),
    ).toBe(70);
  });

  it('resets no total when it is started anew', async () => {
    // But for the size of the log: PostgreSQL may tidy up in between.
    const totals = async () => samples((await get(monitor, '/metrics')).text).filter(({ name }) => name !== 'cliptally_log_bytes'); // prettier-ignore
    const before = await totals();
    await monitor.close();
    monitor = await world.start();
    await world.reached(monitor);
    expect(before.length).toBeGreaterThan(150);
    expect(await totals()).toEqual(before);
  });

  it('has closed enumerations for labels', async () => {
    const { text } = await get(monitor, '/metrics');
    const declared = new Map(DOMAIN_METRICS.map((metric) => [metric.name, metric.labels ?? {}]));
    const histogram = { platform: ['tiktok', 'youtube', 'instagram', 'x', 'facebook'] };
    for (const { name, labels } of samples(text)) {
      const { service, le, ...own } = labels;
      expect(service).toBe('monitor');
      const known = name.startsWith('cliptally_scrape_duration_seconds')
        ? histogram
        : declared.get(name);
      expect(Object.keys(own)).toEqual(Object.keys(known!));
      for (const [label, value] of Object.entries(own))
        expect((known as Record<string, readonly string[]>)[label]).toContain(value);
      expect(le === undefined || name.endsWith('_bucket')).toBe(true);
    }
    expect(new Set(samples(text).map(({ name }) => name))).toEqual(
      new Set([
        ...declared.keys(),
        ...['bucket', 'sum', 'count'].map((part) => `cliptally_scrape_duration_seconds_${part}`),
      ]),
    );
  });

  (promtool ? describe : describe.skip)('read by promtool [needs promtool]', () => {
    it('has no fault', async () => {
      const { text } = await get(monitor, '/metrics');
      const lint = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect({ status: lint.status, output: lint.stdout + lint.stderr }).toEqual({
        status: 0,
        output: '',
      });
    });
  });

  it('builds the same rows from the beginning as it did live', async () => {
    // Long after the first part, so that hours are dropped on the way.
    const rest = history({
      until: new Date('2026-03-26T02:15:00Z'),
      hours: 13,
      clips: 45,
      failing: 0.2,
    });
    // In pieces, so that what was one batch in the rebuild was many batches live.
    for (let i = 0; i < rest.length; i += 37) {
      await world.appendAll(rest.slice(i, i + 37));
      if (i % 5 === 0) await world.reached(monitor);
    }
    const skipped = { projection: 'earnings', position: 1, eventId: derivedId('poison') };
    const words = { reason: 'a test', by: 'ann' };
    await world.append(
      'projection-earnings',
      made('EventSkipped', { ...skipped, ...words, type: 'ClipApproved' }, world.clock.now()),
    );
    const clip = { clipId: 'x-waiting', platform: 'x' as const, campaignId: 'nova' };
    const url = 'https://x.com/a/status/1';
    const submitted = { ...clip, videoId: 'waiting', url, submittedUrl: url, creatorId: 'ann' };
    const held = { ...clip, reason: 'odd', reviewAt: '2026-04-01T00:00:00Z', by: 'ann' };
    await world.append(
      'clip-x-waiting',
      made('ClipSubmitted', submitted, world.clock.now()),
      made('ClipHeld', held, world.clock.now()),
    );
    await world.reached(monitor);
    const live = await rows(world);
    expect(live['outcome_hours']!.join('')).not.toContain('2026-03-15');
    await monitor.close();
    await world.pool.query('drop schema monitor cascade');
    monitor = await world.start();
    await world.reached(monitor);
    expect(Object.keys(live)).toHaveLength(19);
    expect(Object.entries(live).filter(([, content]) => content.length === 0)).toEqual([]);
    expect(await rows(world)).toEqual(live);
  });

  it('tells an open page what happens, as it happens', async () => {
    const response = await fetch(`${monitor.url}/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const untilSaid = async (part: string) => {
      while (!text.includes(part)) text += (await reader.read()).value ?? '';
    };
    await untilSaid('event: newest');
    for (const section of ['clock', 'state', 'cost', 'campaigns', 'clips', 'failures', 'newest'])
      expect(text).toContain(`event: ${section}\n`);
    text = '';
    await world.append(
      'campaign-aurora',
      made('CampaignPaused', { campaignId: 'aurora', reason: '', by: 'ines' }, world.clock.now()),
    );
    await untilSaid('Aurora headphones was paused by ines.');
    await untilSaid('"status":"PAUSED"');
    expect(text).not.toContain('event: failures');
    await reader.cancel();
  });

  it('answers whatever it is asked for without a fault of its own', async () => {
    const paths = [
      '/nope',
      '/%E0%A4%A',
      '/..%2f..%2fetc/passwd',
      '/page.js/x',
      '/status/1',
      '/%00',
      `/${'a'.repeat(8_000)}`,
      '/index.html',
      '/metrics/%',
    ];
    for (const path of paths) {
      const { status, type, text } = await get(monitor, path);
      expect({ path, status, type }).toEqual({
        path,
        status: 404,
        type: 'application/problem+json',
      });
      expect(JSON.parse(text)).toMatchObject({ title: 'Not Found', status: 404 });
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      expect((await get(monitor, '/status', { method, body: '{' })).status).toBe(404);
    expect((await get(monitor, '/status?a[b=%&x=%ff')).status).toBe(200);
    expect((await get(monitor, '/events', { method: 'HEAD' })).status).toBe(200);
    expect(world.faults).toEqual([]);
  });

  it('says so if its port is taken, and leaves nothing behind', async () => {
    await expect(world.start({ port: monitor.port })).rejects.toThrow(
      `Port ${monitor.port} is in use by another program`,
    );
  });

  it('lets a browser run nothing but its own files', async () => {
    for (const path of ['/healthz', '/nope']) {
      const { headers } = await get(monitor, path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});

async function rows({ pool }: MonitorWorld): Promise<Record<string, string[]>> {
  const tables = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'monitor' order by 1`,
  );
  const content: Record<string, string[]> = {};
  for (const { name } of tables.rows) {
    const { rows } = await pool.query<{ row: string }>(
      `select to_jsonb(t)::text as row from monitor.${name} t order by 1`,
    );
    content[name] = rows.map(({ row }) => row);
  }
  return content;
}
