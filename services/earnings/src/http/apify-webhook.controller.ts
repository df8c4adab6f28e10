import { APIFY_RUN_ENDED } from '@cliptally/contracts';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Bodies } from './bodies.js';
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

  constructor(
    @Inject(APIFY_HINTS) private readonly hints: ApifyHints | null,
    @Inject(Bodies) private readonly bodies: Bodies,
  ) {}

  @Post('webhooks/apify')
  @HttpCode(200)
  async ended(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    if (!this.hints)
      throw notFound('No webhooks are taken from Apify here: APIFY_WEBHOOK_SECRET is not set.');
    // Digests have one length, so that the comparison takes the same time for every guess.
    if (
      !timingSafeEqual(
        digest(request.get('x-cliptally-webhook-secret') ?? ''),
        digest(this.hints.secret),
      )
    )
      throw unauthorized('This is not a webhook that was asked for.');
    const header = request.get('x-apify-webhook-dispatch-id');
    const dispatch = parse(DispatchId, header, 'X-Apify-Webhook-Dispatch-Id');
    await this.bodies.read('json', 'apify', request, response);
    const { eventData } = parse(Payload, request.body, 'body');
    if (this.#seen.has(dispatch)) return { accepted: true, repeated: true };
    this.hints.publish(APIFY_RUN_ENDED, eventData.actorRunId);
    this.#seen.add(dispatch);
    for (const oldest of this.#seen) if (this.#seen.size > REMEMBERED) this.#seen.delete(oldest);
    return { accepted: true, repeated: false };
  }
}
