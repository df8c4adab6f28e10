import { describe, expect, it } from '@jest/globals';
import { isExhausted, remainingOf } from './campaign.js';
import { BY_SETTLEMENT } from './clip-reversal.js';
import { decideReversal, type Reversal } from './reversal.js';
import { settle, type Settlement } from './settlement.js';
import {
  accepted,
  ADMIN,
  amountsOf,
  and,
  ended,
  eventsOf,
  given,
  held,
  launched,
  observed,
  netsOf,
  on,
  recorded,
  refusal,
  released,
} from './testing/facts.js';

const [A, B] = ['tiktok-a', 'tiktok-b'] as const;
const now = new Date(on(5));
const settled = (state: Settlement): Settlement =>
  and(state, recorded(eventsOf(settle(state, now)), on(5)));
const decide = (state: Settlement, change: Partial<Reversal> = {}, clip = A) =>
  decideReversal(state.clips.get(clip)!, state.campaign, {
    amount: 'all',
    reason: 'bought views',
    by: ADMIN,
    ...change,
  });
const reversed = (state: Settlement, change: Partial<Reversal> = {}, clip = A) =>
  and(state, recorded(decide(state, change, clip), on(6)));

/** 20.00 USD for 10,000 views. */
const paid = settled(given(launched(), accepted(A), observed(A, 10_000, on(4))));

describe('a reversal', () => {
  it('takes earnings back with a reason and a name, and returns them to the budget', () => {
    const lines = [{ clipId: A, creatorId: 'ann', amount: 500, reason: 'bought views' }];
    expect(decide(paid, { amount: 500 })).toEqual([
      {
        type: 'EarningsReversed',
        data: { campaignId: 'spring', currency: 'USD', total: 500, lines, by: ADMIN },
      },
    ]);
    expect(remainingOf(reversed(paid, { amount: 500 }).campaign)).toBe(98_500);
  });

  it('can take all that the clip has, and no more', () => {
    expect(netsOf(reversed(paid))).toEqual({ [A]: 0 });
    expect(refusal(() => decide(paid, { amount: 2001 }))).toMatchObject({
      kind: 'rule',
      code: 'over_accrued',
      field: 'amount',
    });
    expect(refusal(() => decide(reversed(paid, { amount: 1500 }), { amount: 501 })).code).toBe(
      'over_accrued',
    );
    expect(refusal(() => decide(reversed(paid))).code).toBe('nothing_to_reverse');
  });

  it('needs an amount, a reason and somebody who answers for it', () => {
    expect(refusal(() => decide(paid, { amount: 0 }))).toMatchObject({
      kind: 'malformed',
      field: 'amount',
    });
    expect(refusal(() => decide(paid, { reason: '' }))).toMatchObject({
      kind: 'malformed',
      field: 'reason',
    });
    expect(refusal(() => decide(paid, { by: BY_SETTLEMENT }))).toMatchObject({
      kind: 'malformed',
      field: 'by',
    });
  });

  it('is possible on hold and after the end of the campaign', () => {
    expect(decide(and(paid, held(A, on(5)), ended(on(5))))).toHaveLength(1);
  });
});

describe('what was reversed is voided', () => {
  it('the next settlement does not pay it again', () => {
    expect(settle(reversed(paid), now)).toEqual({ kind: 'nothing', leftOut: [] });
    expect(settle(and(reversed(paid), observed(A, 10_000, on(6))), now)).toEqual({
      kind: 'nothing',
      leftOut: [],
    });
  });

  it('views that come later are paid', () => {
    expect(
      amountsOf(settle(and(reversed(paid, { amount: 500 }), observed(A, 13_000, on(7))), now)),
    ).toEqual({ [A]: 600 });
    expect(amountsOf(settle(and(reversed(paid), observed(A, 13_000, on(7))), now))).toEqual({
      [A]: 600,
    });
  });

  it('a cap is not earned a second time', () => {
    const capped = settled(
      given(launched({ maxPayoutPerClip: 2000 }), accepted(A), observed(A, 10_000, on(4))),
    );
    expect(settle(and(reversed(capped, { amount: 500 }), observed(A, 90_000, on(7))), now)).toEqual(
      {
        kind: 'nothing',
        leftOut: [],
      },
    );
  });

  it('also not after the entitlement has fallen below it and risen again', () => {
    const counted = settled(
      given(
        launched({ countFrom: 'approval' }),
        accepted(A),
        observed(A, 40_000, on(3)),
        observed(A, 50_000, on(4)),
      ),
    );
    const fallen = and(reversed(counted), observed(A, 45_000, on(2)));
    expect(settle(fallen, now)).toEqual({ kind: 'nothing', leftOut: [] });
    // E is now 16,000 views x 2.00 USD = 32.00 USD, of which 20.00 USD were voided
    expect(amountsOf(settle(and(fallen, observed(A, 61_000, on(6))), now))).toEqual({ [A]: 1200 });
  });

  it('what was due but not yet given is not touched: a hold keeps it', () => {
    const short = settled(
      given(launched({ budget: 1500 }), accepted(A), observed(A, 10_000, on(4))),
    );
    expect(amountsOf(settle(reversed(short), now))).toEqual({ [A]: 500 });
    const onHold = reversed(and(short, held(A, on(5))));
    expect(settle(onHold, now)).toEqual({ kind: 'nothing', leftOut: [] });
    expect(amountsOf(settle(and(onHold, released(A, on(9))), now))).toEqual({ [A]: 500 });
  });

  it('money that comes back to an exhausted campaign is shared by who is still due', () => {
    const dry = settled(
      given(
        launched({ budget: 3000 }),
        accepted(A),
        accepted(B),
        observed(A, 10_000, on(4)),
        observed(B, 10_000, on(4)),
      ),
    );
    expect(netsOf(dry)).toEqual({ [A]: 1500, [B]: 1500 });
    expect(isExhausted(dry.campaign)).toBe(true);
    const back = reversed(and(dry, held(A, on(5))), {}, A);
    expect(amountsOf(settle(back, now))).toEqual({ [B]: 500 });
    const soon = new Date(on(6, 0, 5));
    expect(settle({ ...reversed(dry, { amount: 10 }), scrapesOutstanding: 1 }, soon)).toMatchObject(
      {
        kind: 'wait',
        until: new Date(on(6, 0, 30)),
      },
    );
  });
});
