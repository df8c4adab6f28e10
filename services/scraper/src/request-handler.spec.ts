import type { Platform } from '@cliptally/contracts';
import type { FaultInput } from '@cliptally/dev/apify-stand-in';
import { until } from '@cliptally/dev/servers';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Scrape, ScrapeResult } from './domain/scrape.js';
import type { Source } from './sources/source.js';
import { startFaultyWorld } from './testing/faulty-world.js';

let world: Awaited<ReturnType<typeof startFaultyWorld>>;
afterEach(() => world.close());

/** On the simulated clock, after which nothing is answered from state. */
const HOUR_MS = 3_600_001;
const REELS = 'apify/instagram-reel-scraper';
const POSTS = 'apify/instagram-scraper';

/** Scrapes clip 1 once; gives the class, or the view field. */
async function scrape(): Promise<string> {
  const before = (await world.outcomes()).length;
  await world.deliver(world.requestsFor([1]));
  const outcome = (await world.outcomes())[before]!;
  return outcome.type === 'ViewsRecorded' ? outcome.data.metric : outcome.data.reason;
}
const retirements = async () =>
  (await world.log()).flatMap((event) => (event.type === 'ClipRetired' ? [event.data.reason] : []));

describe('a clip that is gone', () => {
  const says = (error: 'not_found' | 'private' | 'restricted_page' | 'no_items' | null) =>
    world.standIn.setFaults(error ? [{ kind: 'row', does: 'error', error }] : []);
  const start = async (platform: Platform = 'tiktok') =>
    void (world = await startFaultyWorld({ platform, batchSize: 1 }));

  it('is not retired by scrapes of one day, whatever stands between them', async () => {
    await start();
    says('not_found');
    expect(await scrape()).toBe('not_found');
    says(null);
    expect(await scrape()).toBe('playCount');
    await world.clock.sleep(HOUR_MS);
    says('not_found');
    expect(await scrape()).toBe('not_found');
    says('private');
    expect(await scrape()).toBe('private');
    expect(await retirements()).toEqual([]);
  });

  it('is not retired by scrapes with a failure of another kind between them, nor by a restriction or a block', async () => {
    await start('instagram');
    for (const error of [
      'not_found',
      'restricted_page',
      'not_found',
      'no_items',
      'not_found',
    ] as const) {
      says(error);
      await scrape();
    }
    for (const error of ['restricted_page', 'restricted_page', 'no_items', 'no_items'] as const) {
      says(error);
      await scrape();
    }
    expect(await retirements()).toEqual([]);
  });

  it('is not retired by one scrape that is answered twice, and a failure is never remembered as a count', async () => {
    await start();
    says('not_found');
    const requests = world.requestsFor([1]);
    await world.deliver(requests);
    world.restart();
    await world.deliver(requests);
    expect([await world.outcomes(), await retirements()]).toMatchObject([
      [{ type: 'ScrapeFailed' }],
      [],
    ]);
    expect([...world.state.counts]).toEqual([]);
    says(null);
    expect(await scrape()).toBe('playCount');
    expect((await world.outcomes()).map(({ data }) => 'cached' in data && data.cached)).toEqual([
      false,
      false,
    ]);
  });
});

describe('a clip keeps the view field that it began with', () => {
  const absent = (actor: string, field: string): FaultInput => ({
    kind: 'row',
    does: 'no-view',
    actor,
    field,
  });
  const start = async (faults: FaultInput[], began?: string) => {
    world = await startFaultyWorld({ platform: 'instagram', batchSize: 1, faults });
    if (began) await world.began(world.requestsFor([1])[0]!.clipId, began);
  };
  const sources = async () => (await world.outcomes()).map(({ data }) => data.source);

  it.each(['videoPlayCount', 'videoViewCount'])(
    '%s: also if another source answers',
    async (field) => {
      await start([{ kind: 'empty', actor: REELS }], field);
      expect(await scrape()).toBe(field);
      expect((await sources()).at(-1)).toBe(`apify:${POSTS}`);
    },
  );

  it.each(['videoPlayCount', 'videoViewCount'])(
    '%s: and has no count if a source has only the other',
    async (field) => {
      await start([{ kind: 'empty', actor: REELS }, absent(POSTS, field)], field);
      expect(await scrape()).toBe('no_view_field');
      world.standIn.setFaults([absent(REELS, field)]);
      expect(await scrape()).toBe('no_view_field');
      world.standIn.setFaults([]);
      expect(await scrape()).toBe(field);
    },
  );

  it('whichever it was, and though all else has forgotten it', async () => {
    await start([absent(REELS, 'videoPlayCount')]);
    expect(await scrape()).toBe('videoViewCount');
    world.standIn.setFaults([{ kind: 'empty', actor: REELS }]);
    world.state.counts.clear();
    world.restart();
    expect(await scrape()).toBe('videoViewCount');
    expect(await sources()).toEqual([`apify:${REELS}`, `apify:${POSTS}`]);
  });
});

describe('a run that does not end', () => {
  /** A source whose runs end when the test says so. */
  class Slow implements Source {
    readonly name = 'slow';
    readonly metrics = ['playCount'];
    readonly perMinute = 60;
    readonly billed = true;
    readonly under = new Map<string, () => void>();
    constructor(readonly platform: Platform) {}
    expectedCostMicroUsd = () => 0;
    maxCostMicroUsd = () => Promise.resolve(0);
    endsWithinMs = () => 60_000;
    start = (scrapes: readonly Scrape[]) =>
      Promise.resolve(scrapes.map(({ videoId }) => videoId).join(' '));
    find = (): Promise<string[]> => Promise.resolve([]);
    async collect(run: string, scrapes: readonly Scrape[]) {
      await new Promise<void>((end) => this.under.set(run, end));
      const results = scrapes.map((): ScrapeResult => ({
        kind: 'observed',
        figures: { views: 1, metric: 'playCount' },
      }));
      return { results, silent: false, status: 'succeeded' as const, costMicroUsd: 0 };
    }
  }
  const underway = async (slow: Slow, count: number) => {
    await until(`${count} runs`, () => slow.under.size >= count);
    return [...slow.under.keys()].slice(0, count);
  };

  it('holds up no other batch, and as many are under way as may be', async () => {
    const slow = new Slow('tiktok');
    world = await startFaultyWorld({ platform: 'tiktok', batchSize: 1, sources: () => [slow] });
    const scrapes = world
      .requestsFor([1, 2, 3, 4, 5, 6])
      .map((request) => ({ request, done: world.deliver([request]) }));
    const scrapeOfRun = (run: string) =>
      scrapes.find(({ request }) => request.clipId.endsWith(run))!;
    const answered = async () => (await world.outcomes()).map(({ data }) => data.requestId);
    const [first, second] = await underway(slow, 5);
    expect(slow.under.size).toBe(5);
    slow.under.get(second!)!();
    await scrapeOfRun(second!).done;
    expect(await answered()).toEqual([scrapeOfRun(second!).request.requestId]);
    // The sixth takes the place of the one that has ended.
    const sixth = (await underway(slow, 6))[5]!;
    slow.under.get(sixth)!();
    await scrapeOfRun(sixth).done;
    expect(await answered()).toEqual(
      [second!, sixth].map((run) => scrapeOfRun(run).request.requestId),
    );
    expect(await answered()).not.toContain(scrapeOfRun(first!).request.requestId);
    for (const end of slow.under.values()) end();
    await Promise.all(scrapes.map(({ done }) => done));
    expect(await answered()).toHaveLength(6);
  });
});

it('a request that is delivered again while this process has it in hand is the same scrape', async () => {
  world = await startFaultyWorld({ platform: 'tiktok', batchSize: 4 });
  const requests = world.requestsFor([1, 2]);
  expect(await Promise.all([world.deliver(requests), world.deliver(requests)])).toEqual([[1, 1], [1, 1]]); // prettier-ignore
  expect(await world.outcomes()).toHaveLength(2);
  expect((await world.batches()).map((batch) => [batch.status, batch.looks])).toEqual([
    ['succeeded', 2],
  ]);
});

it('a clip that nobody has a source for fails, and says so', async () => {
  world = await startFaultyWorld({ platform: 'tiktok', batchSize: 1, sources: () => [] });
  expect(await scrape()).toBe('source_failed');
  const said = {
    source: 'none',
    costMicroUsd: 0,
    attempts: 1,
    detail: 'no source is configured',
    retryable: true,
  };
  expect((await world.outcomes())[0]!.data).toMatchObject(said);
});
