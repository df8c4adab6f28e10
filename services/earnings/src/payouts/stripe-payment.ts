import { EntityId, type EventData } from '@cliptally/contracts';
import type Stripe from 'stripe';
import type { Refund } from '../domain/funding-refund.js';
import { BY_STRIPE } from '../domain/payout.js';
import { minorOfStripe } from './stripe-provider.js';

/** Field of a payment's metadata that names the brand which pays in. */
const BRAND = 'cliptally_brand';

/** Of a payment by Checkout these two come both: the payment intent names it in each. */
const PAID = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'payment_intent.succeeded',
];
const REFUNDED = ['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated'];
const DISPUTED = 'charge.dispute.';

/** What a verified webhook says that a brand has paid in; null for all else. */
export const paymentIn = ({ type, data }: Stripe.Event): EventData<'BudgetFunded'> | null =>
  PAID.includes(type)
    ? paymentBy(data.object as Stripe.Checkout.Session | Stripe.PaymentIntent)
    : null;

/** Null if it is no brand's, or nothing has been paid. */
export function paymentBy(
  of: Stripe.Checkout.Session | Stripe.PaymentIntent,
): EventData<'BudgetFunded'> | null {
  const brandId = EntityId.safeParse(of.metadata?.[BRAND]).data;
  if (!brandId || !of.currency) return null;
  const { reference, amount } =
    of.object === 'payment_intent'
      ? { reference: of.id, amount: of.amount_received }
      : { reference: idOf(of.payment_intent), amount: of.payment_status === 'paid' ? of.amount_total : 0 }; // prettier-ignore
  const currency = of.currency.toUpperCase();
  const minor = minorOfStripe(amount ?? 0, currency);
  return reference && minor ? { brandId, currency, amount: minor, reference, by: BY_STRIPE } : null;
}

/** Money that goes back of a payment, or has come back if it does not `stand` any more. */
export interface TakenBack extends Omit<Refund, 'brandId'> {
  stands: boolean;
}

/**
 * The payment whose refunds have to be asked for: before version 2024-10-28 of its API, Stripe
 * tells of a refund by its charge, which does not name it.
 */
export const refundedIn = ({ type, data }: Stripe.Event): string | undefined =>
  type === 'charge.refunded' ? idOf(data.object.payment_intent) : undefined;

/** The refund or the dispute that a verified webhook tells of; null for all else. */
export function takenBackIn({ type, data }: Stripe.Event): TakenBack | null {
  const of = data.object as Stripe.Refund | Stripe.Dispute;
  return REFUNDED.includes(type) || type.startsWith(DISPUTED) ? takenBackBy(of) : null;
}

/** Null while it has taken nothing of a payment. */
export function takenBackBy(of: Stripe.Refund | Stripe.Dispute): TakenBack | null {
  const stands = of.object === 'refund' ? refundStands(of) : disputeStands(of);
  const reference = idOf(of.payment_intent);
  const currency = of.currency.toUpperCase();
  const amount = minorOfStripe(of.amount, currency);
  if (stands === null || !reference || !amount) return null;
  return { reference, refundId: of.id, currency, amount, by: BY_STRIPE, stands };
}

/** A refund counts from its beginning: a bank may take days, and the money is promised. */
const refundStands = ({ status }: Stripe.Refund): boolean =>
  status !== 'failed' && status !== 'canceled';

/** Null for an inquiry and what was prevented: they have withdrawn nothing. */
function disputeStands({ status }: Stripe.Dispute): boolean | null {
  if (status.startsWith('warning_') || status === 'prevented') return null;
  return status !== 'won';
}

const idOf = (of: string | { id: string } | null | undefined): string | undefined =>
  typeof of === 'string' ? of : of?.id;
