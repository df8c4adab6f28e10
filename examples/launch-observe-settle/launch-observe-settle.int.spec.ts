import { clockOf } from '@cliptally/contracts';
import { startApifyStandIn } from '@cliptally/dev/apify-stand-in';
import { testDatabase, testNats } from '@cliptally/dev/servers';
import { developmentTokens, startEarnings } from '@cliptally/earnings';
import { PostgresEventStore } from '@cliptally/event-store';
import { silentLog as log } from '@cliptally/messaging';
import { startRelayService } from '@cliptally/relay';
import { openScheduler } from '@cliptally/scheduler';
import { startScraper } from '@cliptally/scraper';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runProgram } from '../testing/run-program.js';

const jwtSecret = 'a secret of the examples, long enough to sign with';
const apifyToken = 'stand-in';

/** Every clip has 20,000 views. */
const views = { views: 20_000, secondViews: null, likes: null, comments: null, shares: null };
const curves = {
  at: (_platform: string, _id: string, now: Date) => ({
    ...views,
    saves: null,
    postedAt: new Date(now.getTime() - 3_600_000),
  }),
};

const closers: (() => unknown)[] = [];
let environment: Record<string, string>;

beforeAll(async () => {
  const began = Date.now();
  const clock = clockOf({ world: began, real: began, speed: 600 });
  const [database, nats] = await Promise.all([testDatabase(), testNats()]);
  closers.push(
    () => database.drop(),
    () => nats.stop(),
  );
  await PostgresEventStore.migrate(database.url);
  const standIn = await startApifyStandIn({ clock, curves, token: apifyToken });
  closers.push(() => standIn.close());
  const common = { databaseUrl: database.url, natsUrl: nats.url, clock, log };
  const earnings = await startEarnings({
    ...common,
    host: '127.0.0.1',
    port: 0,
    keys: { secret: jwtSecret },
  });
  closers.push(() => earnings.close());
  const scheduler = await openScheduler(common);
  const services = [
    scheduler,
    await startRelayService(common),
    await startScraper({ ...common, apify: { token: apifyToken, baseUrl: standIn.url } }),
  ];
  const stop = new AbortController();
  const ticking = scheduler.tick(stop.signal);
  closers.push(async () => {
    stop.abort();
    await ticking;
    for (const service of services) await service.close();
  });
  const { brand, creator } = await developmentTokens(jwtSecret, clock);
  environment = { CLIPTALLY_API: earnings.url, BRAND_TOKEN: brand, CREATOR_TOKEN: creator };
});
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

it('launches, submits and approves; the services scrape and settle', async () => {
  const program = 'launch-observe-settle/launch-observe-settle.ts';
  expect(await runProgram([program], environment)).toEqual([
    'launched',
    'submitted youtube-dQw4w9WgXcQ by creator-00',
    'approved',
    'accrued: 0 to 20000 views at 300: 6000',
    'remaining: 144000',
  ]);
});
