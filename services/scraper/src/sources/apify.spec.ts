import { ManualClock } from '@cliptally/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ApifyClient } from 'apify-client';
import { ACTORS } from '../domain/actors.js';
import type { Scrape } from '../domain/scrape.js';
import { classify, mayHaveStarted } from '../domain/faults.js';
import { startHttpApi, type Answers } from '../testing/http-api.js';
import { findRuns } from './apify-runs.js';
import { ApifySource, runTimeout } from './apify.js';
import { TOO_LATE } from './deadline-transport.js';

let close = () => Promise.resolve();
afterEach(() => close());

const scrapesOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ request: { url: `https://a/${n}` } }) as Scrape);

/** The actor for TikTok, with an API that says `pricing` of it. */
async function start(pricing: () => Answers) {
  const clock = new ManualClock('2026-05-10T00:00:00Z');
  const api = await startHttpApi(({ url }) =>
    url.pathname.endsWith('/runs') ? { status: 201, body: { data: { id: 'run' } } } : pricing(),
  );
  close = api.close;
  const source = new ApifySource(ACTORS[0]!, { token: 't', baseUrl: api.url, clock });
  const started = async (scrapes: number) => {
    const cost = await source.maxCostMicroUsd(scrapes);
    await source.start(scrapesOf(scrapes), () => true);
    const { searchParams } = api.asked.at(-1)!.url;
    expect(Number(searchParams.get('maxTotalChargeUsd'))).toBe(cost / 1e6);
    return { timeout: Number(searchParams.get('timeout')), cap: cost / 1e6 };
  };
  return { clock, api, source, started };
}
const says = (...pricingInfos: object[]) => ({ body: { data: { id: 'a', pricingInfos } } });
const minimum = (usd: number, startedAt = '2026-01-01T00:00:00.000Z') => ({
  pricingModel: 'PAY_PER_EVENT',
  startedAt,
  minimalMaxTotalChargeUsd: usd,
});

describe('a run of an actor', () => {
  it('has a minute for one scrape, some seconds for each more, and seven minutes at most', () => {
    expect([1, 2, 20, 50, 61, 62, 1_000].map(runTimeout)).toEqual([
      60, 66, 174, 354, 420, 420, 420,
    ]);
  });

  it('may cost twice what it should, and at least what the actor takes for a cap', async () => {
    const { started } = await start(() => says(minimum(0.05)));
    expect(await started(1)).toEqual({ timeout: 60, cap: 0.05 });
    expect(await started(50)).toEqual({ timeout: 354, cap: 0.371 });
  });

  it('goes by the price in force, asked once a day, and by the configuration if there is no such word', async () => {
    let pricing: Answers = says(
      minimum(0.02),
      minimum(0.5, '2026-05-01T00:00:00.000Z'),
      minimum(9, '2026-06-01T00:00:00.000Z'),
    );
    const { clock, api, started } = await start(() => pricing);
    expect((await started(1)).cap).toBe(0.5);
    expect((await started(1)).cap).toBe(0.5);
    expect(api.asked.filter(({ url }) => !url.pathname.endsWith('/runs'))).toHaveLength(1);
    clock.advance(31 * 86_400_000);
    expect((await started(1)).cap).toBe(9);
    pricing = { status: 404, body: { error: { type: 'record-not-found', message: 'gone' } } };
    clock.advance(86_400_000);
    expect((await started(1)).cap).toBe(9);
    for (const other of [
      says(),
      says({ pricingModel: 'FREE', startedAt: '2026-01-01T00:00:00.000Z' }),
      { body: { data: { id: 'a' } } },
    ]) {
      pricing = other;
      clock.advance(86_400_000);
      expect((await started(1)).cap).toBe(0.01);
    }
  });
});

describe('a start that would come too late', () => {
  it('is not sent: neither over a new connection nor over one that is open', async () => {
    const { api, source } = await start(() => says());
    const starts = () => api.asked.filter(({ url }) => url.pathname.endsWith('/runs')).length;
    const late = { fault: { code: TOO_LATE } };
    await expect(source.start(scrapesOf(1), () => false)).rejects.toMatchObject(late);
    expect(starts()).toBe(0);
    expect(await source.start(scrapesOf(1), () => true)).toBe('run');
    await expect(source.start(scrapesOf(1), () => false)).rejects.toMatchObject(late);
    const both = await Promise.allSettled([
      source.start(scrapesOf(1), () => false),
      source.start(scrapesOf(1), () => true),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(starts()).toBe(2);
    expect([classify({ code: TOO_LATE }), mayHaveStarted({ code: TOO_LATE })]).toEqual([
      'transient',
      false,
    ]);
  });
});

describe('a run whose name was lost', () => {
  const sent = { postURLs: ['https://a/0', 'https://a/1'], resultsPerPage: 1, shouldDownloadVideos: false, shouldDownloadCovers: false, shouldDownloadSubtitles: false }; // prettier-ignore

  it('is one of those with what was given, whatever Apify has filled in, oldest first', async () => {
    const inputs: Record<string, unknown> = {
      other: { ...sent, postURLs: ['https://a/0'] },
      turned: { ...sent, postURLs: sent.postURLs.toReversed() },
      half: { postURLs: sent.postURLs },
      none: null,
    };
    const api = await startHttpApi(({ url }) => {
      const id = /actor-runs\/(\w+)\//.exec(url.pathname)?.[1];
      return {
        body: id
          ? inputs[id]
          : { data: { items: Object.keys(inputs).map((name) => ({ id: name })) } },
      };
    });
    close = api.close;
    const source = new ApifySource(ACTORS[0]!, {
      token: 't',
      baseUrl: api.url,
      clock: new ManualClock('2026-05-10T00:00:00Z'),
    });
    const dates = ['2026-05-10T00:00:00Z', '2026-05-10T00:01:00Z'].map((at) => new Date(at)) as [Date, Date]; // prettier-ignore
    expect(await source.find(scrapesOf(2), ...dates)).toEqual([]);
    const { searchParams } = api.asked[0]!.url;
    expect(searchParams.get('startedAfter')).toBe('2026-05-09T23:58:00.000Z');
    expect(searchParams.get('startedBefore')).toBe('2026-05-10T00:03:00.000Z');
    inputs['older'] = sent;
    inputs['found'] = { proxy: { useApifyProxy: true }, ...sent };
    expect(await source.find(scrapesOf(2), ...dates)).toEqual(['older', 'found']);
  });

  it('is found behind a thousand others: Apify lists no more at once', async () => {
    const names = Array.from({ length: 2_500 }, (_, n) => `run${n}`);
    const list = async ({ offset, limit }: { offset: number; limit: number }) => ({
      items: names.slice(offset, offset + limit).map((id) => ({ id })),
    });
    const inputOf = (id: string) => async () => ({ value: { of: id } });
    const client = {
      actor: () => ({ runs: () => ({ list }) }),
      run: (id: string) => ({ keyValueStore: () => ({ getRecord: inputOf(id) }) }),
    } as unknown as ApifyClient;
    const now = new Date('2026-05-10T00:00:00Z');
    const clock = new ManualClock(now);
    expect(await findRuns(client, clock, 'actor', { of: 'run2400' }, now, now)).toEqual(['run2400']); // prettier-ignore
  });
});
