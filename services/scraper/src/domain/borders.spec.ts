import { EVENTS } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ACTORS } from './actors.js';
import { billOf } from './bill.js';
import { seenPost } from './post.js';
import { postIn } from './post-in-row.js';
import { at, readRow } from './row.js';

const scrape = (platform: string) => ({
  clipId: `${platform}-7`,
  platform,
  requestId: '00000000-0000-4000-8000-000000000001',
  runId: 'r',
  source: 's',
  costMicroUsd: 0,
});
const tiktok = ACTORS.find(({ platform }) => platform === 'tiktok')!;

/** The event that a row becomes; throws if it can become none. */
function eventDataOf(row: Record<string, unknown>, actor = tiktok): unknown {
  const reading = readRow(row, actor, null);
  if ('figures' in reading) {
    const inRow = postIn((path) => at(row, path), actor);
    const seen = seenPost({ account: true, text: ['#ad'] }, inRow, null);
    const post = EVENTS.ClipPostSeen.schema.parse({ ...scrape(actor.platform), ...seen });
    const data = EVENTS.ViewsRecorded.schema.parse({
      ...scrape(actor.platform),
      ...reading.figures,
      observedAt: '2026-01-01T00:00:00.000Z',
      cached: false,
    });
    return { ...data, author: post.account?.handle };
  }
  const { class: reason, detail } = reading;
  return EVENTS.ScrapeFailed.schema.parse({
    ...scrape(actor.platform),
    reason,
    detail,
    retryable: true,
    attempts: 1,
  });
}

describe('what a source may say of a clip', () => {
  const counted = { id: '7', playCount: 5 };
  it.each([
    [
      'half a surrogate pair in a name',
      { ...counted, authorMeta: { name: 'ann\ud83d' } },
      { author: 'ann\ufffd' },
    ],
    ['U+0000 in a name', { ...counted, authorMeta: { name: 'a\0n' } }, { author: 'a\ufffdn' }],
    [
      'a name whose 200th place is in the middle of a character',
      { ...counted, authorMeta: { name: `${'x'.repeat(199)}💥` } },
      { author: 'x'.repeat(199) },
    ],
    ['a date far away', { ...counted, createTimeISO: '+275760-09-13T00:00:00.000Z' }, { views: 5 }],
    ['a date before dates', { ...counted, createTimeISO: '0000-01-01T00:00:00Z' }, { views: 5 }],
    [
      'an error that cuts a character in two',
      { error: `${'x'.repeat(199)}💥` },
      { reason: 'blocked', detail: 'x'.repeat(199) },
    ],
    [
      'an error with half a surrogate pair',
      { error: '\udc00' },
      { reason: 'blocked', detail: '\ufffd' },
    ],
    [
      "an error by a name of JavaScript's own",
      { error: 'constructor' },
      { reason: 'blocked', detail: 'constructor' },
    ],
  ])('%s: the row is cleaned and becomes its event', (_, row, expected) => {
    const data = eventDataOf(row);
    expect(data).toMatchObject(expected);
    if (JSON.stringify(row).includes('createTimeISO')) expect(data).not.toHaveProperty('postedAt');
  });

  it('any row of any actor becomes an event', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
      fc.constantFrom('constructor', '__proto__', 'not_found'),
    );
    const value = fc.oneof(
      text,
      fc.double(),
      fc.maxSafeNat(),
      fc.date().map(String),
      fc.constantFrom(null, true, [], 1e308, -1),
      fc.dictionary(text, text),
    );
    const names = [
      ...new Set(
        ACTORS.flatMap((actor) => [
          ...actor.viewFields,
          ...actor.likes,
          ...actor.comments,
          ...actor.shares,
          actor.postedAt,
          ...actor.author,
          ...actor.followers,
          ...actor.authorId,
          ...actor.bio,
          ...actor.caption,
          'error',
          'errorCode',
        ]),
      ),
    ];
    const nested = (row: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(row).map(([path, inner]) => {
          const [first, ...rest] = path.split('.');
          return [first!, rest.reduceRight<unknown>((made, name) => ({ [name]: made }), inner)];
        }),
      );
    fc.assert(
      fc.property(
        fc.constantFrom(...ACTORS),
        fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }),
        (actor, row) => {
          expect(eventDataOf(nested(row), actor)).toBeInstanceOf(Object);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['no number', { usageTotalUsd: NaN }],
    ['less than nothing', { usageTotalUsd: -1 }],
    ['more than can be counted', { usageTotalUsd: 1e300 }],
    ['charges of less than nothing', { chargedEventCounts: { start: -1e9 } }],
    ['charges that cannot be counted', { chargedEventCounts: { result: 1e308 } }],
  ])('a bill of %s is none, and the price list stands in', (_, run) => {
    expect(billOf(run, 2, { startMicroUsd: 10, resultMicroUsd: 100 })).toBe(210);
  });
});
