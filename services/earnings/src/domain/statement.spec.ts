import { readFileSync } from 'node:fs';
import { formatMoney } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Fact } from './fact.js';
import { settle, type Settlement } from './settlement.js';
import { withSums, accruedLines } from './statement.js';
import { explain } from './explain.js';
import { statementOf, type MoneyFact } from './testing/ledger.js';
import { decideReversal } from './reversal.js';
import {
  accepted, ADMIN, and, CAMPAIGN, eventId, eventsOf, fact, given, launched, observed, on, recorded, toppedUp, type SettlementFact,
} from './testing/facts.js'; // prettier-ignore

const [A, B] = ['tiktok-a', 'youtube-b'] as const;
const LAUNCH = launched({
  budget: 5000,
  ratePerThousand: { default: 200, youtube: 300 },
  maxPayoutPerClip: 4000,
});
const ofPayout = { payoutId: 'p1', creatorId: 'ann' };

/**
 * Ann's and Bob's clips, settled three times: in full, as the last money, and after a top-up; then
 * one is reversed, and Ann asks for a payout.
 */
function history(): { state: Settlement; money: MoneyFact[] } {
  const money: MoneyFact[] = [];
  const settled = (state: Settlement, day: number) =>
    keep(state, recorded(eventsOf(settle(state, new Date(on(day)))), on(day)) as SettlementFact[]);
  const keep = (state: Settlement, facts: SettlementFact[]) => {
    money.push(
      ...facts.filter((f) => f.type === 'EarningsAccrued' || f.type === 'EarningsReversed'),
    );
    return and(state, facts);
  };
  const clips = given(
    LAUNCH,
    accepted(A),
    accepted(B, { creatorId: 'bob' }),
    observed(A, 10_000, on(2), { id: eventId(1) }),
  );
  const first = settled(clips, 3);
  const last = settled(
    and(
      first,
      observed(A, 25_000, on(4), { id: eventId(2) }),
      observed(B, 10_000, on(4), { id: eventId(3) }),
    ),
    5,
  );
  const full = settled(and(last, toppedUp(5000, on(6))), 7);
  const reversal = { amount: 700, reason: 'bought views', by: ADMIN };
  const state = keep(
    full,
    recorded(
      decideReversal(full.clips.get(A)!, full.campaign, reversal),
      on(8),
    ) as SettlementFact[],
  );
  money.push(fact('PayoutRequested', { ...ofPayout, currency: 'USD', amount: 1000 }, on(12)));
  money.push(fact('PayoutApproved', { ...ofPayout, by: ADMIN }, on(13)));
  money.push(fact('PayoutPaid', { ...ofPayout, externalReference: 'tr_1', by: ADMIN }, on(14)));
  return { state, money };
}

describe('a statement', () => {
  const { money } = history();
  const all = [LAUNCH, ...money];

  it('of a clip has each line back to the observation and the rule that made it, and the sum so far', () => {
    const common = {
      kind: 'accrued',
      creatorId: 'ann',
      campaignId: CAMPAIGN,
      clipId: A,
      currency: 'USD',
      rate: 200,
    };
    const [first, second, third, reversal] = money.map(({ id }) => id);
    const basis = (views: number, earned: number, had: number) => ({
      basis: { views, baseline: 0, earned, voided: 0, had },
    });
    expect(statementOf({ clipId: A }, all)).toEqual([
      { ...common, eventId: first, time: on(3), fromViews: 0, toViews: 10_000, due: 2000, amount: 2000, capReached: false, observation: eventId(1), availableAt: on(6), ...basis(10_000, 2000, 0), sum: 2000 },
      { ...common, eventId: second, time: on(5), fromViews: 10_000, toViews: 25_000, due: 2000, amount: 1200, capReached: true, observation: eventId(2), availableAt: on(8), ...basis(25_000, 4000, 2000), sum: 3200 },
      { ...common, eventId: third, time: on(7), fromViews: 25_000, toViews: 25_000, due: 800, amount: 800, capReached: true, observation: eventId(2), availableAt: on(10), ...basis(25_000, 4000, 3200), sum: 4000 },
      { kind: 'reversed', eventId: reversal, time: on(8), creatorId: 'ann', campaignId: CAMPAIGN, clipId: A, currency: 'USD', amount: -700, reason: 'bought views', by: ADMIN, basis: null, sum: 3300 },
    ]); // prettier-ignore
  });

  it('of a campaign sums to what it has spent', () => {
    const lines = statementOf({ campaignId: CAMPAIGN }, all);
    expect(
      lines.map((line) => [line.kind !== 'payout' && line.clipId, line.amount, line.sum]),
    ).toEqual([
      [A, 2000, 2000],
      [A, 1200, 3200],
      [B, 1800, 5000],
      [A, 800, 5800],
      [B, 1200, 7000],
      [A, -700, 6300],
    ]);
  });

  it('of a creator includes payouts, and sums to what is outstanding', () => {
    const lines = statementOf({ creatorId: 'ann' }, all).slice(-3);
    expect(
      lines.map((line) => [line.kind === 'payout' && line.status, line.amount, line.sum]),
    ).toEqual([
      ['REQUESTED', -1000, 2300],
      ['APPROVED', 0, 2300],
      ['PAID', 0, 2300],
    ]);
  });

  it('gives back what a rejected or failed payout had reserved', () => {
    const asked = fact('PayoutRequested', { ...ofPayout, currency: 'USD', amount: 1000 }, on(12));
    const refused = fact(
      'PayoutRejected',
      { ...ofPayout, reason: 'no tax form', by: ADMIN },
      on(13),
    );
    expect(statementOf({ creatorId: 'ann' }, [asked, refused]).map(({ sum }) => sum)).toEqual([
      -1000, 0,
    ]);
  });

  it('keeps a sum for each currency, and goes on from a page before', () => {
    const yen = launched({ currency: 'JPY' }, 'tokyo');
    const line = {
      clipId: A,
      creatorId: 'ann',
      fromViews: 0,
      toViews: 1000,
      due: 300,
      amount: 300,
      observation: eventId(4),
    };
    const inYen = fact(
      'EarningsAccrued',
      { campaignId: 'tokyo', currency: 'JPY', total: 300, lines: [line] },
      on(4),
    );
    const lines = statementOf({ creatorId: 'ann' }, [LAUNCH, yen, money[0]!, inYen]);
    expect(lines.map(({ currency, sum }) => [currency, sum])).toEqual([['USD', 2000], ['JPY', 300]]); // prettier-ignore
    expect(withSums(lines.slice(1), { USD: 2000, JPY: 50 })[0]?.sum).toBe(350);
  });

  it('knows that the cap is reached also after a void, which lowers it for good', () => {
    const line = { clipId: A, creatorId: 'ann', observation: eventId(4) };
    const accrual = (amount: number, day: number) => {
      const lines = [{ ...line, fromViews: 0, toViews: 10_000, due: amount, amount }];
      return fact(
        'EarningsAccrued',
        { campaignId: CAMPAIGN, currency: 'USD', total: amount, lines },
        on(day),
      );
    };
    const voided = {
      campaignId: CAMPAIGN,
      currency: 'USD',
      total: 500,
      lines: [{ clipId: A, creatorId: 'ann', amount: 500, reason: 'bots' }],
    };
    const reversal = fact('EarningsReversed', { ...voided, by: ADMIN }, on(4));
    const lines = statementOf({ clipId: A }, [
      LAUNCH,
      accrual(2000, 3),
      reversal,
      accrual(1999, 5),
      accrual(1, 6),
    ]);
    expect(lines.map((l) => l.kind === 'accrued' && l.capReached)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('needs the terms of the campaign that paid', () => {
    expect(() => statementOf({ clipId: A }, money)).toThrow('before its launch');
  });
});

it('every line can be read as a sentence', () => {
  const { money } = history();
  expect(statementOf({ creatorId: 'ann' }, [LAUNCH, ...money]).map(explain)).toEqual([
    `0 to 10,000 views at 2.00 USD per thousand: 20.00 USD due. Seen in ${eventId(1)}.`,
    `10,000 to 25,000 views at 2.00 USD per thousand, up to the most that the campaign pays for a clip: 20.00 USD due; the budget left 12.00 USD of it. In all 40.00 USD for 25,000 views, less 20.00 USD accrued before. Seen in ${eventId(2)}.`,
    `25,000 to 25,000 views at 2.00 USD per thousand, up to the most that the campaign pays for a clip: 8.00 USD due. In all 40.00 USD for 25,000 views, less 32.00 USD accrued before. Seen in ${eventId(2)}.`,
    '7.00 USD taken back by admin-1: bought views.',
    'Payout p1 requested.',
    'Payout p1 approved.',
    'Payout p1 paid (tr_1).',
  ]);
});

it('an event makes a line for each of its clips', () => {
  const { money } = history();
  const second = money[1] as Fact<'EarningsAccrued'>;
  const lines = accruedLines(second, LAUNCH.data.terms, () => ({
    accrued: 0,
    reversed: 0,
    voided: 0,
    paidUpTo: null,
    fees: 0,
  }));
  expect(lines.map((line) => line.creatorId)).toEqual(['ann', 'bob']);
});

it('of a creator stands in docs/money.md as it is', () => {
  const { money } = history();
  const shown = statementOf({ creatorId: 'ann' }, [LAUNCH, ...money]).map((line) => {
    const amounts = [line.amount, line.sum].map((amount) =>
      formatMoney(amount, line.currency).padStart(10),
    );
    return `${line.time.slice(0, 10)} ${amounts.join(' ')}  ${explain(line)}`;
  });
  const document = readFileSync(new URL('../../../../docs/money.md', import.meta.url), 'utf8');
  expect(document).toContain(shown.join('\n'));
});
