import {
  clockOf,
  derivedId,
  newEvent,
  streams,
  systemClock,
  type NewEvent,
} from '@cliptally/contracts';
import { generatedCurves, startApifyStandIn } from '@cliptally/dev/apify-stand-in';
import { startPostgres, until } from '@cliptally/dev/servers';
import { startEarnings } from '@cliptally/earnings';
import { PostgresEventStore } from '@cliptally/event-store';
import { connectNats, silentLog, type Log } from '@cliptally/messaging';
import { startMonitor, type MonitorService } from '@cliptally/monitor';
import { ROLES, migrate } from '@cliptally/ops';
import { startRelayService } from '@cliptally/relay';
import { OPEN } from '@cliptally/telemetry';
import { startScraper, type ScraperService } from '@cliptally/scraper';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { User } from './nats-rights.js';
import { guardedNats } from './testing/guarded-nats.js';

describe('the users of NATS and the roles of PostgreSQL, on real servers', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const complaints: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (fields, message) => complaints.push(`${message} ${JSON.stringify(fields)}`),
    error: (fields, message) => complaints.push(`${message} ${JSON.stringify(fields)}`),
  };
  let nats: Awaited<ReturnType<typeof guardedNats>>;
  const urlOf = (user: User) => nats.urlOf(user);
  const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-users-'));
  let store: PostgresEventStore;
  let scraper: ScraperService;
  let monitor: MonitorService;

  beforeAll(async () => {
    // Roles belong to a whole server, and other tests make the same ones.
    const [database, server] = await Promise.all([startPostgres({ dataDir }), guardedNats()]);
    nats = server;
    await migrate(database.url, Object.fromEntries(ROLES.map((role) => [role, 'a-password'])));
    store = new PostgresEventStore({ url: database.url });
    const clock = clockOf({ world: Date.now(), real: Date.now(), speed: 60 });
    const standIn = await startApifyStandIn({
      clock,
      curves: generatedCurves({ worldStart: new Date(Date.now() - 86_400_000) }),
      token: 'test',
    });
    const databaseUrlOf = (role: User) => {
      const as = new URL(database.url);
      [as.username, as.password] = [role, 'a-password'];
      return as.href;
    };
    const of = (user: User) => ({
      databaseUrl: databaseUrlOf(user),
      natsUrl: urlOf(user),
      clock,
      log,
    });
    const relay = await startRelayService(of('relay'));
    const earnings = await startEarnings({
      ...of('earnings'),
      port: 0,
      host: '127.0.0.1',
      keys: { secret: 'x'.repeat(32) },
    });
    monitor = await startMonitor({ ...of('monitor'), port: 0, host: '127.0.0.1', operators: OPEN });
    scraper = await startScraper({
      ...of('scraper'),
      apify: { token: 'test', baseUrl: standIn.url },
    });
    closers.push(
      async () => rmSync(dataDir, { recursive: true, force: true }),
      () => database.stop(),
      () => server.stop(),
      () => store.close(),
      () => standIn.close(),
      () => relay.close(),
      () => earnings.close(),
      () => monitor.close(),
    );
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  const clip = {
    clipId: 'tiktok-7301234567890123456',
    platform: 'tiktok',
    campaignId: 'c',
  } as const;
  const clipUrl = 'https://www.tiktok.com/@ann/video/7301234567890123456';
  const context = () => ({ time: systemClock.now(), correlationId: 'test', causationId: 'test' });
  const ask = (requestId: string) =>
    store.append(
      streams.trackingRun(requestId),
      [
        newEvent(
          'ClipTrackingRequested',
          requestId,
          {
            requestId,
            runId: requestId,
            clipId: clip.clipId,
            platform: clip.platform,
            url: clipUrl,
            score: 1,
            campaignIds: ['c'],
          },
          context(),
        ) as NewEvent,
      ],
      'none',
    );

  it('let every service do its work: a clip is scraped, settled and counted, and nobody is refused anything', async () => {
    const terms = {
      currency: 'USD',
      budget: 100_000_000,
      ratePerThousand: { default: 100 },
      trackingDays: 30,
      startsAt: '2026-01-01T00:00:00Z',
    };
    const open = {
      minViews: 0,
      maxPayoutPerClip: null,
      countFrom: 'zero',
      endsAt: null,
      exclusive: true,
      validationDays: 3,
      minPayout: 0,
    } as const;
    const launched = newEvent(
      'CampaignLaunched',
      derivedId('c'),
      { campaignId: 'c', brandId: 'b', name: 'c', terms: { ...terms, ...open } },
      context(),
    );
    const submitted = {
      ...clip,
      videoId: clip.clipId.slice(7),
      url: clipUrl,
      submittedUrl: clipUrl,
      creatorId: 'ann',
    };
    await store.append(streams.campaign('c'), [launched as NewEvent], 'none');
    await store.append(
      streams.clip(clip.clipId),
      [
        newEvent('ClipSubmitted', derivedId('s'), submitted, context()) as NewEvent,
        newEvent('ClipApproved', derivedId('a'), { ...clip, by: 'test' }, context()) as NewEvent,
      ],
      'none',
    );
    await ask(derivedId('first'));
    await until('the observation to be settled', async () => {
      for await (const { type } of store.readAll(0)) if (type === 'EarningsAccrued') return true;
      return false;
    });
    await monitor.projector.waitFor(await store.head(), 60_000);
    // Scrape requests that nobody takes: the monitor tells how long the oldest has waited, which it
    // asks JetStream.
    await scraper.close();
    await ask(derivedId('second'));
    const metrics = async () => (await fetch(`${monitor.url}/metrics`)).text();
    await until('the request that waits', async () =>
      /^cliptally_consumer_pending\S*tiktok\S* 1$/m.test(await metrics()),
    );
    expect(await metrics()).toMatch(/^cliptally_jetstream_up\S* 1$/m);
    expect(complaints.filter((complaint) => /permission/i.test(complaint))).toEqual([]);
  }, 900_000);

  it('let in nobody else: not the scheduler, nobody without a password, nobody with a wrong one', async () => {
    for (const who of ['scheduler:scheduler-secret@', 'relay:scraper-secret@', ''])
      await expect(connectNats(`nats://${who}${nats.host}`, 'test')).rejects.toThrow(
        /authorization violation/i,
      );
  });
});
