import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@cliptally/contracts';
import type { Transfer } from './ledger.js';

export interface WebhookEndpoint {
  url: string;
  /** Signs the bodies, as `whsec_...` does. */
  secret: string;
}

/**
 * Stripe tries for days; a few times are enough for a receiver on the same machine that is starting
 * again.
 */
const ATTEMPTS = 20;
const PAUSE_MS = 250;

/** A signed body and its header, as Stripe sends them. */
function signed(event: object, secret: string, clock: Clock): { body: string; signature: string } {
  const body = JSON.stringify(event);
  const timestamp = Math.floor(clock.now().getTime() / 1000);
  return {
    body,
    signature: `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
  };
}

const eventOf = (type: string, object: Transfer, clock: Clock): object => ({
  id: `evt_${randomUUID().replaceAll('-', '')}`,
  object: 'event',
  type,
  created: Math.floor(clock.now().getTime() / 1000),
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  data: { object },
});

/** Tells the endpoint until it answers with success, at least once and in no order. */
export async function deliver(
  { url, secret }: WebhookEndpoint,
  type: string,
  object: Transfer,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const event = eventOf(type, object, clock);
  for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
    const { body, signature } = signed(event, secret, clock);
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signature,
    };
    const taken = await fetch(url, { method: 'POST', headers, body, signal }).then(
      (response) => response.ok,
      () => false,
    );
    if (taken) return;
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}
