import { EMPTY_BALANCE, type Balance } from '../balance.js';
import { decidePayoutRequest, evolvePayout, type Payout, type PayoutFact } from '../payout.js';
import { post, statementOf, type MoneyFact } from './ledger.js';
import { ADMIN, eventId, fact, launched, on, terms } from './facts.js';

export const ofPayout = { payoutId: 'p1', creatorId: 'ann' };
export const by = ADMIN;
export const accrued = (amount: number, time: string, campaignId = 'spring') => {
  const line = {
    clipId: 'tiktok-a',
    creatorId: 'ann',
    fromViews: 0,
    toViews: 10_000,
    due: amount,
    amount,
    observation: eventId(1),
  };
  return fact(
    'EarningsAccrued',
    { campaignId, currency: 'USD', total: amount, lines: [line] },
    time,
  );
};
export const reversed = (amount: number, time: string) => {
  const lines = [{ clipId: 'tiktok-a', creatorId: 'ann', amount, reason: 'bots' }];
  return fact(
    'EarningsReversed',
    { campaignId: 'spring', currency: 'USD', total: amount, lines, by },
    time,
  );
};
export const requested = (amount: number, time: string, payoutId = 'p1') =>
  fact('PayoutRequested', { ...ofPayout, payoutId, currency: 'USD', amount }, time);
export const STRIPE = { provider: 'stripe', account: 'acct_1' } as const;
export const approved = (time: string) => fact('PayoutApproved', { ...ofPayout, by }, time);
export const sentToStripe = (time: string) =>
  fact('PayoutApproved', { ...ofPayout, destination: STRIPE, by }, time);
export const rejected = (time: string) =>
  fact('PayoutRejected', { ...ofPayout, reason: 'no tax form', by }, time);
export const paid = (time: string) =>
  fact('PayoutPaid', { ...ofPayout, externalReference: 'tr_1', by }, time);
export const failed = (time: string) =>
  fact('PayoutFailed', { ...ofPayout, reason: 'account closed', by }, time);

/** Ann's balance and her payout "p1" after these events; earnings are validated for 3 days. */
export function given(...facts: MoneyFact[]): { balance: Balance; payout: Payout } {
  const lines = statementOf({ creatorId: 'ann' }, [
    launched(),
    launched({ validationDays: 7 }, 'slow'),
    launched({}, 'x'),
    launched({}, 'y'),
    ...facts,
  ]);
  const ofP1 = facts.filter(
    (f): f is PayoutFact => 'payoutId' in f.data && f.data.payoutId === 'p1',
  );
  return {
    balance: lines.reduce(post, EMPTY_BALANCE),
    payout: ofP1.reduce<Payout | null>(evolvePayout, null)!,
  };
}
export const at = (day: number, hour = 0) => new Date(on(day, hour));
export const request = (
  balance: Balance,
  amount: number,
  now: Date,
  {
    currency = 'USD',
    minPayout = {} as Record<string, number>,
    endsAt = null as string | null,
  } = {},
) => {
  const campaigns = balance.campaigns.map(({ campaignId }) => ({
    campaignId,
    terms: terms({ minPayout: minPayout[campaignId] ?? 0, endsAt }),
    endedAt: null,
  }));
  return decidePayoutRequest(null, balance, { ...ofPayout, currency, amount }, campaigns, now);
};
