import { identifyClip, type Platform } from '@cliptally/contracts';
import { openEventStore } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { Client } from 'pg';
import { CONNECTIONS } from '../deploy/testing/connections.js';
import { sampleClip } from '../world/sample-world.js';
import { startOtlpReceiver, type ReceivedSpan } from './testing/otlp-receiver.js';
import { STANDING, startServices, type Services, type Standing } from './testing/services.js';
import { expectSound } from './testing/sound.js';
import { walk } from './testing/walk-spans.js';

const HOUR_MS = 3_600_000;
const promtool = spawnSync('promtool', ['--version']).error === undefined;

/** Of one platform, so that one batch scrapes all of them. */
const CLIPS = [0, 3, 7].map((n) => sampleClip(n).url);
/** A caller with a trace of its own. */
const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('one scrape through all services', () => {
  let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
  let services: Services;

  const spans = () => receiver.spans.map(({ name }) => name).join(', ');
  const said = () => `${services.said()}\nspans: ${spans()}`;

  /**
   * Settlements that led to earnings. What was decided on outdated state leaves a span as well;
   * what was decided again from the same state has the same id.
   */
  const earning = () => {
    const parents = receiver.spans
      .filter(({ name }) => name === 'publish EarningsAccrued')
      .map(({ parentSpanId }) => parentSpanId);
    const settled = receiver.spans.filter(
      ({ name, spanId }) => name === 'settle' && parents.includes(spanId),
    );
    return [...new Map(settled.map((span) => [span.spanId, span])).values()];
  };

  /** What was earned is asked for, approved and paid. */
  async function pay(): Promise<void> {
    const asked = { payoutId: 'first', creatorId: 'ines', currency: 'USD', amount: 100 };
    await services.post('/payouts', asked);
    await services.post('/payouts/first/approve', {});
    await services.post('/payouts/first/paid', { externalReference: 'SEPA 1' });
    const ways = ['led to PayoutPaid', 'follows from PayoutApproved', 'follows from ClipApproved'];
    await services.until(
      'the ways between the traces',
      () => ways.every((way) => receiver.spans.some(({ name }) => name === way)) || undefined,
    );
  }

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    services = await startServices({
      speed: 720,
      // A server may quote what it was sent.
      faults: [
        {
          kind: 'error',
          on: 'user',
          times: 1,
          status: 403,
          message: 'GET /users/me?token=apify-t0ken by apify-t0ken may not',
        },
      ],
      environment: {
        // A batch is full with the three, however slow the machine is.
        BATCH_SIZE: String(CLIPS.length),
        LINGER: '1d',
        LOG_LEVEL: 'debug',
        // They stop together, and each is asked meanwhile.
        SHUTDOWN_DELAY: '20s',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
    });
    const startsAt = new Date(services.clock.now().getTime() - HOUR_MS).toISOString();
    const terms = {
      currency: 'USD',
      budget: 90_000_000_000,
      ratePerThousand: { default: 150 },
      trackingDays: 30,
      validationDays: 0,
      anomalyThreshold: null,
      startsAt,
      // The clips are older than the campaign.
      oldPosts: 'count',
    };
    await services.post('/campaigns', {
      campaignId: 'one',
      brandId: 'acme',
      name: 'One',
      ...terms,
    });
    for (const clip of CLIPS) {
      await services.post('/clips', { url: clip, campaignId: 'one', creatorId: 'ines' });
      const { platform, videoId } = identifyClip(clip) as { platform: Platform; videoId: string };
      await services.post(
        `/clips/${platform}-${videoId}/approve`,
        { campaignId: 'one' },
        { traceparent: CALLER },
      );
    }
    await services.run();
    // Each process sends its spans in its own time.
    await services
      .until('the export of the last span', () => {
        const count = (name: string) => receiver.spans.filter((span) => span.name === name).length;
        const settled = earning().flatMap((span) => [span.parentSpanId, ...span.links]);
        const all = ['publish ViewsRecorded', 'process ClipTrackingRequested'].every(
          (name) => count(name) >= CLIPS.length,
        );
        return (all && settled.length >= CLIPS.length && count('scrape batch') >= 1) || undefined;
      })
      .catch((error: Error) => {
        throw new Error(`${error.message}\n${said()}`);
      });
    await pay();
    const store = await openEventStore({ databaseUrl: services.database.url, connections: 1 });
    try {
      await expectSound(store);
    } finally {
      await store.close();
    }
  }, 600_000);
  afterAll(async () => {
    await services?.close();
    await receiver?.close();
  });

  describe('the trace', () => {
    const named = (name: string) => receiver.spans.filter((span) => span.name === name);
    const one = (name: string): ReceivedSpan => {
      const found = named(name);
      expect([name, found.length]).toEqual([name, 1]);
      return found[0]!;
    };
    const parentOf = (span: ReceivedSpan) =>
      receiver.spans.find(
        ({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId,
      )?.name ?? null;
    const chain = (span: ReceivedSpan): string[] => {
      const parent = receiver.spans.find(
        ({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId,
      );
      return [`${span.service}: ${span.name}`, ...(parent ? chain(parent) : [])];
    };

    it('is one, from the run that was planned to what was earned', () => {
      expect(chain(named('publish EarningsAccrued')[0]!)).toEqual([
        'relay: publish EarningsAccrued',
        'earnings: settle',
        'relay: publish ViewsRecorded',
        'scraper: process ClipTrackingRequested',
        'relay: publish ClipTrackingRequested',
        'scheduler: tracking run',
      ]);
      expect(parentOf(one('append outcomes'))).toBe('scrape batch');
      expect(chain(one('publish ScrapeBatchStarted')).slice(0, 3)).toEqual([
        'relay: publish ScrapeBatchStarted',
        expect.stringMatching(/^scraper: ask ./),
        'scraper: scrape batch',
      ]);
    });

    it('of a clip leads from its submission to its payment, and back', () => {
      const submissions = named('publish ClipSubmitted');
      expect(submissions).toHaveLength(CLIPS.length);
      const paid = one('publish PayoutPaid');
      for (const submission of submissions)
        expect(walk(receiver.spans, submission, 'led to', 'publish PayoutPaid')).toEqual([paid]);
      expect(new Set(walk(receiver.spans, paid, 'follows from', 'publish ClipSubmitted'))).toEqual(
        new Set(submissions),
      );
      expect(chain(paid)).toEqual([
        'relay: publish PayoutPaid',
        'earnings: carry out',
        'earnings: POST /payouts/:id/paid',
      ]);
    });

    it('has no span whose parent is nowhere', () => {
      const orphans = receiver.spans.filter(
        (span) => span.parentSpanId !== '' && parentOf(span) === null,
      );
      expect(orphans.map(({ service, name }) => `${service}: ${name}`)).toEqual([]);
      const ids = receiver.spans
        .filter(({ name }) => name !== 'settle')
        .map(({ traceId, spanId }) => `${traceId} ${spanId}`);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('links what was done for many at once to all of them', () => {
      const ids = (spans: ReceivedSpan[]) =>
        spans.map(({ spanId }) => spanId).toSorted((a, b) => a.localeCompare(b));
      const together = (span: ReceivedSpan) =>
        [span.parentSpanId, ...span.links.map(({ spanId }) => spanId)].toSorted((a, b) =>
          a.localeCompare(b),
        );
      expect(together(one('scrape batch'))).toEqual(ids(named('process ClipTrackingRequested')));
      const settled = earning().flatMap(together);
      expect(settled.toSorted((a, b) => a.localeCompare(b))).toEqual(
        ids(named('publish ViewsRecorded')),
      );
      expect(settled).toHaveLength(CLIPS.length);
    });

    it('speaks of messages as OpenTelemetry does', () => {
      const [scraped] = named('process ClipTrackingRequested');
      const { traceId, kind, attributes, parentSpanId } = scraped!;
      expect({ kind, attributes }).toMatchObject({
        kind: 5,
        attributes: {
          'messaging.system': 'nats',
          'messaging.operation.name': 'process',
          'messaging.operation.type': 'process',
          'messaging.destination.name':
            'cliptally.events.tracking-run.ClipTrackingRequested.tiktok',
          'messaging.destination.template': 'cliptally.events.{category}.{type}.{platform}',
          'messaging.consumer.group.name': 'scraper-tiktok',
        },
      });
      const published = named('publish ClipTrackingRequested').find(
        ({ spanId }) => spanId === parentSpanId,
      )!;
      expect(published.attributes['messaging.message.id']).toBe(attributes['messaging.message.id']);
      expect([published.traceId, published.kind]).toEqual([traceId, 4]);
    });

    it('of a request holds what follows from it, and a link to its caller', () => {
      const [approved] = named('publish ClipApproved');
      expect(chain(approved!)).toEqual([
        'relay: publish ClipApproved',
        'earnings: carry out',
        'earnings: POST /clips/:id/approve',
      ]);
      const requests = named('POST /clips/:id/approve');
      expect(requests).toHaveLength(CLIPS.length);
      const link = { traceId: CALLER.split('-')[1], spanId: CALLER.split('-')[2] };
      for (const { kind, links, attributes } of requests)
        expect({ kind, links, attributes }).toMatchObject({
          kind: 2,
          links: [link],
          attributes: { 'http.response.status_code': 200 },
        });
    });

    it('is named by log lines, which hold no secret', () => {
      const { traceId } = one('tracking run');
      const lines = services.scheduler.output
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.find(({ msg }) => msg === 'tracking run')).toMatchObject({
        service: 'scheduler',
        requested: CLIPS.length,
        trace_id: traceId,
      });
      expect(services.said()).toContain('GET /users/me?token=[secret] by [secret] may not');
      for (const secret of services.secrets) expect(said()).not.toContain(secret);
    });
  });

  it('opens no more connections to PostgreSQL than the document says', async () => {
    const db = new Client({ connectionString: services.database.url });
    await db.connect();
    try {
      const { rows } = await db.query<{ open: number }>(
        `select count(*)::int as open from pg_stat_activity
         where datname = current_database() and application_name like 'cliptally-%'`,
      );
      const standing = CONNECTIONS.filter(({ service }) => service !== 'scheduler');
      expect(rows[0]!.open).toBeGreaterThan(10);
      expect(rows[0]!.open).toBeLessThanOrEqual(standing.reduce((sum, { each }) => sum + each, 0));
    } finally {
      await db.end();
    }
  });

  describe('probes and metrics', () => {
    const metrics = async (service: Standing) =>
      (await fetch(services.url(service, '/metrics'))).text();

    it.each(STANDING)('%s is alive and ready', async (service) => {
      for (const path of ['/healthz', '/readyz'])
        expect([path, (await fetch(services.url(service, path))).status]).toEqual([path, 200]);
    });

    it.each(STANDING)('%s tells of its process and of its requests', async (service) => {
      const text = await metrics(service);
      expect(text).toMatch(new RegExp(`^process_resident_memory_bytes\\{service="${service}"\\} [1-9]`, 'm'));
      expect(text).toMatch(new RegExp(`^cliptally_http_requests_total\\{method="GET",route="/readyz",status="2xx",service="${service}"\\} [1-9]`, 'm'));
      expect(text).toMatch(/^cliptally_http_request_duration_seconds_bucket\{.*route="\/readyz".*\} [1-9]/m);
    }); // prettier-ignore

    it('tell of what was handled', async () => {
      const scraper = await metrics('scraper');
      const handled = `cliptally_handling_duration_seconds_count{service="scraper",consumer="scraper-tiktok",outcome="done"} ${CLIPS.length}`;
      expect(scraper).toContain(handled);
      for (const follower of ['earnings', 'monitor'] as const)
        expect(await metrics(follower)).toMatch(
          new RegExp(
            `^cliptally_handling_duration_seconds_count\\{.*consumer="${follower}",outcome="done"\\} [1-9]`,
            'm',
          ),
        );
      expect(scraper).toContain('consumer="scraper-youtube",outcome="dead_letter"} 0');
      expect(await metrics('relay')).toMatch(
        /^cliptally_relay_publishes_total\{outcome="done",service="relay"\} [1-9]/m,
      );
      const route = 'method="POST",route="/clips/:id/approve",status="2xx"';
      expect(await metrics('earnings')).toContain(
        `cliptally_http_requests_total{${route},service="earnings"} ${CLIPS.length}`,
      );
    });

    (promtool ? describe : describe.skip)('by promtool [needs promtool]', () => {
      it.each(STANDING)('%s has no fault', async (service) => {
        const lint = spawnSync('promtool', ['check', 'metrics'], {
          input: await metrics(service),
          encoding: 'utf8',
        });
        expect({ status: lint.status, output: lint.stdout + lint.stderr }).toEqual({
          status: 0,
          output: '',
        });
      });
    });
  });

  it('each is unready before it stops, and ends well', async () => {
    const ended = STANDING.map(async (service) => [
      service,
      await services.processes[service].end('SIGTERM'),
    ]);
    const asked = STANDING.map(async (service) => {
      const ready = await services.until(`${service} unready`, async () => {
        const answer = await fetch(services.url(service, '/readyz'));
        return answer.status === 503 ? ((await answer.json()) as { faults: object }) : undefined;
      });
      expect(ready.faults).toEqual({ shutdown: 'the service is stopping' });
      expect((await fetch(services.url(service, '/healthz'))).status).toBe(200);
    });
    await Promise.all(asked);
    expect(await Promise.all(ended)).toEqual(STANDING.map((service) => [service, 0]));
  });
});
