import { EntityId, type EventData } from '@cliptally/contracts';
import type Stripe from 'stripe';
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

/** What a verified webhook says that a brand has paid in; null for all else. */
export function paymentIn({ type, data }: Stripe.Event): EventData<'BudgetFunded'> | null {
  if (!PAID.includes(type)) return null;
  const of = data.object as Stripe.Checkout.Session | Stripe.PaymentIntent;
  const brandId = EntityId.safeParse(of.metadata?.[BRAND]).data;
  if (!brandId || !of.currency) return null;
  const { reference, amount } =
    of.object === 'payment_intent'
      ? { reference: of.id, amount: of.amount_received }
      : { reference: intentOf(of), amount: of.payment_status === 'paid' ? of.amount_total : 0 };
  const currency = of.currency.toUpperCase();
  const minor = minorOfStripe(amount ?? 0, currency);
  return reference && minor ? { brandId, currency, amount: minor, reference, by: BY_STRIPE } : null;
}

const intentOf = ({ payment_intent: intent }: Stripe.Checkout.Session): string | undefined =>
  typeof intent === 'string' ? intent : intent?.id;
