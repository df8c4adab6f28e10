import { feeIn } from './campaign.js';
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
  /** Where it was to go when it was asked for; null up to version 3, and if nobody had said. */
  destination: Record<string, unknown> | null;
  /** Paid by hand before it was recorded, wherever the creator's account is. */
  outside: boolean;
}

/** What a creator has earned in one campaign. */
class Part {
  accrued = 0n;
  reversed = 0n;
  minPayout = 0n;
  /** When the campaign is over, as far as this prefix knows. */
  endsAt = Infinity;
  /** Validated for long enough that no decision asks for an instant before. */
  #validated = 0n;
  #validating: { at: number; amount: bigint }[] = [];

  accrue(amount: bigint, time: number, validAt: number): void {
    this.accrued += amount;
    this.#validating.push({ at: validAt, amount });
    if (this.#validating.length % 1_000 === 0) this.validated(time);
  }

  validated(now: number): bigint {
    const waiting: { at: number; amount: bigint }[] = [];
    let validated = this.#validated;
    for (const one of this.#validating) {
      if (one.at <= now) validated += one.amount;
      if (one.at <= now - WEEK_MS) this.#validated += one.amount;
      else waiting.push(one);
    }
    this.#validating = waiting;
    return validated;
  }
}

/** A creator's money in one currency. */
class Money {
  reserved = 0n;
  paid = 0n;
  readonly parts = new Map<string, Part>();

  part(campaignId: string): Part {
    const there = this.parts.get(campaignId);
    if (there) return there;
    const fresh = new Part();
    this.parts.set(campaignId, fresh);
    return fresh;
  }

  #sum(of: (part: Part) => bigint): bigint {
    return [...this.parts.values()].reduce((all, part) => all + of(part), 0n);
  }
  get accrued(): bigint {
    return this.#sum((part) => part.accrued);
  }
  get reversed(): bigint {
    return this.#sum((part) => part.reversed);
  }

  /** Section 7: available = validated - reversed - reserved - paid. */
  available(now: number): bigint {
    return this.#sum((part) => part.validated(now) - part.reversed) - this.reserved - this.paid;
  }

  /** The greatest minimum of the campaigns that the creator has earned in. */
  get greatestMinimum(): bigint {
    return [...this.parts.values()].reduce(
      (most, { minPayout }) => (minPayout > most ? minPayout : most),
      0n,
    );
  }

  /** What campaigns keep whose minimum is not reached, and the least that may be asked for. */
  small(now: number): { kept: bigint; minimum: bigint } {
    const parts = [...this.parts.values()].filter(({ accrued }) => accrued > 0n);
    if (parts.every(({ endsAt }) => endsAt <= now)) return { kept: 0n, minimum: 0n };
    let kept = 0n;
    const minimums: bigint[] = [];
    for (const part of parts) {
      const validated = part.validated(now);
      if (validated >= part.minPayout) minimums.push(part.minPayout);
      else if (validated > part.reversed) kept += validated - part.reversed;
    }
    if (minimums.length === 0) minimums.push(...parts.map(({ minPayout }) => minPayout));
    return { kept, minimum: minimums.reduce((least, one) => (one < least ? one : least)) };
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

  #part(data: Record<string, unknown>): Part {
    return this.in(textOf(data, 'currency')).part(textOf(data, 'campaignId'));
  }

  apply({ event: { type, data, time } }: Fact): void {
    if (type === 'EarningsAccrued') {
      const part = this.#part(data);
      const validAt = millis(time) + Number(data['validationMs']);
      part.accrue(data['amount'] as bigint, millis(time), validAt);
      part.minPayout = data['minPayout'] as bigint;
      part.endsAt = Number(data['endsAt']);
    } else if (type === 'EarningsReversed') this.#part(data).reversed += data['amount'] as bigint;
    else if (type === 'CampaignEnded') this.#part(data).endsAt = Number(data['endsAt']);
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
        destination: (data['destination'] ?? null) as Record<string, unknown> | null,
        outside: data['outside'] === true,
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
  currency: string;
  validationMs: number;
  minPayout: bigint;
  endsAt: number;
  fee: { points: bigint; onTop: boolean } | null;
}

/** What a creator has to know of the end of a campaign that it has earned in. */
export const endOf = (event: RawEvent, { currency, endsAt }: OfCampaign): RawEvent => ({
  ...event,
  data: { currency, campaignId: event.data['campaignId'], endsAt },
});

/**
 * The part of an accrual or a reversal that concerns each creator of its lines, summed, less the
 * fees that the creator bears.
 */
export function partsOf(event: RawEvent, campaign: OfCampaign | null): Map<string, RawEvent> {
  const sums = new Map<string, bigint>();
  for (const line of (event.data['lines'] as Record<string, unknown>[] | undefined) ?? []) {
    const creatorId = textOf(line, 'creatorId');
    const fee = campaign?.fee && !campaign.fee.onTop ? feeIn(line) : 0n;
    sums.set(creatorId, (sums.get(creatorId) ?? 0n) + amountOf(line, 'amount') - fee);
  }
  const { currency, campaignId } = event.data;
  const { validationMs = 0, minPayout = 0n, endsAt = Infinity } = campaign ?? {};
  const terms = { validationMs, minPayout, endsAt };
  return new Map(
    [...sums].map(([creatorId, amount]) => [
      creatorId,
      { ...event, data: { currency, campaignId, amount, ...terms } },
    ]),
  );
}
