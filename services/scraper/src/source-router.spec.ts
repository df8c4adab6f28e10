import { ManualClock, systemTimers } from '@cliptally/contracts';
import { MemoryEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import type { Scraped } from './batch-result.js';
import { resume, writeOff } from './batch-recovery.js';
import { SourceRouter } from './source-router.js';
import { MapScrapeState } from './scrape-state/map-scrape-state.js';
import { NO_LIMITS } from './testing/faulty-world.js';
import { SourceFault } from './sources/source.js';
import { FakeSource, ROW, START, scrapeOf } from './testing/fake-source.js';

const ACK_WAIT_S = 30;

const SCRAPES = [scrapeOf('one'), scrapeOf('two')];
const ONE = SCRAPES[0]!.request.requestId;
const FULL = START + 2 * ROW;
const never = () => new Promise<void>(() => {});

/** A door that is opened once. */
function door() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('two scrapers with the same scrapes in hand', () => {
  let clock: ManualClock;
  let state: MapScrapeState;
  let store: MemoryEventStore;
  let [shop, second]: [FakeSource, FakeSource] = [new FakeSource('shop'), new FakeSource('second')];
  beforeEach(() => {
    clock = new ManualClock('2026-05-10T00:00:00Z');
    state = new MapScrapeState();
    store = new MemoryEventStore();
    [shop, second] = [new FakeSource('shop'), new FakeSource('second')];
  });

  const scraper = (own: Partial<MapScrapeState> = {}) =>
    new SourceRouter({
      platform: 'tiktok',
      sources: [shop, second],
      store,
      state: Object.assign(Object.create(state) as MapScrapeState, own),
      limits: NO_LIMITS,
      clock,
      log: silentLog,
      timers: systemTimers,
      mayPay: () => Promise.resolve(true),
      ackWaitMs: ACK_WAIT_S * 1_000,
      jitter: () => 0,
      signal: new AbortController().signal,
    });
  /** As {@link scraper}, but each claim that it makes is answered only when its door opens. */
  function stalling() {
    const doors = [door(), door()];
    let claims = 0;
    const claim: MapScrapeState['claim'] = async (...args) => {
      const made = await state.claim(...args);
      await doors[claims++]!.opened;
      return made;
    };
    return { router: scraper({ claim }), doors };
  }
  /** Everything that can happen without time has happened. */
  const settle = async () => {
    for (let i = 0; i < 50; i++) await setImmediate();
  };
  const pass = async (seconds: number) => {
    await settle();
    clock.advance(seconds * 1_000);
    await settle();
  };
  const batchOf = async (requestId: string) => (await state.batchesOf([requestId])).get(requestId)!;
  const resumed = async (router: SourceRouter, scrapes = SCRAPES) =>
    resume(router, await batchOf(scrapes[0]!.request.requestId), scrapes);
  const batches = async () => {
    const log = await Array.fromAsync(store.readAll(0));
    return log.flatMap((event) =>
      event.type === 'ScrapeBatchCompleted' ? [[event.data.status, event.data.costMicroUsd]] : [],
    );
  };
  const seen = (scraped: Scraped[]) =>
    scraped.map(({ result, costMicroUsd }) => [result.kind, costMicroUsd]);
  const SEEN = [
    ['observed', FULL / 2],
    ['observed', FULL / 2],
  ];

  it('at the same moment: one claims and starts them, the other lets go', async () => {
    const [a, b] = await Promise.allSettled([scraper().scrape(SCRAPES), scraper().scrape(SCRAPES)]);
    const [won, lost] = a.status === 'fulfilled' ? [a, b] : [b, a];
    expect(won).toMatchObject({ status: 'fulfilled' });
    expect(lost).toMatchObject({ status: 'rejected', reason: expect.any(RetryLater) });
    expect(shop.started).toHaveLength(1);
    // The log has no batch of the one that was late.
    expect(await batches()).toEqual([['succeeded', FULL]]);
    expect(
      (await Array.fromAsync(store.readAll(0))).filter(({ type }) => type === 'ScrapeBatchStarted'),
    ).toHaveLength(1);
  });

  it('the first stalls before its start: the second waits until it is certain, and the first finds its claim gone', async () => {
    const { router, doors } = stalling();
    const first = router.scrape(SCRAPES);
    await pass(ACK_WAIT_S);
    const going = resumed(scraper());
    await pass(ACK_WAIT_S - 1);
    expect(shop.started).toEqual([]);
    await pass(1);
    expect(seen(await going)).toEqual(SEEN);
    doors.forEach(({ open }) => open());
    await expect(first).rejects.toThrow(RetryLater);
    expect(shop.started).toHaveLength(1);
    expect(await batches()).toEqual([
      ['not_started', 0],
      ['succeeded', FULL],
    ]);
  });

  it('the first stalls and comes back before anybody starts: it renews its claim and starts, and the second reads that run', async () => {
    const { router, doors } = stalling();
    const first = router.scrape(SCRAPES);
    await pass(ACK_WAIT_S);
    const going = resumed(scraper()).catch((error: unknown) => error);
    await pass(1);
    doors.forEach(({ open }) => open());
    expect(seen(await first)).toEqual(SEEN);
    await pass(ACK_WAIT_S);
    expect(await going).toBeInstanceOf(RetryLater);
    expect(seen(await resumed(scraper()))).toEqual(SEEN);
    expect(shop.started).toHaveLength(1);
    expect(await batches()).toEqual([['succeeded', FULL]]);
  });

  it('the first renews its claim at the moment at which the second takes it: one of them starts', async () => {
    const { router, doors } = stalling();
    const first = router.scrape(SCRAPES).catch((error: unknown) => error);
    await settle();
    const going = resumed(scraper()).catch((error: unknown) => error);
    await settle();
    clock.advance(2 * ACK_WAIT_S * 1_000);
    doors.forEach(({ open }) => open());
    const ends = await Promise.all([first, going]);
    expect(ends.filter((end) => end instanceof RetryLater)).toHaveLength(1);
    expect(shop.started).toHaveLength(1);
  });

  it('the first stalls with its call in hand, before anything was sent: nothing is', async () => {
    const { open, opened } = door();
    shop.onSend = () => opened;
    const first = scraper()
      .scrape(SCRAPES)
      .catch((error: unknown) => error);
    await pass(ACK_WAIT_S);
    shop.onSend = () => Promise.resolve();
    const going = resumed(scraper());
    await pass(ACK_WAIT_S);
    expect(seen(await going)).toEqual(SEEN);
    open();
    await pass(5);
    expect(await first).toBeInstanceOf(RetryLater);
    expect(shop.started).toHaveLength(1);
  });

  it("the first one's call is on its way: the second waits for it and reads that run", async () => {
    const { open, opened } = door();
    shop.onStart = () => opened;
    const first = scraper().scrape(SCRAPES);
    await pass(ACK_WAIT_S);
    const going = resumed(scraper());
    await pass(ACK_WAIT_S - 1);
    open();
    expect(seen(await first)).toEqual(SEEN);
    await pass(1);
    expect(seen(await going)).toEqual(SEEN);
    expect(shop.started).toHaveLength(1);
    expect(await batches()).toEqual([['succeeded', FULL]]);
  });

  it('the first is killed after its start: the second reads the run at once', async () => {
    shop.onCollect = never;
    void scraper().scrape(SCRAPES);
    await settle();
    shop.onCollect = () => Promise.resolve();
    expect(seen(await resumed(scraper()))).toEqual(SEEN);
    expect(shop.started).toHaveLength(1);
  });

  it('the first is killed before its start, and its scrapes come to two: each starts its own', async () => {
    const { router } = stalling();
    void router.scrape(SCRAPES);
    await pass(ACK_WAIT_S);
    const both = SCRAPES.map((scrape) => resumed(scraper(), [scrape]));
    await pass(ACK_WAIT_S);
    expect((await Promise.all(both)).flatMap(seen)).toEqual(
      SCRAPES.map(() => ['observed', START + ROW]),
    );
    expect(shop.started).toEqual(['one', 'two']);
  });

  it('a dead letter while its claim is young: the batch is closed when nothing can be started any more', async () => {
    const { router, doors } = stalling();
    const first = router.scrape(SCRAPES);
    await pass(ACK_WAIT_S);
    const cost = (async () => writeOff(scraper().ports, await batchOf(ONE), ONE))();
    await pass(ACK_WAIT_S - 1);
    expect(await batches()).toEqual([]);
    await pass(1);
    expect(await cost).toBe(0);
    doors.forEach(({ open }) => open());
    await expect(first).rejects.toThrow(RetryLater);
    expect(shop.started).toEqual([]);
  });

  it('a source that fails again and again rests for a minute, and one call finds out whether it is back', async () => {
    const router = scraper();
    let calls = 0;
    shop.onStart = () => {
      calls++;
      throw new SourceFault('away', { status: 503 });
    };
    const scraped = async (scrapes = SCRAPES) => {
      const scraping = router.scrape(scrapes);
      for (const seconds of [5, 10]) await pass(seconds);
      return (await scraping)[0]!;
    };
    for (let i = 1; i <= 5; i++)
      expect((await scraped([scrapeOf(`scrape ${i}`)])).source).toBe('second');
    expect(calls).toBe(15);
    expect(await scraped([scrapeOf('sixth')])).toMatchObject({ source: 'second', attempts: 1 });
    expect(calls).toBe(15);
    await pass(60);
    shop.onStart = () => Promise.resolve(void calls++);
    const { open, opened } = door();
    shop.onCollect = () => opened;
    const [probe, other] = [router.scrape([scrapeOf('probe')]), router.scrape([scrapeOf('other')])];
    expect((await other)[0]!.source).toBe('second');
    open();
    expect((await probe)[0]!.source).toBe('shop');
    expect((await scraped([scrapeOf('later')])).source).toBe('shop');
    expect(calls).toBe(17);
  });

  describe('whose first source brings nothing', () => {
    beforeEach(() => {
      shop.brings = 'nothing';
    });
    const both = FULL + START;
    const COUNTED = [
      ['observed', both / 2],
      ['observed', both / 2],
    ];

    it.each<[string, () => void]>([
      ['reads the run of the first', () => (shop.onCollect = never)],
      ['starts at the second', () => (second.onStart = never)],
      ['reads the run of the second', () => (second.onCollect = never)],
    ])(
      'killed when it %s: the scrapes go on to the next source as they would have, at the cost of both',
      async (_, stall) => {
        stall();
        void scraper().scrape(SCRAPES);
        await pass(ACK_WAIT_S);
        for (const one of [shop, second]) one.onStart = one.onCollect = () => Promise.resolve();
        const going = resumed(scraper());
        await pass(ACK_WAIT_S);
        const scraped = await going;
        expect(seen(scraped)).toEqual(COUNTED);
        expect(scraped.map(({ source }) => source)).toEqual(['second', 'second']);
        expect([shop.started.length, second.started.length]).toEqual([1, 1]);
        const costs = (await batches()).map(([, cost]) => cost as number);
        expect(costs.reduce((sum, cost) => sum + cost, 0)).toBe(both);
      },
    );

    it('bears the cost of both if a request becomes a dead letter at the second', async () => {
      second.onCollect = never;
      void scraper().scrape(SCRAPES);
      await settle();
      second.onCollect = () => Promise.resolve();
      expect(await writeOff(scraper().ports, await batchOf(ONE), ONE)).toBe(both / 2);
    });
  });
});
