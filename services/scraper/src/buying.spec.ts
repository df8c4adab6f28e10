import { ManualClock, derivedId } from '@cliptally/contracts';
import { MemoryEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { Buyer, type Bought } from './buying.js';
import { failed, type Look } from './domain/batch.js';
import { MapMemory, NO_LIMITS } from './testing/faulty-world.js';
import { TOO_LATE } from './sources/timely.js';
import { SourceFault, type Collected, type Source } from './sources/source.js';

const ACK_WAIT_S = 30;
const [START, ROW] = [1_000, 500];

/** A source whose runs everybody can find; `onSend` may hold a call back before it is sent, `onStart` on its way; `brings` says whether its runs bring anything. */
class Shop implements Source {
  readonly platform = 'tiktok';
  readonly metrics = ['playCount'];
  readonly perMinute = 60;
  readonly runs = true;
  readonly started: string[] = [];
  onSend: () => Promise<void> = () => Promise.resolve();
  onStart: () => Promise<void> = () => Promise.resolve();
  onCollect: () => Promise<void> = () => Promise.resolve();
  brings: 'counts' | 'nothing' = 'counts';

  constructor(readonly name: string) {}

  expectedCostMicroUsd = (looks: number) => START + looks * ROW;
  maxCostMicroUsd = (looks: number) => Promise.resolve(START + looks * ROW);
  endsWithinMs = () => 60_000;
  async start(looks: readonly Look[], inTime: () => boolean): Promise<string> {
    await this.onSend();
    if (!inTime()) throw new SourceFault('too late', { code: TOO_LATE });
    await this.onStart();
    return `${this.name} ${this.started.push(idsOf(looks))}`;
  }
  async find(looks: readonly Look[]): Promise<string | null> {
    const at = this.started.indexOf(idsOf(looks));
    return at < 0 ? null : `${this.name} ${at + 1}`;
  }
  async collect(_run: string, looks: readonly Look[]): Promise<Collected> {
    await this.onCollect();
    if (this.brings === 'nothing') {
      const results = looks.map(() => failed('blocked', 'the run brought nothing at all'));
      return { results, silent: true, status: 'succeeded', costMicroUsd: START };
    }
    const results = looks.map(() => ({ kind: 'seen' as const, figures: { views: 7, metric: 'playCount' } }));
    return { results, silent: false, status: 'succeeded', costMicroUsd: this.expectedCostMicroUsd(looks.length) };
  }
}

const idsOf = (looks: readonly Look[]) => looks.map(({ videoId }) => videoId).join(' ');
const lookAt = (videoId: string): Look => {
  const request = { requestId: derivedId(videoId), runId: 'r', clipId: `tiktok-${videoId}`, platform: 'tiktok' as const, url: videoId };
  return { request: { ...request, score: 1, campaignIds: ['c'] }, videoId, metric: null, correlationId: 'c' };
};
const LOOKS = [lookAt('one'), lookAt('two')];
const ONE = LOOKS[0]!.request.requestId;
const FULL = START + 2 * ROW;
const never = () => new Promise<void>(() => {});

/** A door that is opened once. */
function door() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('two scrapers with the same looks in hand', () => {
  let clock: ManualClock;
  let memory: MapMemory;
  let store: MemoryEventStore;
  let [shop, second]: [Shop, Shop] = [new Shop('shop'), new Shop('second')];
  beforeEach(() => {
    clock = new ManualClock('2026-05-10T00:00:00Z');
    memory = new MapMemory();
    store = new MemoryEventStore();
    [shop, second] = [new Shop('shop'), new Shop('second')];
  });

  const scraper = (own: Partial<MapMemory> = {}) =>
    new Buyer({
      platform: 'tiktok',
      sources: [shop, second],
      store,
      memory: Object.assign(Object.create(memory) as MapMemory, own),
      limits: NO_LIMITS,
      clock,
      log: silentLog,
      mayPay: () => Promise.resolve(true),
      ackWaitMs: ACK_WAIT_S * 1_000,
      jitter: () => 0,
      signal: new AbortController().signal,
    });
  /** As {@link scraper}, but each claim that it makes is answered only when its door opens. */
  function stalling() {
    const doors = [door(), door()];
    let claims = 0;
    const claim: MapMemory['claim'] = async (...args) => {
      const made = await memory.claim(...args);
      await doors[claims++]!.opened;
      return made;
    };
    return { buyer: scraper({ claim }), doors };
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
  const batchOf = async (requestId: string) => (await memory.batchesOf([requestId])).get(requestId)!;
  const resumed = async (buyer: Buyer, looks = LOOKS) => buyer.resume(await batchOf(looks[0]!.request.requestId), looks);
  const batches = async () => {
    const log = await Array.fromAsync(store.readAll(0));
    return log.flatMap((event) => (event.type === 'ScrapeBatchCompleted' ? [[event.data.status, event.data.costMicroUsd]] : []));
  };
  const seen = (bought: Bought[]) => bought.map(({ result, costMicroUsd }) => [result.kind, costMicroUsd]);
  const SEEN = [
    ['seen', FULL / 2],
    ['seen', FULL / 2],
  ];

  it('at the same moment: one claims them and buys, the other lets go', async () => {
    const [a, b] = await Promise.allSettled([scraper().buy(LOOKS), scraper().buy(LOOKS)]);
    const [won, lost] = a.status === 'fulfilled' ? [a, b] : [b, a];
    expect(won).toMatchObject({ status: 'fulfilled' });
    expect(lost).toMatchObject({ status: 'rejected', reason: expect.any(RetryLater) });
    expect(shop.started).toHaveLength(1);
    expect((await batches()).toSorted()).toEqual([
      ['not_started', 0],
      ['succeeded', FULL],
    ]);
  });

  it('the first stalls before its start: the second waits until it is certain, and the first finds its claim gone', async () => {
    const { buyer, doors } = stalling();
    const first = buyer.buy(LOOKS);
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

  it('the first stalls and comes back before anybody buys: it renews its claim and starts, and the second reads that run', async () => {
    const { buyer, doors } = stalling();
    const first = buyer.buy(LOOKS);
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

  it('the first renews its claim at the moment at which the second takes it: one of them buys', async () => {
    const { buyer, doors } = stalling();
    const first = buyer.buy(LOOKS).catch((error: unknown) => error);
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
      .buy(LOOKS)
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
    const first = scraper().buy(LOOKS);
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
    void scraper().buy(LOOKS);
    await settle();
    shop.onCollect = () => Promise.resolve();
    expect(seen(await resumed(scraper()))).toEqual(SEEN);
    expect(shop.started).toHaveLength(1);
  });

  it('the first is killed before its start, and its looks come to two: each buys its own', async () => {
    const { buyer } = stalling();
    void buyer.buy(LOOKS);
    await pass(ACK_WAIT_S);
    const both = LOOKS.map((look) => resumed(scraper(), [look]));
    await pass(ACK_WAIT_S);
    expect((await Promise.all(both)).flatMap(seen)).toEqual(LOOKS.map(() => ['seen', START + ROW]));
    expect(shop.started).toEqual(['one', 'two']);
  });

  it('a look that is given up while its claim is young: the books are closed when nothing can be started any more', async () => {
    const { buyer, doors } = stalling();
    const first = buyer.buy(LOOKS);
    await pass(ACK_WAIT_S);
    const cost = (async () => scraper().writeOff(await batchOf(ONE), ONE))();
    await pass(ACK_WAIT_S - 1);
    expect(await batches()).toEqual([]);
    await pass(1);
    expect(await cost).toBe(0);
    doors.forEach(({ open }) => open());
    await expect(first).rejects.toThrow(RetryLater);
    expect(shop.started).toEqual([]);
  });

  it('a source that fails again and again rests for a minute, and one call finds out whether it is back', async () => {
    const buyer = scraper();
    let calls = 0;
    shop.onStart = () => {
      calls++;
      throw new SourceFault('away', { status: 503 });
    };
    const bought = async (looks = LOOKS) => {
      const buying = buyer.buy(looks);
      for (const seconds of [5, 10]) await pass(seconds);
      return (await buying)[0]!;
    };
    for (let i = 1; i <= 5; i++) expect((await bought([lookAt(`look ${i}`)])).source).toBe('second');
    expect(calls).toBe(15);
    expect(await bought([lookAt('sixth')])).toMatchObject({ source: 'second', attempts: 1 });
    expect(calls).toBe(15);
    await pass(60);
    shop.onStart = () => Promise.resolve(void calls++);
    const { open, opened } = door();
    shop.onCollect = () => opened;
    const [probe, other] = [buyer.buy([lookAt('probe')]), buyer.buy([lookAt('other')])];
    expect((await other)[0]!.source).toBe('second');
    open();
    expect((await probe)[0]!.source).toBe('shop');
    expect((await bought([lookAt('later')])).source).toBe('shop');
    expect(calls).toBe(17);
  });

  describe('whose first source brings nothing', () => {
    beforeEach(() => {
      shop.brings = 'nothing';
    });
    const both = FULL + START;
    const COUNTED = [
      ['seen', both / 2],
      ['seen', both / 2],
    ];

    it.each<[string, () => void]>([
      ['reads the run of the first', () => (shop.onCollect = never)],
      ['starts at the second', () => (second.onStart = never)],
      ['reads the run of the second', () => (second.onCollect = never)],
    ])('killed when it %s: the looks go on to the next source as they would have, at the cost of both', async (_, stall) => {
      stall();
      void scraper().buy(LOOKS);
      await pass(ACK_WAIT_S);
      for (const one of [shop, second]) one.onStart = one.onCollect = () => Promise.resolve();
      const going = resumed(scraper());
      await pass(ACK_WAIT_S);
      const bought = await going;
      expect(seen(bought)).toEqual(COUNTED);
      expect(bought.map(({ source }) => source)).toEqual(['second', 'second']);
      expect([shop.started.length, second.started.length]).toEqual([1, 1]);
      const costs = (await batches()).map(([, cost]) => cost as number);
      expect(costs.reduce((sum, cost) => sum + cost, 0)).toBe(both);
    });

    it('bears the cost of both where a look is given up at the second', async () => {
      second.onCollect = never;
      void scraper().buy(LOOKS);
      await settle();
      second.onCollect = () => Promise.resolve();
      expect(await scraper().writeOff(await batchOf(ONE), ONE)).toBe(both / 2);
    });
  });
});
