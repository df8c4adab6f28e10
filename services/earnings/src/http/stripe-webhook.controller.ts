import { Controller, HttpCode, Inject, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import type { Request, Response } from 'express';
import { derivedId, type EventData } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import { Commands } from '../commands/commands.js';
import { RuleBroken } from '../domain/rule-broken.js';
import type { PayoutSender } from '../payouts/sender.js';
import { paymentIn } from '../payouts/stripe-payment.js';
import type { StripeProvider } from '../payouts/stripe-provider.js';
import { Bodies } from './bodies.js';
import { Problem, notFound } from './problem.js';

/** What the webhook needs, if Stripe is set up. */
export class StripeConnection {
  constructor(
    readonly provider: StripeProvider,
    readonly sender: PayoutSender,
    readonly log: Log,
  ) {}
}
export const STRIPE = Symbol('stripe');

/**
 * What Stripe notifies of its transfers, and of what brands pay in. No token: the signature says
 * who sends it.
 */
@Controller('webhooks')
export class StripeWebhookController {
  constructor(
    @Inject(STRIPE) private readonly stripe: StripeConnection | null,
    @Inject(Bodies) private readonly bodies: Bodies,
    @Inject(Commands) private readonly commands: Commands,
  ) {}

  @Post('stripe')
  @HttpCode(200)
  async receive(
    @Req() request: RawBodyRequest<Request>,
    @Res({ passthrough: true }) response: Response,
  ) {
    if (!this.stripe) throw notFound('Stripe is not set up here.');
    const signature = request.headers['stripe-signature'];
    if (typeof signature !== 'string') throw badSignature();
    await this.bodies.read('signed', request.ip ?? '', request, response);
    let event: ReturnType<StripeProvider['eventOf']>;
    try {
      event = this.stripe.provider.eventOf(request.rawBody ?? Buffer.alloc(0), signature);
    } catch {
      throw badSignature();
    }
    if (event.type === 'transfer.created' || event.type === 'transfer.reversed')
      await this.stripe.sender.learn(event.type, event.data.object);
    const payment = paymentIn(event);
    if (payment) await this.#fund(payment);
    return { received: true };
  }

  /** What the rules refuse once they refuse each time: Stripe need not send it again. */
  async #fund(payment: EventData<'BudgetFunded'>): Promise<void> {
    const { brandId, reference } = payment;
    try {
      await this.commands.fund(derivedId('stripe-payment', brandId, reference), payment);
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      const said = { brandId, payment: reference, error: error.message };
      this.stripe!.log.error(said, 'a payment to Stripe was not recorded: record it by hand');
    }
  }
}

const badSignature = () =>
  new Problem(
    400,
    'bad_signature',
    'The signature is not one that Stripe made for this body with the secret of this webhook.',
  );
