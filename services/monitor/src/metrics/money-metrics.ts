import { CAMPAIGN_STATUSES, CURRENCIES, PAYOUT_STATUSES } from '@cliptally/contracts';
import { seconds, sum, type DomainMetric, type Sample } from './metric.js';

/** Gauges: an amount is exact or it is wrong, and increase() extrapolates. */
export const MONEY_METRICS: readonly DomainMetric[] = [
  {
    name: 'cliptally_campaigns',
    help: 'Campaigns by status.',
    labels: { status: CAMPAIGN_STATUSES },
    read: ({ money }) =>
      CAMPAIGN_STATUSES.map((status) => [
        sum(money, (m) => (m.status === status ? m.campaigns : 0)),
        { status },
      ]),
  },
  {
    name: 'cliptally_campaigns_exhausted',
    help: 'Campaigns whose budget is used up.',
    read: ({ money }) => [[sum(money, (m) => m.exhausted)]],
  },
  {
    name: 'cliptally_campaigns_nearly_used',
    help: 'Campaigns that have spent 90 % of their budget and not all of it.',
    read: ({ money }) => [[sum(money, (m) => m.nearlyUsed)]],
  },
  {
    name: 'cliptally_campaign_money',
    help: 'Minor units of campaigns, by currency, status and kind (budget or spent).',
    labels: { currency: CURRENCIES, status: CAMPAIGN_STATUSES, kind: ['budget', 'spent'] },
    read: ({ money }) =>
      money.flatMap(({ currency, status, budget, spent }): Sample[] => [
        [budget, { currency, status, kind: 'budget' }],
        [spent, { currency, status, kind: 'spent' }],
      ]),
  },
  {
    name: 'cliptally_overspend_minor_units',
    help: 'Accrued minus reversed, with fees on top, beyond the budget, over all campaigns; must be 0.',
    read: ({ money }) => [[sum(money, (m) => m.overspend)]],
  },
  {
    name: 'cliptally_payouts',
    help: 'Payouts by status.',
    labels: { status: PAYOUT_STATUSES },
    read: ({ payouts }) =>
      PAYOUT_STATUSES.map((status) => [
        sum(payouts, (p) => (p.status === status ? p.payouts : 0)),
        { status },
      ]),
  },
  {
    name: 'cliptally_payout_failures_in_a_row',
    help: 'Payouts that have failed since one was paid.',
    read: ({ payoutTrouble }) => [[payoutTrouble.failedInARow]],
  },
  {
    name: 'cliptally_oldest_approved_payout_seconds',
    help: 'Age of the oldest payout that is approved and neither paid nor failed; 0 if there is none.',
    read: ({ now, payoutTrouble: { oldestApproved } }) => [
      [oldestApproved ? Math.max(0, seconds(now) - seconds(oldestApproved)) : 0],
    ],
  },
  {
    name: 'cliptally_payouts_paid_twice',
    help: 'Payouts that were marked as paid more than once; must be 0.',
    read: ({ payouts }) => [[sum(payouts, (p) => p.paidTwice)]],
  },
  {
    name: 'cliptally_payouts_beyond_earnings_minor_units',
    help: 'What payouts that stay paid went beyond accrued minus reversed of their creator when they were paid; must be 0.',
    read: ({ payouts }) => [[sum(payouts, (p) => p.overpaid)]],
  },
  {
    name: 'cliptally_settlement_failures_open',
    help: 'Clips in a campaign about which no settlement can make a decision, until they are paid or held; must be 0.',
    read: ({ status }) => [[status.settlementFailures.open]],
  },
  {
    name: 'cliptally_settlement_failures_total',
    help: 'Decisions about one clip that settlements could not make, since the beginning.',
    read: ({ status }) => [[status.settlementFailures.total]],
  },
  {
    name: 'cliptally_ledger_difference_minor_units',
    help: "Difference between the campaigns' totals and the creators' lines; must be 0.",
    read: ({ book, money }) => [
      [
        sum(CURRENCIES, (currency) => {
          const lines = book.find((b) => b.currency === currency);
          const campaigns = money.filter((m) => m.currency === currency);
          return (
            Math.abs(sum(campaigns, (c) => c.accrued) - (lines?.accrued ?? 0)) +
            Math.abs(sum(campaigns, (c) => c.reversed) - (lines?.reversed ?? 0)) +
            Math.abs(sum(campaigns, (c) => c.feesWithheld) - (lines?.withheld ?? 0))
          );
        }),
      ],
    ],
  },
  {
    name: 'cliptally_book_minor_units',
    help: 'Minor units accrued, reversed, of fees and paid since the beginning; two services keep this book, each from the log.',
    labels: {
      currency: CURRENCIES,
      kind: ['accrued', 'reversed', 'fee_withheld', 'fee_on_top', 'paid'],
    },
    read: ({ book, money }) =>
      book.flatMap(({ currency, accrued, reversed, withheld, paid }): Sample[] => {
        const campaigns = money.filter((m) => m.currency === currency);
        return [
          [accrued, { currency, kind: 'accrued' }],
          [reversed, { currency, kind: 'reversed' }],
          [withheld, { currency, kind: 'fee_withheld' }],
          [sum(campaigns, (c) => c.feesOnTop), { currency, kind: 'fee_on_top' }],
          [paid, { currency, kind: 'paid' }],
        ];
      }),
  },
  {
    name: 'cliptally_book_position',
    help: 'Position in the log at which the book is as given: two ledgers can be compared at the same position.',
    read: ({ position }) => [[position]],
  },
];
