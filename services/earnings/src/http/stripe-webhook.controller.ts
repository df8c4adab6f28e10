import { Controller, HttpCode, Inject, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Log } from '@cliptally/messaging';
import { Commands } from '../commands/commands.js';
import type { PayoutSender } from '../payouts/sender.js';
import type { StripeProvider } from '../payouts/stripe-provider.js';
import { Tables } from '../queries/tables.js';
import { Bodies } from './bodies.js';
import { Problem, notFound } from './problem.js';
import { StripeFunding } from './stripe-funding.js';

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
 * What Stripe notifies of its transfers, and of what brands pay in and get back. No token: the
 * signature says who sends it.
 */
@Controller('webhooks')
export class StripeWebhookController {
  constructor(
    @Inject(STRIPE) private readonly stripe: StripeConnection | null,
    @Inject(Bodies) private readonly bodies: Bodies,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
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
    await new StripeFunding(this.stripe.provider, this.commands, this.tables, this.stripe.log).take(event); // prettier-ignore
    return { received: true };
  }
}

const badSignature = () =>
  new Problem(
    400,
    'bad_signature',
    'The signature is not one that Stripe made for this body with the secret of this webhook.',
  );
