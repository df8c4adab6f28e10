import { derivedId, formatMoney, type EventData } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import type Stripe from 'stripe';
import type { Commands } from '../commands/commands.js';
import { RuleBroken } from '../domain/rule-broken.js';
import {
  paymentBy,
  paymentIn,
  refundedIn,
  takenBackBy,
  takenBackIn,
  type TakenBack,
} from '../payouts/stripe-payment.js';
import { BY_STRIPE } from '../domain/payout.js';
import type { StripeProvider } from '../payouts/stripe-provider.js';
import { paymentsNamed } from '../queries/funding.js';
import type { Tables } from '../queries/tables.js';
import { Problem } from './problem.js';

/** What Stripe tells of payments by brands, and of what goes back of them. */
export class StripeFunding {
  constructor(
    private readonly provider: StripeProvider,
    private readonly commands: Commands,
    private readonly tables: Tables,
    private readonly log: Log,
  ) {}

  /** Throws what Stripe has to send again. */
  async take(event: Stripe.Event): Promise<void> {
    // Of a connected account: its owner writes the metadata of its own payments.
    if (event.account) return;
    const payment = paymentIn(event);
    if (payment) await this.#fund(payment);
    const refunded = refundedIn(event);
    const one = takenBackIn(event);
    const all = one ? [one] : refunded ? await this.#refundsOf(refunded) : [];
    for (const of of all) await this.#refund(of);
  }

  async #refundsOf(reference: string): Promise<TakenBack[]> {
    // Most charges of an account may be other business.
    if (!(await this.#payment(reference))) return [];
    const refunds = await this.#ask(reference, () => this.provider.refundsOf(reference));
    return (refunds ?? []).flatMap((refund) => takenBackBy(refund) ?? []);
  }

  async #refund({ stands, ...of }: TakenBack): Promise<void> {
    const payment = await this.#payment(of.reference);
    if (!payment) return;
    const { brandId } = payment;
    // The amount of a dispute follows exchange rates.
    const amount = Math.min(of.amount, payment.amount);
    const id = derivedId('stripe-refund', brandId, of.refundId, String(stands));
    const recorded = await this.#recorded({ brandId, refund: of.refundId }, () =>
      this.commands.refund(id, { ...of, amount, brandId }, stands),
    );
    const money = formatMoney(amount, of.currency);
    const said = { brandId, payment: of.reference, refund: of.refundId, amount: money };
    if (recorded && stands) this.log.warn(said, 'money that a brand has paid in went back');
  }

  /** The payment that goes by this name; null if it is no brand's, or nobody can say. */
  async #payment(reference: string): Promise<{ brandId: string; amount: number } | null> {
    const known = await this.tables.snapshot((snapshot) => paymentsNamed(snapshot, reference));
    const own = known.length === 1 ? known[0] : known.find(({ by }) => by === BY_STRIPE);
    if (own) return own;
    if (known.length > 1) {
      const brands = known.map(({ brandId }) => brandId);
      this.log.error({ payment: reference, brands }, 'a refund of a payment of several brands was not recorded: record it by hand'); // prettier-ignore
      return null;
    }
    const intent = await this.#ask(reference, () => this.provider.paymentIntent(reference));
    const payment = intent && paymentBy(intent);
    return payment && (await this.#fund(payment)) ? payment : null;
  }

  /** What Stripe says of a payment; null if there is none, or the key may not read it. */
  async #ask<T>(payment: string, asked: () => Promise<T>): Promise<T | null> {
    try {
      return await asked();
    } catch (error) {
      const { statusCode, message } = error as Stripe.errors.StripeError;
      if (statusCode === 404) return null;
      const said = { payment, error: message };
      if (statusCode !== 401 && statusCode !== 403) {
        this.log.warn(said, 'Stripe does not say which payment was refunded: it sends that again');
        throw unavailable();
      }
      this.log.error(said, 'the key may not read payments at Stripe: record refunds by hand');
      return null;
    }
  }

  async #fund(payment: EventData<'BudgetFunded'>): Promise<boolean> {
    const { brandId, reference } = payment;
    const id = derivedId('stripe-payment', brandId, reference);
    return this.#recorded({ brandId, payment: reference }, () => this.commands.fund(id, payment));
  }

  /** What the rules refuse once they refuse each time: Stripe need not send it again. */
  async #recorded(said: object, command: () => Promise<{ visible: boolean }>): Promise<boolean> {
    try {
      const { visible } = await command();
      // What comes next may rest on it.
      if (!visible) throw unavailable();
      return true;
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      this.log.error({ ...said, error: error.message }, 'what Stripe tells of a payment was not recorded: record it by hand'); // prettier-ignore
      return false;
    }
  }
}

const unavailable = () =>
  new Problem(503, 'unavailable', 'This cannot be recorded now: send it again.', [], {
    'retry-after': '5',
  });
