import { amountOf, millis, textOf, type Fact, type RawEvent } from './events.js';
import type { Fold } from './trail.js';

const WEEK_MS = 7 * 86_400_000;

export type PayoutStatus = 'REQUESTED' | 'APPROVED' | 'PAID' | 'FAILED' | 'REJECTED';
export interface Payout {
  payoutId: string;
  currency: string;
  amount: bigint;
  status: PayoutStatus;
  provider: string;
}

/** A creator's money in one currency. */
class Money {
  accrued = 0n;
  reversed = 0n;
  reserved = 0n;
  paid = 0n;
  /** The greatest of the campaigns that the creator has earned in. */
  minPayout = 0n;
  /** Validated for long enough that no decision asks for an instant before. */
  #validated = 0n;
  #validating: { at: number; amount: bigint }[] = [];

  accrue(amount: bigint, time: number, validAt: number, minPayout: bigint): void {
    this.accrued += amount;
    if (amount > 0n && minPayout > this.minPayout) this.minPayout = minPayout;
    this.#validating.push({ at: validAt, amount });
    if (this.#validating.length % 1_000 === 0) this.available(time);
  }

  /** Section 7: available = validated - reversed - reserved - paid. */
  available(now: number): bigint {
    const waiting: { at: number; amount: bigint }[] = [];
    let validated = this.#validated;
    for (const one of this.#validating) {
      if (one.at <= now) validated += one.amount;
      if (one.at <= now - WEEK_MS) this.#validated += one.amount;
      else waiting.push(one);
    }
    this.#validating = waiting;
    return validated - this.reversed - this.reserved - this.paid;
  }
}

/**
 * What a creator has, as one prefix of the log has it. Takes accruals and reversals by its own
 * parts of them, see {@link partsOf}.
 */
export class CreatorFold implements Fold {
  readonly #money = new Map<string, Money>();
  readonly payouts = new Map<string, Payout>();
  account: { provider: string; account: string } | null = null;

  in(currency: string): Money {
    const there = this.#money.get(currency);
    if (there) return there;
    const fresh = new Money();
    this.#money.set(currency, fresh);
    return fresh;
  }

  apply({ event: { type, data, time } }: Fact): void {
    if (type === 'EarningsAccrued') {
      const [at, validAt] = [millis(time), millis(time) + Number(data['validationMs'])];
      this.in(textOf(data, 'currency')).accrue(
        data['amount'] as bigint,
        at,
        validAt,
        data['minPayout'] as bigint,
      );
    } else if (type === 'EarningsReversed')
      this.in(textOf(data, 'currency')).reversed += data['amount'] as bigint;
    else if (type === 'PayoutAccountSet')
      this.account = { provider: textOf(data, 'provider'), account: textOf(data, 'account') };
    else if (type === 'PayoutRequested') {
      const [payoutId, currency, amount] = [
        textOf(data, 'payoutId'),
        textOf(data, 'currency'),
        amountOf(data, 'amount'),
      ];
      if (this.payouts.has(payoutId)) return;
      this.payouts.set(payoutId, {
        payoutId,
        currency,
        amount,
        status: 'REQUESTED',
        provider: 'manual',
      });
      this.in(currency).reserved += amount;
    } else this.#move(type, data);
  }

  #move(type: string, data: Record<string, unknown>): void {
    const payout = this.payouts.get(textOf(data, 'payoutId'));
    const status = STEPS[type]?.to;
    if (!payout || !status) return;
    const money = this.in(payout.currency);
    if (isReserved(payout.status) && !isReserved(status)) money.reserved -= payout.amount;
    if (payout.status === 'PAID' && status !== 'PAID') money.paid -= payout.amount;
    if (payout.status !== 'PAID' && status === 'PAID') money.paid += payout.amount;
    payout.status = status;
    if (type === 'PayoutApproved')
      payout.provider =
        textOf((data['destination'] ?? {}) as Record<string, unknown>, 'provider') || 'manual';
  }
}

const isReserved = (status: PayoutStatus): boolean =>
  status === 'REQUESTED' || status === 'APPROVED';

/** Where each event leads, and from where alone. PAID to FAILED is Stripe's. */
export const STEPS: Record<string, { to: PayoutStatus; from: readonly PayoutStatus[] }> = {
  PayoutApproved: { to: 'APPROVED', from: ['REQUESTED'] },
  PayoutRejected: { to: 'REJECTED', from: ['REQUESTED'] },
  PayoutPaid: { to: 'PAID', from: ['APPROVED'] },
  PayoutFailed: { to: 'FAILED', from: ['APPROVED', 'PAID'] },
};

interface OfCampaign {
  validationMs: number;
  minPayout: bigint;
}

/** The part of an accrual or a reversal that concerns each creator of its lines, summed. */
export function partsOf(event: RawEvent, campaign: OfCampaign | null): Map<string, RawEvent> {
  const sums = new Map<string, bigint>();
  for (const line of (event.data['lines'] as Record<string, unknown>[] | undefined) ?? []) {
    const creatorId = textOf(line, 'creatorId');
    sums.set(creatorId, (sums.get(creatorId) ?? 0n) + amountOf(line, 'amount'));
  }
  const { currency, campaignId } = event.data;
  const terms = { validationMs: campaign?.validationMs ?? 0, minPayout: campaign?.minPayout ?? 0n };
  return new Map(
    [...sums].map(([creatorId, amount]) => [
      creatorId,
      { ...event, data: { currency, campaignId, amount, ...terms } },
    ]),
  );
}
