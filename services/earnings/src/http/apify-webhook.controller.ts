import { APIFY_RUN_ENDED } from '@cliptally/contracts';
import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { notFound, parse, unauthorized } from './problem.js';

/** How a webhook is known, and who is notified of it; null if no secret is set. */
export interface ApifyHints {
  secret: string;
  publish: (subject: string, run: string) => void;
}
export const APIFY_HINTS = Symbol('hints from Apify');

const Payload = z.object({
  eventData: z.object({ actorRunId: z.string().regex(/^[A-Za-z0-9]{1,64}$/) }),
});
const DispatchId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const REMEMBERED = 10_000;

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Takes from Apify only that an actor run has ended: it wakes the scraper that waits for the run,
 * which asks Apify itself. A webhook that is lost or repeated changes no fact.
 */
@Controller()
export class ApifyWebhookController {
  readonly #seen = new Set<string>();

  constructor(@Inject(APIFY_HINTS) private readonly hints: ApifyHints | null) {}

  @Post('webhooks/apify')
  @HttpCode(200)
  ended(
    @Headers('x-cliptally-webhook-secret') secret: string | undefined,
    @Headers('x-apify-webhook-dispatch-id') dispatchId: string | undefined,
    @Body() body: unknown,
  ) {
    if (!this.hints)
      throw notFound('No webhooks are taken from Apify here: APIFY_WEBHOOK_SECRET is not set.');
    // Digests have one length, so that the comparison takes the same time for every guess.
    if (!timingSafeEqual(digest(secret ?? ''), digest(this.hints.secret)))
      throw unauthorized('This is not a webhook that was asked for.');
    const dispatch = parse(DispatchId, dispatchId, 'X-Apify-Webhook-Dispatch-Id');
    const { eventData } = parse(Payload, body, 'body');
    if (this.#seen.has(dispatch)) return { accepted: true, repeated: true };
    this.hints.publish(APIFY_RUN_ENDED, eventData.actorRunId);
    this.#seen.add(dispatch);
    for (const oldest of this.#seen) if (this.#seen.size > REMEMBERED) this.#seen.delete(oldest);
    return { accepted: true, repeated: false };
  }
}
