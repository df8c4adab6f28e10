import { Controller, HttpCode, Inject, Post, Req, type RawBodyRequest } from '@nestjs/common';
import type { Request } from 'express';
import type { PayoutSender } from '../payouts/sender.js';
import type { StripeProvider } from '../payouts/stripe-provider.js';
import { Problem, notFound } from './problem.js';

/** Where Stripe is set up; null if it is not. */
export class StripeConnection {
  constructor(
    readonly provider: StripeProvider,
    readonly sender: PayoutSender,
  ) {}
}
export const STRIPE = Symbol('stripe');

/** What Stripe notifies of its transfers. No token: the signature says who sends it. */
@Controller('webhooks')
export class StripeWebhookController {
  constructor(@Inject(STRIPE) private readonly stripe: StripeConnection | null) {}

  @Post('stripe')
  @HttpCode(200)
  async receive(@Req() request: RawBodyRequest<Request>) {
    if (!this.stripe) throw notFound('Stripe is not set up here.');
    const signature = request.headers['stripe-signature'];
    let event: ReturnType<StripeProvider['eventOf']>;
    try {
      event = this.stripe.provider.eventOf(
        request.rawBody ?? Buffer.alloc(0),
        typeof signature === 'string' ? signature : '',
      );
    } catch {
      throw new Problem(
        400,
        'bad_signature',
        'The signature is not one that Stripe made for this body with the secret of this webhook.',
      );
    }
    if (event.type === 'transfer.created' || event.type === 'transfer.reversed')
      await this.stripe.sender.learn(event.type, event.data.object);
    return { received: true };
  }
}
