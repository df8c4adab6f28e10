import { EntityId, formatMoney, minorDigits, shortened, type Clock } from '@cliptally/contracts';
import type Stripe from 'stripe';
import type { Payout } from '../domain/payout.js';
import type { PayoutProvider, Sent } from './provider.js';

export interface StripeSettings {
  secretKey: string;
  webhookSecret: string;
  /** Another address than Stripe's own, for a stand-in. */
  baseUrl?: string | undefined;
}

const TIMEOUT_MS = 10_000;
/**
 * Of the client itself, for one call and with the same key. The sender comes back later for what
 * stays unanswered.
 */
const NETWORK_RETRIES = 1;
/** Of one payment. */
const MOST_REFUNDS = 1_000;
/** How old a webhook may be, in seconds of real time. */
const TOLERANCE_S = 300;
/** Field of a transfer's metadata that names the payout. */
const PAYOUT = 'cliptally_payout';

/** What Stripe says of a transfer, in an answer or in a webhook. */
export type StripeTransfer = Pick<
  Stripe.Transfer,
  'id' | 'amount' | 'currency' | 'destination' | 'reversed' | 'metadata'
>;

/** Currencies that Stripe counts in two decimals, though they have none. */
const TWO_DECIMALS_AT_STRIPE = ['ISK', 'UGX'];

/**
 * An amount as Stripe counts it; null if it cannot be sent exactly (of three decimals, Stripe
 * takes two).
 */
function stripeAmount({ amount, currency }: Pick<Payout, 'amount' | 'currency'>): number | null {
  if (TWO_DECIMALS_AT_STRIPE.includes(currency)) return amount * 100;
  return minorDigits(currency) === 3 && amount % 10 !== 0 ? null : amount;
}

/** An amount that Stripe counts, in minor units; null if it is none. */
export function minorOfStripe(amount: number, currency: string): number | null {
  const minor = TWO_DECIMALS_AT_STRIPE.includes(currency) ? amount / 100 : amount;
  return Number.isSafeInteger(minor) && minor > 0 ? minor : null;
}

/**
 * Payouts as transfers to connected accounts (Stripe Connect). The payout's id is the transfer's
 * idempotency key and its group: the key makes a repeated request one transfer while Stripe
 * remembers it (24 hours), and the group finds the transfer after that.
 */
export class StripeProvider implements PayoutProvider {
  /**
   * Keys of a payout that Stripe has refused for its balance, which it repeats to each: the next
   * attempt needs the next key. All processes take them in this order, and none is skipped.
   */
  readonly #refusedFor = new Map<string, number>();

  private constructor(
    private readonly stripe: Stripe,
    private readonly webhookSecret: string,
    private readonly clock: Clock,
  ) {}

  /** The package is loaded only if it is used. */
  static async open(
    { secretKey, webhookSecret, baseUrl }: StripeSettings,
    clock: Clock,
  ): Promise<StripeProvider> {
    const { default: Client } = await import('stripe');
    const url = baseUrl === undefined ? null : new URL(baseUrl);
    const protocol: 'http' | 'https' = url?.protocol === 'http:' ? 'http' : 'https';
    const address = url && {
      host: url.hostname,
      port: url.port || (protocol === 'http' ? 80 : 443),
      protocol,
    };
    const options = {
      timeout: TIMEOUT_MS,
      maxNetworkRetries: NETWORK_RETRIES,
      telemetry: false,
      ...address,
    };
    return new StripeProvider(new Client(secretKey, options), webhookSecret, clock);
  }

  refusal(payout: Payout): string | null {
    if (stripeAmount(payout) !== null) return null;
    return `Stripe pays ${payout.currency} in two decimals, so ${formatMoney(payout.amount, payout.currency)} cannot be sent exactly: reject it, and ask for an amount that ends in 0.`;
  }

  async send(payout: Payout): Promise<Sent> {
    const { payoutId, creatorId, currency, destination } = payout;
    const known = await this.#find(payoutId);
    if (known)
      return known.reversed
        ? { outcome: 'refused', reason: returned(known) }
        : { outcome: 'paid', reference: known.id };
    const params = {
      amount: stripeAmount(payout)!,
      currency: currency.toLowerCase(),
      destination: destination!.account,
      transfer_group: payoutId,
      metadata: { [PAYOUT]: payoutId, cliptally_creator: creatorId },
    };
    for (let nth = this.#refusedFor.get(payoutId) ?? 0; ; nth++) {
      try {
        const { id } = await this.stripe.transfers.create(params, {
          idempotencyKey: `cliptally-payout-${payoutId}${nth === 0 ? '' : `-${nth}`}`,
        });
        this.#refusedFor.delete(payoutId);
        return { outcome: 'paid', reference: id };
      } catch (error) {
        const reason = refusalIn(error);
        if (reason === null) throw error;
        if (!isPoor(error)) return { outcome: 'refused', reason };
        this.#refusedFor.set(payoutId, nth + 1);
        if (!isRepeated(error)) return { outcome: 'wait', reason };
      }
    }
  }

  async #find(payoutId: string): Promise<StripeTransfer | null> {
    const { data } = await this.stripe.transfers.list({ transfer_group: payoutId, limit: 10 });
    return data.find(({ metadata }) => metadata[PAYOUT] === payoutId) ?? null;
  }

  paymentIntent(id: string): Promise<Stripe.PaymentIntent> {
    return this.stripe.paymentIntents.retrieve(id);
  }

  refundsOf(paymentIntent: string): Promise<Stripe.Refund[]> {
    return this.stripe.refunds
      .list({ payment_intent: paymentIntent, limit: 100 })
      .autoPagingToArray({ limit: MOST_REFUNDS });
  }

  /**
   * The event of a webhook. Throws an error when Stripe did not sign these bytes, or too long ago.
   */
  eventOf(body: Buffer, signature: string): Stripe.Event {
    const tolerance = TOLERANCE_S * Math.max(1, this.clock.speed);
    return this.stripe.webhooks.constructEvent(
      body,
      signature,
      this.webhookSecret,
      tolerance,
      undefined,
      this.clock.now().getTime(),
    );
  }
}

const isPoor = (error: unknown): boolean =>
  (error as Stripe.errors.StripeError).code === 'balance_insufficient';
/** Whether this is the answer to an earlier request with the same key. */
const isRepeated = (error: unknown): boolean =>
  (error as Stripe.errors.StripeError).headers?.['idempotent-replayed'] === 'true';

/** Null for a transfer that is none of ours. */
export const payoutOf = ({ metadata }: StripeTransfer): string | null =>
  EntityId.safeParse(metadata[PAYOUT]).data ?? null;

/** Whether a transfer is the one that the payout asked for. */
export function carries(
  { amount, currency, destination }: StripeTransfer,
  payout: Payout,
): boolean {
  const account = typeof destination === 'string' ? destination : destination?.id;
  return (
    amount === stripeAmount(payout) &&
    currency === payout.currency.toLowerCase() &&
    account === payout.destination?.account
  );
}

export const returned = ({ id }: Pick<StripeTransfer, 'id'>): string =>
  `Stripe has reversed the transfer ${id}`;

/**
 * What Stripe says when it will not make the transfer, or not now: the account
 * is closed, the platform's balance does not suffice. Null for all else: no answer, a wrong key,
 * too many requests, another request with this key under way.
 */
function refusalIn(error: unknown): string | null {
  const { type, statusCode, code, message } = error as Stripe.errors.StripeError;
  if (type !== 'StripeInvalidRequestError' || statusCode === 409 || code === 'lock_timeout')
    return null;
  return shortened(`Stripe refused the transfer${code ? ` (${code})` : ''}: ${message}`, 500);
}
