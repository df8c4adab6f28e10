import { CampaignTerms, PLATFORMS } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { endAtPace, paidFor, termsInWords, viewsInBudget } from './terms-in-words.js';

const NOW = new Date('2026-03-01T00:00:00Z');
const terms = (more: object = {}) =>
  CampaignTerms.parse({
    currency: 'USD',
    budget: 1_000_000,
    ratePerThousand: { default: 200 },
    startsAt: '2026-01-01T00:00:00Z',
    ...more,
  });

describe('terms in words', () => {
  it('say what a short set of terms promises, and no more', () => {
    expect(termsInWords(terms({ oldPosts: 'first_observation', reviewHours: 48 }), NOW)).toEqual([
      'The campaign pays at most 10,000.00 USD in all; a brand can add to it later.',
      'It pays 2.00 USD for a thousand views.',
      'Views count for 30 days from the approval of a clip.',
      'All views of a clip count; if it was posted before the campaign, only those after its first scrape.',
      'A clip that nobody reviews is decided on by itself after 48 hours, and a clip with 60 of 100 points for oddness is held before it is paid.',
      'A clip in this campaign earns in no other.',
      'What was earned can be paid out after 3 days.',
    ]);
  });

  it('say each term that is set', () => {
    const said = termsInWords(
      terms({
        currency: 'JPY',
        ratePerThousand: { default: 120, youtube: 150, x: 120, tiktok: 90 },
        flatFee: 500,
        milestones: [{ views: 100_000, bonus: 2_500 }],
        minViews: 1_000,
        maxPayoutPerClip: 75_000,
        maxPayoutPerCreator: 150_000,
        startsAt: '2026-04-01T00:00:00Z',
        endsAt: '2026-06-01T00:00:00Z',
        trackingDays: 1,
        countFrom: 'approval',
        platforms: ['tiktok', 'youtube', 'x'],
        exclusive: false,
        validationDays: 0,
        minPayout: 1_000,
        anomalyThreshold: null,
      }),
      NOW,
    );
    expect(said).toEqual([
      'The campaign pays at most 1,000,000 JPY in all; a brand can add to it later.',
      'It pays 120 JPY for a thousand views; 90 JPY on tiktok and 150 JPY on youtube.',
      'Each approved clip gets 500 JPY once it was seen.',
      'At 100,000 views a clip gets 2,500 JPY more, once.',
      'Below 1,000 views a clip earns nothing by its views; from there on, for all of them.',
      'A clip earns at most 75,000 JPY.',
      'A creator earns at most 150,000 JPY by all its clips.',
      'Views count for a day from the approval of a clip, not before 2026-04-01T00:00Z, and at most until 2026-06-01T00:00Z.',
      'Only views after the approval count: those of the first scrape after it are taken off.',
      'Each clip waits until somebody reviews it, and no clip is held for being odd.',
      'Clips of other platforms than tiktok, youtube and x are refused.',
      'What was earned can be paid out at once, from 1,000 JPY on.',
    ]);
  });

  it('show what limits an amount', () => {
    const pays = paidFor(
      terms({ budget: 30_000, minViews: 5_000, maxPayoutPerClip: 18_000, ratePerThousand: { default: 200, x: 1 } }),
    ); // prettier-ignore
    expect(pays).toEqual([
      { views: 1_000, platforms: ['tiktok', 'youtube', 'instagram', 'facebook'], rate: 200, amount: 0, limitedBy: 'min_views' },
      { views: 100_000, platforms: ['tiktok', 'youtube', 'instagram', 'facebook'], rate: 200, amount: 18_000, limitedBy: 'cap' },
      { views: 1_000_000, platforms: ['tiktok', 'youtube', 'instagram', 'facebook'], rate: 200, amount: 18_000, limitedBy: 'cap' },
      { views: 1_000, platforms: ['x'], rate: 1, amount: 0, limitedBy: 'min_views' },
      { views: 100_000, platforms: ['x'], rate: 1, amount: 100, limitedBy: null },
      { views: 1_000_000, platforms: ['x'], rate: 1, amount: 1_000, limitedBy: null },
    ].map((one) => ({ ...one, platforms: PLATFORMS.filter((name) => one.platforms.includes(name)) }))); // prettier-ignore
    expect(paidFor(terms({ budget: 30_000 })).map(({ amount, limitedBy }) => [amount, limitedBy])).toEqual(
      [[200, null], [20_000, null], [30_000, 'budget']],
    ); // prettier-ignore
  });

  it('pay what plain arithmetic says, whatever the terms', () => {
    const amounts = fc.integer({ min: 0, max: 10 ** 7 });
    fc.assert(
      fc.property(
        fc.record({
          budget: fc.integer({ min: 1, max: 10 ** 9 }),
          rate: amounts,
          minViews: fc.constantFrom(0, 1_000, 1_001, 500_000),
          maxPayoutPerClip: fc.option(fc.integer({ min: 1, max: 10 ** 7 })),
          flatFee: fc.constantFrom(0, 7),
        }),
        ({ rate, ...more }) => {
          const { budget, minViews, maxPayoutPerClip, flatFee } = more;
          for (const { views, amount } of paidFor(
            terms({ ...more, ratePerThousand: { default: rate } }),
          )) {
            const byViews = views < minViews ? 0n : (BigInt(views) * BigInt(rate)) / 1000n;
            const least = [byViews + BigInt(flatFee), BigInt(budget), ...(maxPayoutPerClip === null ? [] : [BigInt(maxPayoutPerClip)])]
              .reduce((a, b) => (b < a ? b : a)); // prettier-ignore
            expect(BigInt(amount)).toBe(least);
          }
        },
      ),
    );
  });

  it('count a fee on top as part of what the budget pays', () => {
    const brand = terms({ platformFee: { basisPoints: 2_500, bearer: 'brand' }, budget: 12_500 });
    expect(termsInWords(brand, NOW)).toContain(
      'The platform takes 25 % of what clips earn, on top and out of the budget.',
    );
    expect(viewsInBudget(brand)).toBe(50_000);
    expect(paidFor(brand)[1]).toMatchObject({
      views: 100_000,
      amount: 10_000,
      limitedBy: 'budget',
    });
    const creator = terms({ platformFee: { basisPoints: 150, bearer: 'creator' }, maxSubmissionsPerDay: 5 }); // prettier-ignore
    expect(termsInWords(creator, NOW)).toEqual(
      expect.arrayContaining([
        'The platform takes 1.5 % of what clips earn, out of what their creators get.',
        'A creator submits at most 5 clips a day.',
      ]),
    );
    expect(viewsInBudget(creator)).toBe(5_000_000);
  });

  it('say when a pace ends the campaign: by its budget, by its date, or never', () => {
    expect(viewsInBudget(terms())).toBe(5_000_000);
    expect(endAtPace(terms(), 1_000_000, NOW)).toEqual({ at: '2026-03-06T00:00:00.000Z', by: 'budget' });
    expect(endAtPace(terms({ startsAt: '2026-04-01T00:00:00Z' }), 10_000_000, NOW)).toEqual(
      { at: '2026-04-01T12:00:00.000Z', by: 'budget' },
    );
    expect(endAtPace(terms({ endsAt: '2026-03-03T00:00:00Z' }), 1_000_000, NOW)).toEqual(
      { at: '2026-03-03T00:00:00.000Z', by: 'date' },
    );
    expect(endAtPace(terms(), 0.000001, NOW)).toBeNull();
    const free = terms({ ratePerThousand: { default: 0 }, flatFee: 5 });
    expect([viewsInBudget(free), endAtPace(free, 10, NOW)]).toEqual([null, null]);
  }); // prettier-ignore
});
