import { systemClock, type Platform } from '@cliptally/contracts';
import { silentLog } from '@cliptally/messaging';
import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputOf } from '../domain/actors.js';
import { readRow } from '../domain/row.js';
import { startFaultyWorld } from '../testing/faulty-world.js';
import { ApifySource } from './apify.js';
import { DEFAULT_SOURCES, openSources, readSources, type SourceSettings } from './configuration.js';

const folder = mkdtempSync(join(tmpdir(), 'cliptally-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'sources.json');
const read = (json: unknown) => {
  writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json));
  return readSources(file);
};
function settings(json: unknown): SourceSettings {
  const result = read(json);
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.sources;
}
const KEYS = {
  clock: systemClock,
  firstReads: () => Promise.resolve([]),
  apify: { token: 'test' },
  youtubeApiKey: 'key',
  xBearerToken: 'token',
};
const names = (platform: Platform, given: SourceSettings, keys: object = {}) =>
  openSources(platform, given, { ...KEYS, ...keys }).map(({ name }) => name);
const actorIn = (given: SourceSettings, platform: Platform, i = 0) => {
  const source = openSources(platform, given, KEYS)[i];
  if (!(source instanceof ApifySource)) throw new Error(`${source?.name} is no actor`);
  return source;
};
const TIKTOK = 'clockworks/tiktok-scraper';

describe('sources without a file', () => {
  it('are asked in order of price', () => {
    expect(
      Object.fromEntries(
        Object.keys(DEFAULT_SOURCES).map((p) => [p, names(p as Platform, DEFAULT_SOURCES)]),
      ),
    ).toEqual({
      tiktok: ['apify:clockworks/tiktok-scraper'],
      youtube: ['youtube-data-api', 'apify:streamers/youtube-scraper'],
      instagram: ['apify:apify/instagram-reel-scraper', 'apify:apify/instagram-scraper'],
      x: ['apify:apidojo/tweet-scraper', 'x-api'],
      facebook: ['apify:apify/facebook-posts-scraper'],
    });
  });
  it('are those that there is a key for', () => {
    expect(names('youtube', DEFAULT_SOURCES, { youtubeApiKey: undefined })).toEqual([
      'apify:streamers/youtube-scraper',
    ]);
    expect(names('youtube', DEFAULT_SOURCES, { apify: undefined })).toEqual(['youtube-data-api']);
    expect(names('tiktok', DEFAULT_SOURCES, { apify: undefined })).toEqual([]);
  });
});

describe('SOURCES_FILE', () => {
  it('changes the order of a platform, and leaves the others', () => {
    const given = settings({
      x: [
        { kind: 'x-api', postMicroUsd: 4_000 },
        { kind: 'apify', id: 'apidojo/tweet-scraper' },
      ],
    });
    expect(names('x', given)).toEqual(['x-api', 'apify:apidojo/tweet-scraper']);
    expect(openSources('x', given, KEYS)[0]!.expectedCostMicroUsd(10)).toBe(40_000);
    expect({ ...given, x: null }).toEqual({ ...DEFAULT_SOURCES, x: null });
  });

  it('changes prices, the least cap, the rate and the input of an actor, and keeps what it does not name', () => {
    const given = settings({
      tiktok: [
        { kind: 'apify', id: TIKTOK, startMicroUsd: 5_000, resultMicroUsd: 1_000, minimumMicroUsd: 500_000, perMinute: 7, input: { proxy: 'EU' } },
      ],
    }); // prettier-ignore
    const source = actorIn(given, 'tiktok');
    expect(source.expectedCostMicroUsd(10)).toBe(15_000);
    expect(source.actor.minimumMicroUsd).toBe(500_000);
    expect(source.perMinute).toBe(7);
    expect(inputOf(source.actor, ['https://a'])).toEqual({ postURLs: ['https://a'], proxy: 'EU' });
    expect(source.actor.viewFields).toEqual(['playCount']);
  });

  it('changes the fields that are read', () => {
    const given = settings({
      tiktok: [
        {
          kind: 'apify',
          id: TIKTOK,
          viewFields: ['stats.plays', 'plays'],
          likes: ['hearts'],
          rounding: [],
        },
      ],
    });
    const { actor, metrics } = actorIn(given, 'tiktok');
    expect(metrics).toEqual(['stats.plays', 'plays']);
    expect(readRow({ plays: 123_456, hearts: 9, playCount: 1 }, actor, null)).toEqual({
      class: 'ok',
      figures: { views: 123_456, metric: 'plays', likes: 9 },
    });
  });

  it('takes another actor that is given whole', () => {
    const { id: _, platform: __, ...fields } = actorIn(DEFAULT_SOURCES, 'tiktok').actor;
    const given = settings({
      tiktok: [
        { kind: 'apify', id: 'other/actor', ...fields, urls: { field: 'links', as: 'objects' } },
      ],
    });
    expect(names('tiktok', given)).toEqual(['apify:other/actor']);
    expect(inputOf(actorIn(given, 'tiktok').actor, ['https://a'])).toMatchObject({
      links: [{ url: 'https://a' }],
    });
  });

  const tiktok = (more: object) => ({ tiktok: [{ kind: 'apify', id: TIKTOK, ...more }] });
  it.each<[string, unknown, RegExp]>([
    ['that is no JSON', '{', /cannot be read as JSON \(.+\): mend the file, or unset SOURCES_FILE\.$/],
    ['that is no object', [], /, the whole: must be an object with sources by platform\.$/],
    ['of an unknown platform', { twitter: [] }, /, the whole: there is no platform "twitter", but tiktok, youtube, instagram, x, facebook\.$/],
    ['without a source', { x: [] }, /, x: must be a list of sources, of one at least; leave the platform out to keep its standard ones\.$/],
    ['of an unknown kind', { x: [{ kind: 'apfy' }] }, /, x\.0\.kind: must be "apify", "youtube-data-api" or "x-api"\.$/],
    ['of another platform', { x: [{ kind: 'youtube-data-api' }] }, /, x\.0\.kind: "youtube-data-api" gives counts of youtube only\.$/],
    ['with an unknown field', tiktok({ viewField: ['a'] }), /, tiktok\.0: there is no "viewField"; a source has kind, and id, urls, input, viewFields, .+\.$/],
    ['with one field for many', tiktok({ viewFields: 'playCount' }), /, tiktok\.0\.viewFields: must be a list of names of fields, for example \["playCount"\]\.$/],
    ['with a price in dollars', tiktok({ resultMicroUsd: 0.0037 }), /, tiktok\.0\.resultMicroUsd: must be a whole number from 0 up; money is in millionths of a US dollar, so 3700 stands for \$0\.0037\.$/],
    ['with a rate of none', tiktok({ perMinute: 0 }), /, tiktok\.0\.perMinute: must be a number above 0\.$/],
    ['with half an actor', { x: [{ kind: 'apify', id: 'a/b', startMicroUsd: 0 }] }, /, x\.0: the actor "a\/b" is not known here, so urls, input, .+ must be given as well\.$/],
  ])('%s is refused with one sentence that names the field and the way out', (_, json, sentence) => {
    expect(read(json)).toEqual({ faults: [expect.stringMatching(sentence)] });
    expect((read(json) as { faults: string[] }).faults[0]).toMatch(/^SOURCES_FILE .+sources\.json/);
  }); // prettier-ignore

  it('names every fault at once, and a file that is not there', () => {
    const { faults } = read({
      tiktok: [{ kind: 'apify', id: TIKTOK, perMinute: 'many', likes: 3 }],
      x: {},
    }) as { faults: string[] };
    const fields = faults.map((fault) => /, ([\w.]+):/.exec(fault)?.[1]);
    expect(new Set(fields)).toEqual(new Set(['tiktok.0.likes', 'tiktok.0.perMinute', 'x']));
    expect(readSources(join(folder, 'none.json'))).toEqual({
      faults: [expect.stringMatching(/ENOENT.+: mend the file, or unset/)],
    });
  });
});

describe('A16: fields of objects in SOURCES_FILE', () => {
  const given = {
    kind: 'apify',
    id: TIKTOK,
    viewFields: ['stats.playCount'],
    likes: ['stats.diggCount'],
    shares: ['stats.shared'],
  };

  it('are read from what the actor brings, and one that is never there is reported', async () => {
    const warned: object[] = [];
    const log = { ...silentLog, warn: (fields: object) => void warned.push(fields) };
    const world = await startFaultyWorld({
      platform: 'tiktok',
      batchSize: 20,
      faults: [{ kind: 'row', does: 'nested' }],
      sources: (access) => openSources('tiktok', settings({ tiktok: [given] }), { ...access, log }),
    });
    try {
      const requests = world.requestsFor(Array.from({ length: 20 }, (_, n) => n));
      await world.deliver(requests);
      const seen = (await world.log()).flatMap((e) => (e.type === 'ViewsRecorded' ? [e.data] : []));
      expect(seen).toHaveLength(20);
      for (const { views, metric, likes } of seen)
        expect([views > 0, metric, typeof likes]).toEqual([true, 'stats.playCount', 'number']);
      expect(warned).toEqual([{ source: `apify:${TIKTOK}`, fields: ['stats.shared'] }]);
    } finally {
      await world.close();
    }
  });
});
