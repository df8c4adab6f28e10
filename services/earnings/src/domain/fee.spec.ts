import type { PlatformFee } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { EMPTY_BALANCE, availableAt, outstandingOf } from './balance.js';
import { budgetOf, decideLaunch, remainingOf, spentOf } from './campaign.js';
import { closeOutOf } from './close-out.js';
import { netOf } from './clip.js';
import { payableAt } from './payable.js';
import { decideReversal } from './reversal.js';
import { settle, type Settlement } from './settlement.js';
import { explain } from './explain.js';
import { accepted, ADMIN, amountsOf, and, eventsOf, given, launched, linesOf, observed, on, recorded, refusal, terms, toppedUp } from './testing/facts.js'; // prettier-ignore
import { post, statementOf, type MoneyFact } from './testing/ledger.js';

const [A, B] = ['tiktok-a', 'tiktok-b'] as const;
const ON_TOP: PlatformFee = { basisPoints: 1_000, bearer: 'brand' };
const WITHHELD: PlatformFee = { basisPoints: 1_000, bearer: 'creator' };
const now = new Date(on(5));
/** The settlement of now, recorded. */
const settled = (state: Settlement): Settlement =>
  and(state, recorded(eventsOf(settle(state, now)), on(5)));
const seen = (platformFee: PlatformFee, views: number, budget = 100_000) =>
  given(launched({ platformFee, budget }), accepted(A), observed(A, views, on(3)));
const feesOf = (state: Settlement) => state.clips.get(A)!.tally.fees;

describe('a platform fee', () => {
  it('on top is paid by the budget beside what is earned', () => {
    const { campaign } = settled(seen(ON_TOP, 10_000));
    expect([campaign.accrued, campaign.feesOnTop, spentOf(campaign)]).toEqual([2000, 200, 2200]);
    expect(remainingOf(campaign)).toBe(97_800);
  });

  it('of the creator is a line of its own beside the gross one', () => {
    const state = seen(WITHHELD, 10_000);
    const [accrued] = eventsOf(settle(state, now));
    expect(accrued!.data).toMatchObject({
      total: 2000,
      fee: { bearer: 'creator', basisPoints: 1_000, total: 200 },
      lines: [{ amount: 2000, fee: { amount: 200, had: 0, of: 2000 } }],
    });
    const { campaign } = settled(state);
    expect([spentOf(campaign), campaign.feesWithheld]).toEqual([2000, 200]);
    const lines = statementOf({ creatorId: 'ann' }, moneyOf(state));
    expect(lines.map(({ kind, amount, sum }) => [kind, amount, sum])).toEqual([
      ['accrued', 2000, 2000],
      ['fee_withheld', -200, 1800],
    ]);
  });

  it('is rounded down once, over all that a clip has', () => {
    let state = seen(WITHHELD, 25);
    for (const views of [45, 70, 95, 500]) {
      state = and(settled(state), observed(A, views, on(4)));
    }
    // 5, 9, 14, 19 and 100 cents: none of the first four by itself has a cent of fee.
    expect([netOf(settled(state).clips.get(A)!.tally), feesOf(settled(state))]).toEqual([100, 10]);
  });

  it('goes back with a reversal: all of it with all, and a part with a part', () => {
    for (const fee of [ON_TOP, WITHHELD]) {
      const paid = settled(seen(fee, 10_005));
      expect([netOf(paid.clips.get(A)!.tally), feesOf(paid)]).toEqual([2001, 200]);
      const reverse = (state: Settlement, amount: number | 'all') =>
        and(state, recorded(decideReversal(state.clips.get(A)!, state.campaign, { amount, reason: 'bots', by: ADMIN }), on(6))); // prettier-ignore
      const part = reverse(paid, 2);
      expect(feesOf(part)).toBe(199);
      const all = reverse(part, 'all');
      expect([feesOf(all), spentOf(all.campaign), all.campaign.feesWithheld]).toEqual([0, 0, 0]);
    }
  });

  it('on top ends with the budget: shares are of earnings and fees together', () => {
    const state = given(
      launched({ platformFee: ON_TOP, budget: 2200 }),
      accepted(A),
      accepted(B, { creatorId: 'bob' }),
      observed(A, 10_000, on(3)),
      observed(B, 5_000, on(3)),
    );
    const decision = settle(state, now);
    // 22.00 and 11.00 USD with the fee, of which 22.00 remain: 14.67 and 7.33.
    expect(amountsOf(decision)).toEqual({ [A]: 1334, [B]: 667 });
    expect(linesOf(decision).map(({ fee }) => fee!.amount)).toEqual([133, 66]);
    expect(eventsOf(decision).at(-1)!.data).toMatchObject({ budget: 2200, unpaid: 999 });
    const after = settled(state);
    expect([remainingOf(after.campaign), spentOf(after.campaign)]).toEqual([0, 2200]);
    const more = settled(and(after, toppedUp(5000, on(5))));
    expect([spentOf(more.campaign), more.campaign.feesOnTop]).toEqual([3300, 300]);
  });

  it('on top gives the last cent to the creator, and is short by it until there is money', () => {
    const state = seen({ basisPoints: 10_000, bearer: 'brand' }, 10_000, 5);
    const decision = settle(state, now);
    expect(linesOf(decision)[0]).toMatchObject({ amount: 3, fee: { amount: 2, of: 3 } });
    const more = settled(and(settled(state), toppedUp(10_000, on(5))));
    expect(more.campaign).toMatchObject({ accrued: 2000, feesOnTop: 2000 });
  });

  it('on top waits with the last money: half of what remains is counted with the fee', () => {
    const waits = (views: number) =>
      settle({ ...seen(ON_TOP, views, 2200), scrapesOutstanding: 1 }, new Date(on(3))).kind;
    expect([waits(5_000), waits(5_010)]).toEqual(['settle', 'wait']);
  });

  it('counts beside the most for a clip and a creator, which are of earnings', () => {
    const change = { maxPayoutPerClip: 1500, maxPayoutPerCreator: 2000 };
    const state = given(
      launched({ platformFee: ON_TOP, ...change }),
      accepted(A),
      accepted(B),
      observed(A, 10_000, on(3)),
      observed(B, 10_000, on(3)),
    );
    expect(amountsOf(settle(state, now))).toEqual({ [A]: 1500, [B]: 500 });
    expect(spentOf(settled(state).campaign)).toBe(2200);
  });

  it('is of flat fees and milestones too', () => {
    const more = { flatFee: 500, milestones: [{ views: 5_000, bonus: 1_000 }] };
    const state = given(launched({ platformFee: WITHHELD, ...more }), accepted(A), observed(A, 5_000, on(3))); // prettier-ignore
    expect(linesOf(settle(state, now))[0]).toMatchObject({ amount: 2500, fee: { amount: 250 } });
  });

  it('of the creator is no part of the balance, of what is validated and of the minimum', () => {
    const state = seen(WITHHELD, 10_000);
    const balance = statementOf({ creatorId: 'ann' }, moneyOf(state)).reduce(post, EMPTY_BALANCE);
    expect([outstandingOf(balance), balance.accrued, balance.withheld]).toEqual([1800, 2000, 200]);
    const [before, after] = [new Date(on(7)), new Date(on(8))];
    expect([availableAt(balance, before), availableAt(balance, after)]).toEqual([0, 1800]);
    const paying = (minPayout: number) => [
      { ...state.campaign, terms: { ...state.campaign.terms, minPayout } },
    ];
    expect(payableAt(balance, paying(1800), after)).toMatchObject({ amount: 1800, kept: [] });
    expect(payableAt(balance, paying(1801), after)).toMatchObject({ amount: 0 });
  });

  it('can be read as a sentence', () => {
    const state = seen(WITHHELD, 10_000);
    const sentences = statementOf({ creatorId: 'ann' }, [
      ...moneyOf(state),
      ...recorded(decideReversal(settled(state).clips.get(A)!, settled(state).campaign, { amount: 1000, reason: 'bots', by: ADMIN }), on(6)), // prettier-ignore
    ]).map(explain);
    expect(sentences[1]).toBe('Platform fee, 10 % of 20.00 USD: 2.00 USD.');
    expect(sentences[3]).toBe(
      'Platform fee, 10 % of 10.00 USD; 2.00 USD of it before: 1.00 USD goes back.',
    );
  });

  it('is in the close-out', () => {
    const { campaign } = settled(seen(ON_TOP, 10_000));
    const waiting = { pending: 0, held: 0, appeals: 0, unsettled: 0, scrapes: 0 };
    expect(closeOutOf(campaign, waiting, now)).toMatchObject({ spent: 2200, fees: 200 });
    expect(budgetOf(campaign)).toBe(100_000);
  });

  it.each([-1, 10_001, 2.5])('of %s basis points is refused, with its field', (basisPoints) => {
    const asked = {
      campaignId: 'c',
      brandId: 'b',
      name: 'c',
      terms: { ...terms(), platformFee: { basisPoints, bearer: 'brand' } },
    };
    expect(refusal(() => decideLaunch(null, asked, new Date(on(1)))).faults).toMatchObject([
      { field: 'platformFee.basisPoints' },
    ]);
  });

  it('of 0 basis points is none, and campaigns without one have no fee in any line', () => {
    expect(feesOf(settled(seen({ basisPoints: 0, bearer: 'brand' }, 10_000)))).toBe(0);
    const plain = given(launched(), accepted(A), observed(A, 10_000, on(3)));
    const data = eventsOf(settle(plain, now))[0]!.data;
    expect(JSON.stringify(data)).not.toContain('fee');
  });
});

function moneyOf(state: Settlement) {
  const { fee: _, ...rest } = { fee: null, ...state.campaign.terms };
  return [launched(rest), ...(recorded(eventsOf(settle(state, now)), on(5)) as MoneyFact[])];
}
