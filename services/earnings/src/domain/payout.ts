import {
  Currency,
  formatMoney,
  payoutStatusAfter,
  type PayoutDestination,
  type PayoutStatus,
} from '@cliptally/contracts';
import { availableAt, type Balance } from './balance.js';
import { ms, type Decided, type Fact } from './fact.js';
import { payableAt, type PayingCampaign } from './payable.js';
import { conflict, malformed, requireAmount, requireText, rule } from './rule-broken.js';

export type { PayoutStatus };

/**
 * `by` of what Stripe says of its transfers: it alone knows how a payout ended that it carries out.
 */
export const BY_STRIPE = 'cliptally:stripe';

/**
 * REQUESTED -> APPROVED -> PAID or FAILED; REQUESTED -> REJECTED; PAID -> FAILED when Stripe's
 * transfer comes back.
 */
export interface Payout {
  payoutId: string;
  creatorId: string;
  currency: string;
  amount: number;
  status: PayoutStatus;
  /** Fixed by the request, else by the approval; null if a person pays to whom is known. */
  destination: PayoutDestination | null;
  requestedAt: string;
  approvedAt: string | null;
  externalReference: string | null;
  /** Why it was rejected or has failed; null otherwise. */
  reason: string | null;
}

export type PayoutFact = Fact<
  'PayoutRequested' | 'PayoutApproved' | 'PayoutRejected' | 'PayoutPaid' | 'PayoutFailed'
>;

export function evolvePayout(payout: Payout | null, fact: PayoutFact): Payout {
  if (fact.type === 'PayoutRequested') {
    const { payoutId, creatorId, currency, amount, destination = null } = fact.data;
    return {
      payoutId,
      creatorId,
      currency,
      amount,
      status: payoutStatusAfter(fact.type),
      destination,
      requestedAt: fact.time,
      approvedAt: null,
      externalReference: null,
      reason: null,
    };
  }
  if (!payout)
    throw new Error(`${fact.type} of the payout "${fact.data.payoutId}" came before its request.`);
  const after = { ...payout, status: payoutStatusAfter(fact.type) };
  if (fact.type === 'PayoutApproved')
    return { ...after, destination: fact.data.destination ?? null, approvedAt: fact.time };
  return fact.type === 'PayoutPaid'
    ? { ...after, externalReference: fact.data.externalReference }
    : { ...after, reason: fact.data.reason };
}

export interface PayoutRequest {
  payoutId: string;
  creatorId: string;
  currency: string;
  amount: number;
  /** Where the creator's money goes now; null if nobody has said. */
  destination?: PayoutDestination | null;
}

/**
 * `campaigns` are those that the creator has earned in, in this currency. The amount is reserved
 * until the payout is paid, rejected or has failed.
 */
export function decidePayoutRequest(
  payout: Payout | null,
  balance: Balance,
  request: PayoutRequest,
  campaigns: readonly PayingCampaign[],
  now: Date,
): Decided<'PayoutRequested'>[] {
  const { payoutId, creatorId, currency, amount, destination } = request;
  requireNew(payout, request);
  const available = availableAt(balance, now);
  const payable = payableAt(balance, campaigns, now);
  const money = (minor: number) => formatMoney(minor, currency);
  if (amount > available) {
    const few = `${money(amount)} is more than the ${money(available)} that is available now.`;
    throw rule(
      'over_balance',
      'amount',
      `${few} Earnings become available when their validation period is over.`,
    );
  }
  if (amount > payable.amount) {
    const kept = payable.kept
      .map((one) => `${money(one.amount)} of "${one.campaignId}" (from ${money(one.minimum)} on)`)
      .join(', ');
    throw rule(
      'below_minimum',
      'amount',
      `${money(amount)} is more than the ${money(payable.amount)} that can be paid out now: not yet ${kept}. Ask for less, or wait until the campaigns' minimums are reached or all of your campaigns are over.`,
    );
  }
  if (amount < payable.minimum) {
    throw rule(
      'below_minimum',
      'amount',
      `${money(amount)} is below the smallest payout of ${money(payable.minimum)}. Ask for more, or wait until all of your campaigns are over.`,
    );
  }
  const kept = payable.kept.reduce((sum, one) => sum + one.amount, 0);
  const basis = { available, kept, minimum: payable.minimum };
  const asked = { payoutId, creatorId, currency, amount, basis };
  return [{ type: 'PayoutRequested', data: { ...asked, ...(destination && { destination }) } }];
}

/** Throws unless the payout is one that may be begun. */
export function requireNew(
  payout: Payout | null,
  { payoutId, currency, amount }: PayoutRequest,
): void {
  requireAmount(amount, 'amount');
  if (!Currency.safeParse(currency).success)
    throw malformed('currency', `"${currency}" is not a currency we pay in.`);
  if (payout)
    throw conflict('payout_exists', `A payout "${payoutId}" exists already: choose another id.`);
}

/** How a creator's account stands when a payout is approved. */
export interface AccountStanding {
  /** Since when the creator has it; null if it has none. */
  setAt: string | null;
  /** How long approvals wait after a change. */
  coolingMs: number;
}

/**
 * Until when an approval waits, since the account was changed after the payout was asked for: who
 * has taken over an account changes it first. Null if it does not wait.
 */
export function approvalWaitsUntil(
  { status, requestedAt }: Pick<Payout, 'status' | 'requestedAt'>,
  { setAt, coolingMs }: AccountStanding,
  now: Date,
): string | null {
  if (status !== 'REQUESTED' || setAt === null || ms(setAt) <= ms(requestedAt)) return null;
  const until = ms(setAt) + coolingMs;
  return until > now.getTime() ? new Date(until).toISOString() : null;
}

/**
 * Fixes where the money goes, so that a later change of the creator's account cannot have the
 * payout carried out twice. Throws a conflict while a change of the account is new, or when a
 * reversal since the request has left less than what is reserved.
 */
export function decidePayoutApproval(
  payout: Payout,
  balance: Balance,
  {
    destination = null,
    account,
    by,
  }: { destination?: PayoutDestination | null; account?: AccountStanding; by: string },
  now: Date,
): Decided<'PayoutApproved'>[] {
  requireStatus(payout, 'REQUESTED', 'approved');
  const until = account ? approvalWaitsUntil(payout, account, now) : null;
  if (until !== null)
    throw conflict(
      'payout_account_changed',
      `The payout account of "${payout.creatorId}" was changed on ${account!.setAt}, after the payout "${payout.payoutId}" was asked for: it can be approved from ${until} on${payout.destination ? ', and then goes to the account of before' : ''}. Ask the creator, in another way than by e-mail, who has changed it; or reject the payout, and have it asked for again.`,
    );
  requireCovered(
    payout,
    balance,
    now,
    'Reject it, or approve it when new earnings have made up for it',
  );
  return [
    { type: 'PayoutApproved', data: { ...named(payout), ...(destination && { destination }), by } },
  ];
}

export function decidePayoutRejection(
  payout: Payout,
  { reason, by }: { reason: string; by: string },
): Decided<'PayoutRejected'>[] {
  requireText(reason, 'reason');
  requireStatus(payout, 'REQUESTED', 'rejected');
  return [{ type: 'PayoutRejected', data: { ...named(payout), reason, by } }];
}

/**
 * No event when it was paid with this very reference. While the balance is below 0 nothing is paid:
 * should the transfer have left all the same, its amount stays reserved, and it is recorded when
 * new earnings have made up for the reversal.
 */
export function decidePayoutPaid(
  payout: Payout,
  balance: Balance,
  { externalReference, by }: { externalReference: string; by: string },
  now: Date,
): Decided<'PayoutPaid'>[] {
  if (externalReference.trim() === '' || externalReference.length > 200) {
    throw malformed(
      'externalReference',
      'externalReference must have 1 to 200 characters: the name of the transfer at the bank or payment service.',
    );
  }
  if (payout.status === 'PAID') {
    if (payout.externalReference === externalReference) return [];
    throw conflict(
      'payout_paid',
      `The payout "${payout.payoutId}" was paid by "${payout.externalReference}": it cannot be paid again by "${externalReference}".`,
    );
  }
  requireStatus(payout, 'APPROVED', 'paid');
  requireCarrier(payout, by);
  requireCovered(
    payout,
    balance,
    now,
    'Record it as failed, or as paid when new earnings have made up for it',
  );
  return [{ type: 'PayoutPaid', data: { ...named(payout), externalReference, by } }];
}

/** The transfer did not arrive: what was reserved is available again. */
export function decidePayoutFailure(
  payout: Payout,
  { reason, by }: { reason: string; by: string },
): Decided<'PayoutFailed'>[] {
  requireText(reason, 'reason');
  requireStatus(payout, 'APPROVED', 'recorded as failed');
  requireCarrier(payout, by);
  return [{ type: 'PayoutFailed', data: { ...named(payout), reason, by } }];
}

/**
 * Stripe's transfer came back, also before it was recorded as paid: its amount is available again.
 * No event when that is known.
 */
export function decidePayoutReturn(
  payout: Payout,
  { externalReference, reason }: { externalReference: string; reason: string },
): Decided<'PayoutFailed'>[] {
  if (payout.status === 'FAILED') return [];
  if (payout.status === 'PAID' && payout.externalReference !== externalReference) {
    throw conflict(
      'payout_paid',
      `The payout "${payout.payoutId}" was paid by "${payout.externalReference}", not by "${externalReference}".`,
    );
  }
  if (payout.status !== 'PAID') return decidePayoutFailure(payout, { reason, by: BY_STRIPE });
  return [{ type: 'PayoutFailed', data: { ...named(payout), reason, by: BY_STRIPE } }];
}

/**
 * Whether a payout is covered now: none that is not may leave, since what was reversed is taken
 * from what is still reserved.
 */
export const isCovered = (balance: Balance, now: Date): boolean => availableAt(balance, now) >= 0;

const named = ({ payoutId, creatorId }: Payout) => ({ payoutId, creatorId });

function requireStatus(payout: Payout, status: PayoutStatus, done: string): void {
  if (payout.status !== status) {
    throw conflict(
      'payout_state',
      `The payout "${payout.payoutId}" is ${payout.status}: it can only be ${done} while it is ${status}.`,
    );
  }
}

/**
 * A person who records another end than Stripe's own would have the money sent, and reserved or
 * paid, a second time.
 */
function requireCarrier({ payoutId, destination }: Payout, by: string): void {
  if (destination?.provider === 'stripe' && by !== BY_STRIPE) {
    throw conflict(
      'payout_at_stripe',
      `The payout "${payoutId}" is carried out by Stripe, which itself says how it ended: wait for it.`,
    );
  }
}

/** What is available is net of this payout's own reserve, so 0 is enough. */
function requireCovered(
  { payoutId, currency }: Payout,
  balance: Balance,
  now: Date,
  wayOut: string,
): void {
  if (!isCovered(balance, now)) {
    const available = availableAt(balance, now);
    throw conflict(
      'balance_below_zero',
      `After a reversal the balance is ${formatMoney(available, currency)}: the payout "${payoutId}" is not covered. ${wayOut}.`,
    );
  }
}
