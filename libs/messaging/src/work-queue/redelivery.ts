import type { AnyEvent } from '@cliptally/contracts';
import type { JsMsg } from '@nats-io/jetstream';
import type { Log } from '../log.js';
import type { ConsumerSettings, Handling } from './consumer-settings.js';
import { isDeliveryRequest } from './delivery.js';

const RETRY_FROM_MS = 1_000;
const RETRY_TO_MS = 60_000;

export interface RedeliveryOptions {
  log: Log;
  /**
   * Called for each dead letter, for some of them twice; null if it is unreadable. If it fails, it
   * is called again.
   */
  onDeadLetter?: (event: AnyEvent | null, reason: string) => Promise<void>;
}

/** After a handling that failed: asks for the message again, or makes it a dead letter. */
export async function afterFailure(
  { log, onDeadLetter }: RedeliveryOptions,
  { maxDeliver, durable }: ConsumerSettings,
  message: JsMsg,
  event: AnyEvent | null,
  error: unknown,
): Promise<Handling> {
  const count = message.info.deliveryCount;
  const request = isDeliveryRequest(error) ? error : null;
  const reason = reasonOf(error);
  // A message that is no event of ours cannot be read any better next time.
  const hopeless =
    request?.delivery === 'never' || error instanceof SyntaxError || count >= maxDeliver;
  if (!hopeless) {
    const asked = request?.delivery === 'later' ? request.delayMs : null;
    message.nak(asked ?? Math.min(RETRY_FROM_MS * 2 ** (count - 1), RETRY_TO_MS));
    return 'retried';
  }
  try {
    await onDeadLetter?.(event, reason);
    message.term(reason);
    log.error(
      { durable, subject: message.subject, sequence: message.seq, deliveries: count, reason },
      'dead letter',
    );
    return 'dead_letter';
  } catch (failure) {
    log.error(
      { durable, sequence: message.seq, error: (failure as Error).message },
      'a dead letter could not be recorded; it is delivered again',
    );
    message.nak(RETRY_TO_MS);
    return 'retried';
  }
}

export const reasonOf = (error: unknown): string => {
  if (isDeliveryRequest(error)) return error.reason;
  return error instanceof Error ? error.message : JSON.stringify(error);
};
