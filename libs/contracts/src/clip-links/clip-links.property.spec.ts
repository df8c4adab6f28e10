import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PLATFORMS, type Platform } from '../platform.js';
import { canonicalUrl, identifyClip } from './index.js';
import { LINK_RULES, WRAPPERS } from './link-rules.js';

const CLUTTER = ['/', '?', '#', '@', '%2f', '..', '&', '=', '?v=dQw4w9WgXcQ', '&item_id=7301234567890123456', 'x.com/', 'youtu.be/', 'https://', 'evil.io', 'C8aBcDeFgHi']; // prettier-ignore

/** Every way the rules know to write a clip's link, with what may stand behind its id. */
const clipLinks = fc.constantFrom(...PLATFORMS).chain((platform) => {
  const { id, clips, sameAs } = LINK_RULES[platform];
  const rows = clips.flatMap((clip) => [clip, ...Object.entries(sameAs).filter(([, as]) => clip.startsWith(`${as}/`)).map(([host, as]) => clip.replace(as, host))]); // prettier-ignore
  return fc.record({
    platform: fc.constant(platform),
    row: fc.constantFrom(...rows),
    // An X post's second id differs from a picture's number by its length.
    ids: fc.uniqueArray(fc.stringMatching(platform === 'x' ? /^[1-9]\d{3,18}$/ : id), {
      minLength: 2,
      maxLength: 2,
    }),
    tail: fc.constantFrom('', '/embed', '/embed/captioned', '/comments/'),
  });
});
const written = (row: string, id: string, tail = '') => {
  const [place = '', parameter] = row.replace('/*', '/page').replaceAll('{id}', id).replaceAll('{n}', '1').replace(/\{\w+\}/gu, 'some-word').split('?'); // prettier-ignore
  return parameter === undefined ? `https://${place}${tail}` : `https://${place}?${parameter}`;
};
const unescaped = (text: string) =>
  text.replace(/%([\da-f]{2})/giu, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
const wrapper = fc.constantFrom(...WRAPPERS);
const carrying = (row: string, link: string) => {
  const [place = '', name = ''] = row.replace('/*', '/page').replaceAll('{n}', '1').split('?');
  return `https://${place}?${name}=${encodeURIComponent(link)}`;
};

/** They have an id where a clip's link has one. */
const OTHER_PAGES =
  /^https:\/\/(?:youtube\.com\/+(?:source|hashtag)\/|tiktok\.com\/@[^/?#]+\/live(?:[/?#]|$))/u;

describe('B: for any clip in any shape', () => {
  const words = (platform: Platform, id: string) => LINK_RULES[platform].words?.includes(id);

  it('what follows the id, and what carries the link, changes nothing', () => {
    fc.assert(
      fc.property(clipLinks, wrapper, ({ platform, row, ids: [id = ''], tail }, page) => {
        fc.pre(!words(platform, id));
        const clip = { kind: 'clip', platform, videoId: id, clipId: `${platform}-${id}` };
        const link = written(row, id, tail);
        expect(identifyClip(link)).toMatchObject(clip);
        expect(identifyClip(carrying(page, link))).toMatchObject(clip);
        expect(identifyClip(carrying(page, carrying(page, link)))).toMatchObject(clip);
      }),
      { numRuns: 5000 },
    );
  });

  it('two ids in one link are refused, wherever the second one stands', () => {
    const second = fc.constantFrom('behind', 'twice', 'in a parameter', 'beside a wrapped link');
    fc.assert(
      fc.property(clipLinks, wrapper, second, ({ platform, row, ids }, page, where) => {
        const [id = '', other = ''] = ids;
        fc.pre(!words(platform, id) && !words(platform, other));
        const link = written(row, id);
        const [, name] = /\?(\w+)=/.exec(row) ?? [];
        const further = encodeURIComponent(canonicalUrl(platform, other));
        const also = (to: string, what: string) => `${to}${to.includes('?') ? '&' : '?'}${what}`;
        const both = {
          behind: name ? also(link, `${name}=${other}`) : `${link}/${other}`,
          twice: name ? also(link, `${name}=${other}`) : `${link}/x/${other}/`,
          'in a parameter': also(link, `ref=${further}`),
          'beside a wrapped link': also(carrying(page, link), `ref=${further}`),
        }[where];
        expect(identifyClip(both).kind).toBe('refused');
      }),
      { numRuns: 5000 },
    );
  });

  it('never names an id that does not stand whole in the link, nor one of another page', () => {
    const mixed = fc
      .tuple(
        clipLinks,
        wrapper,
        fc.array(
          fc.constantFrom(...CLUTTER, 'source/', '/live', 'redirect', '&amp;', '&v=', 'u='),
          { maxLength: 3 },
        ),
        fc.nat(60),
      ) // prettier-ignore
      .map(([{ row, ids, tail }, page, parts, at]) => {
        const link = written(row, ids[0]!, tail);
        const broken = link.slice(0, 8 + at) + parts.join('') + link.slice(8 + at);
        return at % 3 === 0 ? carrying(page, broken) : broken;
      });
    fc.assert(
      fc.property(mixed, (text) => {
        const identity = identifyClip(text);
        if (identity.kind !== 'clip') return;
        const whole = unescaped(unescaped(unescaped(text)));
        expect(whole.split(/[^A-Za-z0-9_-]/u)).toContain(identity.videoId);
        expect(text).not.toMatch(OTHER_PAGES);
      }),
      { numRuns: 5000 },
    );
  });
});
