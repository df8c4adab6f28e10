import {
  JETSTREAM_STREAM,
  clockOf,
  derivedId,
  newEvent,
  streams,
  systemClock,
  type NewEvent,
} from '@cliptally/contracts';
import { generatedCurves, startApifyStandIn } from '@cliptally/dev/apify-stand-in';
import { testDatabase, testNats, until } from '@cliptally/dev/servers';
import { startEarnings } from '@cliptally/earnings';
import { PostgresEventStore } from '@cliptally/event-store';
import { connectNats, silentLog, type Log } from '@cliptally/messaging';
import { startMonitor, type MonitorService } from '@cliptally/monitor';
import { startRelayService } from '@cliptally/relay';
import { startScraper, type ScraperService } from '@cliptally/scraper';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { readFileSync } from 'node:fs';
import { root } from './testing/docker.js';

const USERS = ['relay', 'scraper', 'earnings', 'monitor'] as const;
type User = (typeof USERS)[number];

/**
 * The users as they are deployed; of their passwords, which the server takes from its environment,
 * only the values are other ones.
 */
const users = readFileSync(`${root}deploy/nats/users.conf`, 'utf8').replace(
  /\$(\w+)_PASSWORD/g,
  (_, name: string) => `"${name.toLowerCase()}-secret"`,
);

describe('the users of deploy/nats/users.conf, on a real server', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const complaints: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (fields, message) => complaints.push(`${message} ${JSON.stringify(fields)}`),
    error: (fields, message) => complaints.push(`${message} ${JSON.stringify(fields)}`),
  };
  let url: URL;
  let store: PostgresEventStore;
  let scraper: ScraperService;
  let monitor: MonitorService;
  const urlOf = (user: User) => `nats://${user}:${user}-secret@${url.host}`;

  beforeAll(async () => {
    const [database, server] = await Promise.all([testDatabase(), testNats({ more: users })]);
    url = new URL(server.url);
    await PostgresEventStore.migrate(database.url);
    store = new PostgresEventStore({ url: database.url });
    const clock = clockOf({ world: Date.now(), real: Date.now(), speed: 60 });
    const standIn = await startApifyStandIn({
      clock,
      curves: generatedCurves({ worldStart: new Date(Date.now() - 86_400_000) }),
      token: 'test',
    });
    const of = (user: User) => ({ databaseUrl: database.url, natsUrl: urlOf(user), clock, log });
    const relay = await startRelayService(of('relay'));
    const earnings = await startEarnings({
      ...of('earnings'),
      port: 0,
      host: '127.0.0.1',
      keys: { secret: 'x'.repeat(32) },
    });
    monitor = await startMonitor({ ...of('monitor'), port: 0, host: '127.0.0.1' });
    scraper = await startScraper({
      ...of('scraper'),
      apify: { token: 'test', baseUrl: standIn.url },
    });
    closers.push(
      () => database.drop(),
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

  const event = 'cliptally.events.clip.ViewsRecorded.tiktok';
  const forbidden: [User, 'publish' | 'subscribe', string][] = [
    // Only the relay publishes what happened; only it may take from the stream what was published.
    ...(['scraper', 'earnings', 'monitor'] as const).map((user): [User, 'publish', string] => [
      user,
      'publish',
      event,
    ]),
    ...USERS.flatMap((user) =>
      ['DELETE', 'PURGE', 'MSG.DELETE'].map((verb): [User, 'publish', string] => [
        user,
        'publish',
        `$JS.API.STREAM.${verb}.${JETSTREAM_STREAM}`,
      ]),
    ),
    ...(['scraper', 'earnings', 'monitor'] as const).map((user): [User, 'publish', string] => [
      user,
      'publish',
      `$JS.API.STREAM.UPDATE.${JETSTREAM_STREAM}`,
    ]),
    // Only the scraper has work and a memory.
    ...(['relay', 'earnings', 'monitor'] as const).flatMap((user): [User, 'publish', string][] => [
      [user, 'publish', '$KV.scraper-counts.tiktok-1'],
      [user, 'publish', `$JS.API.CONSUMER.MSG.NEXT.${JETSTREAM_STREAM}.scraper-tiktok`],
      [user, 'publish', `$JS.API.CONSUMER.DELETE.${JETSTREAM_STREAM}.scraper-tiktok`],
      [user, 'publish', `$JS.ACK.${JETSTREAM_STREAM}.scraper-tiktok.1.1.1.1.0`],
    ]),
    ['relay', 'publish', 'cliptally.hints.apify-run-ended'],
    ['monitor', 'publish', 'cliptally.hints.apify-run-ended'],
    ['scraper', 'publish', 'cliptally.hints.apify-run-ended'],
    ['scraper', 'publish', `$JS.API.CONSUMER.DELETE.${JETSTREAM_STREAM}.scraper-tiktok`],
    ['relay', 'subscribe', 'cliptally.events.>'],
    // Nobody hears another's answers, or everything.
    ...USERS.flatMap((user): [User, 'subscribe', string][] => [
      [user, 'subscribe', '>'],
      [user, 'subscribe', `_INBOX_${user === 'relay' ? 'scraper' : 'relay'}.>`],
      [user, 'subscribe', '$SYS.>'],
    ]),
  ];

  it('refuse everything else', async () => {
    for (const user of USERS) {
      const connection = await connect({
        servers: url.host,
        user,
        pass: `${user}-secret`,
        inboxPrefix: `_INBOX_${user}`,
      });
      for (const [, verb, subject] of forbidden.filter(([of]) => of === user))
        expect([user, verb, subject, await refused(connection, verb, subject)]).toEqual([
          user,
          verb,
          subject,
          true,
        ]);
      // The same question about something that is allowed.
      expect([user, await refused(connection, 'publish', '$JS.API.INFO')]).toEqual([user, false]);
      expect([user, await refused(connection, 'subscribe', `_INBOX_${user}.test`)]).toEqual([
        user,
        false,
      ]);
      await connection.close();
    }
  });

  it('let in nobody else: not the scheduler, nobody without a password, nobody with a wrong one', async () => {
    for (const who of ['scheduler:scheduler-secret@', 'relay:scraper-secret@', ''])
      await expect(connectNats(`nats://${who}${url.host}`, 'test')).rejects.toThrow(
        /authorization violation/i,
      );
  });
});

/**
 * Whether the server says that the permissions do not allow it. It answers in turn, so that a flush
 * has its word.
 */
async function refused(
  connection: NatsConnection,
  verb: 'publish' | 'subscribe',
  subject: string,
): Promise<boolean> {
  let violation = false;
  const status = connection.status();
  const listening = (async () => {
    for await (const { type, ...more } of status)
      if (
        type === 'error' &&
        /permissions violation/i.test((more as { error: Error }).error.message)
      )
        violation = true;
  })();
  const subscription =
    verb === 'subscribe' ? connection.subscribe(subject, { callback: () => {} }) : null;
  if (verb === 'publish') connection.publish(subject);
  await connection.flush();
  await new Promise((resolve) => setImmediate(resolve));
  if (!subscription?.isClosed()) subscription?.unsubscribe();
  (status as AsyncIterable<unknown> & { stop?: () => void }).stop?.();
  await Promise.race([listening, new Promise((resolve) => setImmediate(resolve))]);
  return violation;
}
