import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ClipId } from '../events/common.js';
import { PLATFORMS, type Platform } from '../platform.js';
import { cleanLink } from './clean-link.js';
import {
  canonicalUrl,
  identifyClip,
  REFUSAL_CODES,
  videoIdFrom,
  type ClipIdentity,
} from './index.js';
import { linkPattern } from './link-pattern.js';
import { LINK_RULES } from './link-rules.js';
import { CASES } from './testing/cases.js';

function inWords(identity: ClipIdentity): string {
  if (identity.kind === 'clip') return identity.clipId;
  return identity.kind === 'short-link'
    ? `short-link ${identity.url}`
    : `refused ${identity.reason}`;
}

const all = Object.values(CASES).flat();
const show = (text: string) => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);

describe.each(Object.entries(CASES))('%s', (_, cases) => {
  it.each(cases.map(([submitted, expected]) => [show(submitted), expected, submitted]))(
    '%s is %s',
    (_shown, expected, submitted) => {
      expect(inWords(identifyClip(submitted))).toBe(expected);
    },
  );
});

describe('the table', () => {
  it('has no link twice, and a case for every refusal', () => {
    expect(new Set(all.map(([submitted]) => submitted)).size).toBe(all.length);
    const met = new Set(all.map(([, expected]) => expected));
    expect(REFUSAL_CODES.filter((code) => !met.has(`refused ${code}`))).toEqual([]);
  });

  it.each(PLATFORMS)('has a case for every row of the rules of %s', (platform) => {
    const { clips, redirects, otherPages, sameAs } = LINK_RULES[platform];
    const links = all
      .map(([submitted]) => cleanLink(submitted))
      .filter((link) => link.kind === 'link');
    const without = [...clips, ...redirects, ...Object.keys(otherPages)].filter((row) => {
      const matches = linkPattern(row, clips.includes(row));
      return !links.some(
        (link) => matches(link) ?? matches({ ...link, host: sameAs[link.host] ?? link.host }),
      );
    });
    expect(without).toEqual([]);
    expect(Object.keys(sameAs).filter((host) => !links.some((link) => link.host === host))).toEqual(
      [],
    );
  });

  it.each(PLATFORMS)(
    '%s has one canonical address a clip, which leads back to the clip',
    (platform) => {
      const ids = new Set(
        all
          .map(([, expected]) => expected)
          .filter((expected) => expected.startsWith(`${platform}-`)),
      );
      expect(ids.size).toBeGreaterThan(0);
      for (const clipId of ids) {
        const url = canonicalUrl(platform, clipId.slice(platform.length + 1));
        expect(identifyClip(url)).toEqual({
          kind: 'clip',
          platform,
          videoId: clipId.slice(platform.length + 1),
          clipId,
          url,
        });
        expect(new URL(url).href).toBe(url);
      }
    },
  );

  it('tells the sender in whole sentences what to do', () => {
    for (const [submitted] of all) {
      const identity = identifyClip(submitted);
      if (identity.kind === 'refused')
        expect(identity.message).toMatch(/^.{20,400}, such as https:\/\/\S+\.$/su);
    }
    expect(identifyClip('https://www.youtube.com/@handle')).toMatchObject({
      message:
        'This YouTube link is a channel, not a single clip. Paste the link of one video, such as https://www.youtube.com/watch?v=dQw4w9WgXcQ.',
    });
  });
});

describe('videoIdFrom', () => {
  it.each([
    ['tiktok', '7301234567890123456', '7301234567890123456'],
    ['tiktok', 'https://www.tiktok.com/@user/video/7301234567890123456', '7301234567890123456'],
    ['youtube', 'dQw4w9WgXcQ', 'dQw4w9WgXcQ'],
    ['youtube', 'https://www.youtube.com/shorts/dQw4w9WgXcQ', 'dQw4w9WgXcQ'],
    ['instagram', 'C8aBcDeFgHi', 'C8aBcDeFgHi'],
    ['instagram', '3973642730290810016', null],
    ['x', 'https://twitter.com/i/web/status/1790000000000000001', '1790000000000000001'],
    ['x', '1.79E+18', null],
    ['facebook', 'https://www.facebook.com/page/videos/1234567890123456/', '1234567890123456'],
    ['youtube', 'https://www.tiktok.com/@user/video/7301234567890123456', null],
    ['tiktok', 'https://vm.tiktok.com/ZMabc1234/', null],
    ['youtube', '', null],
  ] satisfies [Platform, string, string | null][])('%s %s: %s', (platform, urlOrId, videoId) => {
    expect(videoIdFrom(platform, urlOrId)).toBe(videoId);
  });
});

const FRAGMENTS = [
  'https://', 'http:', '//', '/', '\\', '?', '#', '@', ':', ':443', '%', '%2f', '%2e%2e', '..', '.', '&', '=', ' ', '\t', '\u200b', '\u202e', 'é', '。',
  'www.', 'm.', 'tiktok.com', 'vm.tiktok.com', 'youtube.com', 'youtu.be', 'instagram.com', 'x.com', 't.co', 'facebook.com', 'fb.watch', 'evil.io', '127.0.0.1',
  'watch', 'v=', 'shorts', 'embed', 'reel', 'p', 'status', 'video', 'videos', 'share', '@user', 'item_id=', 'dQw4w9WgXcQ', '7301234567890123456', 'C8aBcDeFgHi',
]; // prettier-ignore
const anything = fc.oneof(
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.constantFrom(...FRAGMENTS), { maxLength: 12 })
      .map((parts) => parts.join('')),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...all.map(([submitted]) => submitted)),
        fc.nat(80),
        fc.constantFrom(...FRAGMENTS),
      )
      .map(([text, at, part]) => text.slice(0, at) + part + text.slice(at)),
  },
);

describe('for any text', () => {
  it('answers, and never throws', () => {
    fc.assert(
      fc.property(anything, (text) =>
        ['clip', 'short-link', 'refused'].includes(identifyClip(text).kind),
      ),
      { numRuns: 5000 },
    );
  });

  it('gives clips that contracts accept, short links that stay what they are, and the same answer for its own address', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const identity = identifyClip(text);
        if (identity.kind === 'refused') return;
        expect(identifyClip(identity.url)).toEqual(identity);
        if (identity.kind === 'clip')
          expect(identity.clipId).toBe(ClipId.parse(`${identity.platform}-${identity.videoId}`));
      }),
      { numRuns: 5000 },
    );
  });

  it('never sees another site in a link than a browser would', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const identity = identifyClip(text);
        if (identity.kind === 'refused') return;
        const trimmed = text.replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, '');
        const seen = new URL(
          trimmed.startsWith('//')
            ? `https:${trimmed}`
            : /^https?:/iu.test(trimmed)
              ? trimmed
              : `https://${trimmed}`,
        );
        expect([seen.username, seen.password, seen.port]).toEqual(['', '', '']);
        expect(seen.hostname).toMatch(
          /^(?:(?:www|m|mobile|web)\.)?(?:(?:(?:v[mt]|lite|t)\.)?tiktok\.com|tiktokv\.com|youtu\.be|(?:(?:music|gaming|studio|consent|img|[a-z]{2})\.)?youtube\.com|i\.ytimg\.com|youtube(?:-nocookie|kids|\.googleapis)\.com|(?:l\.)?instagram\.com|instagr\.am|x\.com|(?:platform|publish)\.(?:twitter|x)\.com|twitter\.com|t\.co|(?:(?:l|mbasic|touch|lite|business|[a-z]{2}(?:-[a-z]{2})?)\.)?facebook\.com|fb\.(?:com|watch)|(?:accounts\.)?google\.com)$/u,
        );
      }),
      { numRuns: 5000 },
    );
  });
});

describe('for any clip', () => {
  /** Every way the rules know to write a clip's link. */
  const written = fc.constantFrom(...PLATFORMS).chain((platform) => {
    const { id, clips, sameAs } = LINK_RULES[platform];
    const pattern = clips.flatMap((clip) => [clip, ...Object.entries(sameAs).filter(([, as]) => clip.startsWith(`${as}/`)).map(([host, as]) => clip.replace(as, host))]); // prettier-ignore
    return fc.record({
      platform: fc.constant(platform),
      id: fc.stringMatching(id),
      pattern: fc.constantFrom(...pattern),
    });
  });
  const dressing = fc.record({
    scheme: fc.constantFrom('https://', 'http://', 'HTTPS://', '//', ''),
    prefix: fc.constantFrom('', 'www.', 'm.', 'mobile.', 'web.'),
    capitals: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
    tracking: fc.array(fc.constantFrom('utm_source=x', 'igsh=MWQ1==', 's=20', '_r=1', 'si=AbC', 'feature=share', 'ab_channel=Ünï', 'fbclid=IwAR', 'x', '%zz=%'), { maxLength: 3 }), // prettier-ignore
    first: fc.boolean(),
    slash: fc.constantFrom('', '/', '//'),
    fragment: fc.constantFrom('', '#', '#t=10', '#/@other/video/1'),
    around: fc.constantFrom('', ' ', '\n', '\u200b'),
  });

  it('no dressing changes its id: scheme, prefix, letter case of the host, tracking, trailing slash, fragment, spaces around', () => {
    fc.assert(
      fc.property(written, dressing, ({ platform, id, pattern }, d) => {
        const [place = '', parameter] = pattern.replace('/*', '').replace('{id}', id).replace('{n}', '1').replace(/\{\w+\}/gu, 'some-word').split('?'); // prettier-ignore
        const slash = place.indexOf('/') < 0 ? place.length : place.indexOf('/');
        const host = Array.from(`${d.prefix}${place.slice(0, slash)}`)
          .map((c, i) => ((d.capitals >> BigInt(i)) & 1n ? c.toUpperCase() : c))
          .join('');
        const own = parameter === undefined ? [] : [parameter];
        const query = (d.first ? [...d.tracking, ...own] : [...own, ...d.tracking]).join('&');
        const link = `${d.around}${d.scheme}${host}${place.slice(slash)}${d.slash}${query && `?${query}`}${d.fragment}${d.around}`;
        expect(identifyClip(link)).toEqual({
          kind: 'clip',
          platform,
          videoId: id,
          clipId: `${platform}-${id}`,
          url: canonicalUrl(platform, id),
        });
      }),
      { numRuns: 3000 },
    );
  });
});

const data = path.resolve(import.meta.dirname, '../../../../../shared/data/apify');
const describeWithData = existsSync(data) ? describe : describe.skip;

describeWithData('real exports [needs ../shared/data]', () => {
  type Row = Record<string, unknown>;
  const rows = (file: string) => JSON.parse(readFileSync(path.join(data, file), 'utf8')) as Row[];
  it.each([
    [
      'youtube',
      ['youtube-2025-09.json', 'youtube-2025-10.json', 'youtube-2025-12.json'],
      'url',
      'id',
    ],
    [
      'instagram',
      [
        'instagram-2026-05-25-a.json',
        'instagram-2026-05-25-b.json',
        'instagram-2026-06-29-a.json',
        'instagram-2026-06-29-b.json',
      ],
      'url',
      'shortCode',
    ],
    ['x', ['x-2025-11.json'], 'url', 'id'],
    ['x', ['x-2025-11.json'], 'twitterUrl', 'id'],
    ['tiktok', ['tiktok-2024-09.json', 'tiktok-by-url.json'], 'webVideoUrl', 'id'],
  ] satisfies [Platform, string[], string, string][])(
    '%s: every row of %j is recognised by its %s',
    (platform, files, urlField, idField) => {
      const complete = files
        .flatMap(rows)
        .filter(
          (row) =>
            typeof row[urlField] === 'string' &&
            row[idField] !== undefined &&
            row['error'] === undefined,
        );
      expect(complete.length).toBeGreaterThan(0);
      const wrong = complete.filter(
        (row) =>
          videoIdFrom(platform, String(row[urlField])) !== row[idField] ||
          videoIdFrom(platform, String(row[idField])) !== row[idField],
      );
      expect(wrong.map((row) => [row[urlField], row[idField]])).toEqual([]);
    },
  );

  it('facebook: reels and videos are recognised, photos and posts are not', () => {
    const links =
      readFileSync(path.join(data, 'facebook-2024-09.csv'), 'utf8').match(
        /https:\/\/www\.facebook\.com\/[^,"\s]+/gu,
      ) ?? [];
    const of = (kind: RegExp) => links.filter((link) => kind.test(link));
    expect(of(/\/(?:reel|videos)\/\d+\/$/u).length).toBeGreaterThan(50);
    for (const link of of(/\/(?:reel|videos)\/\d+\/$/u))
      expect(videoIdFrom('facebook', link)).toBe(/(\d+)\/$/u.exec(link)![1]);
    for (const link of of(/\/(?:photo|posts|groups)\//u))
      expect(inWords(identifyClip(link))).toBe('refused not_a_clip');
  });
});
