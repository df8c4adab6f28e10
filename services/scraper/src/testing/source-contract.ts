import { identifyClip, type Platform } from '@cliptally/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Scrape } from '../domain/scrape.js';
import { SourceFault, type Source } from '../sources/source.js';
import type { FirstReads } from '../sources/x-api.js';
import { ADDRESSES } from './addresses.js';
import { MapScrapeState } from '../scrape-state/map-scrape-state.js';
import { startFaultyWorld } from './faulty-world.js';
import { startHttpApi, type Answers, type Asked } from './http-api.js';

/** How the contract opens a source of one call, and what a healthy server answers it. */
export interface SourceCase {
  name: string;
  platform: Platform;
  open: (access: { url: string; secret: string; firstReads: FirstReads }) => Source;
  /** The views of a clip by its id; null if it is gone. */
  answer: (asked: Asked, viewsOf: (videoId: string) => number | null) => unknown;
}

const SECRET = 'secret-of-the-contract';
/** Every third clip is gone. */
const viewsOf = (videoId: string): number | null =>
  Number(videoId.at(-1)) % 3 === 0 ? null : Number(videoId.at(-1)) * 10;

/** What the scraper relies on, of every source that answers in the call itself. */
export function describeSource({ name, platform, open, answer }: SourceCase): void {
  describe(`the contract of a source: ${name}`, () => {
    const closers: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const close of closers.splice(0)) await close();
    });

    async function server(
      give: (asked: Asked) => Answers = (asked) => ({ body: answer(asked, viewsOf) }),
    ) {
      const api = await startHttpApi(give);
      closers.push(() => api.close());
      return api;
    }
    function sourceAt(url: string): Source {
      const memory = new MapScrapeState();
      return open({ url, secret: SECRET, firstReads: (day, ids) => memory.firstOfDay(day, ids) });
    }
    const videoIds = [1, 2, 3, 4].map((n) => {
      const clip = identifyClip(ADDRESSES[platform](n));
      if (clip.kind !== 'clip') throw new Error(`${ADDRESSES[platform](n)} is no clip`);
      return clip.videoId;
    });
    const collect = (source: Source, ids = videoIds) =>
      source.collect(
        source.name,
        ids.map((videoId) => ({ videoId, metric: null, request: {} }) as Scrape),
        new AbortController().signal,
      );

    it('gives one result a scrape request, in their order, also for one clip that is asked for twice', async () => {
      const source = sourceAt((await server()).url);
      const { results, silent, status } = await collect(source, [...videoIds, videoIds[0]!]);
      expect({ silent, status }).toEqual({ silent: false, status: 'succeeded' });
      expect(
        results.map((result) =>
          result.kind === 'observed' ? result.figures.views : result.reason,
        ),
      ).toEqual([...videoIds, videoIds[0]!].map((id) => viewsOf(id) ?? 'not_found'));
    });

    it('names the field that it reads, which a clip keeps', async () => {
      const source = sourceAt((await server()).url);
      const { results } = await collect(source);
      for (const result of results)
        if (result.kind === 'observed') expect(source.metrics).toContain(result.figures.metric);
    });

    it('costs whole millionths of a dollar, and never more than its bound', async () => {
      const source = sourceAt((await server()).url);
      for (const ids of [videoIds.slice(0, 1), videoIds]) {
        const { costMicroUsd } = await collect(source, ids);
        expect(Number.isSafeInteger(costMicroUsd) && costMicroUsd >= 0).toBe(true);
        expect(costMicroUsd).toBeLessThanOrEqual(await source.maxCostMicroUsd(ids.length));
      }
    });

    it('sends its secret in a header, as addresses end up in logs', async () => {
      const api = await server();
      await collect(sourceAt(api.url));
      expect(api.asked.map(({ headers }) => JSON.stringify(headers).includes(SECRET))).toEqual([
        true,
      ]);
      expect(api.asked.filter(({ url }) => url.href.includes(SECRET))).toEqual([]);
    });

    it.each<[string, () => Answers]>([
      ['is away', () => ({ status: 503, body: {} })],
      ['refuses the secret', () => ({ status: 401, body: {} })],
      ['breaks the connection', () => 'reset'],
      ['sends half of an answer', () => ({ body: '{"' })],
      ['sends another answer', () => ({ body: {} })],
      ['sends no object', () => ({ body: 'null' })],
    ])('says by a SourceFault that the API %s, and nothing of any clip', async (_, give) => {
      const source = sourceAt((await server(give)).url);
      await expect(collect(source)).rejects.toBeInstanceOf(SourceFault);
    });

    it('has one outcome for each scrape request, at a cost that adds up to the batch', async () => {
      const { url } = await server();
      const world = await startFaultyWorld({ platform, sources: () => [sourceAt(url)] });
      closers.unshift(() => world.close());
      await world.deliver(world.requestsFor([1, 2, 3, 4]));
      const outcomes = await world.outcomes();
      expect(outcomes.map(({ data }) => data.source)).toEqual(
        videoIds.map(() => sourceAt(url).name),
      );
      const said = new Map(
        outcomes.map(({ type, data }) => [
          data.clipId,
          type === 'ViewsRecorded' ? data.views : data.reason,
        ]),
      );
      expect(said).toEqual(
        new Map(videoIds.map((id) => [`${platform}-${id}`, viewsOf(id) ?? 'not_found'])),
      );
      const [batch] = await world.batches();
      expect(outcomes.reduce((sum, { data }) => sum + data.costMicroUsd, 0)).toBe(
        batch!.costMicroUsd,
      );
    });
  });
}
