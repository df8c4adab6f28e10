import { EventPattern, RpcException } from '@nestjs/microservices';

/**
 * Marks the handler of a consumer's messages. Nest's own decorator refuses a typed context; this
 * one is the same without that.
 */
export const TakesWork = (pattern: string): MethodDecorator =>
  EventPattern(pattern) as MethodDecorator;

/**
 * What a handler's failure asks of JetStream; Nest hands the transport this object, not the error
 * around it.
 */
export type DeliveryRequest =
  | { delivery: 'later'; delayMs: number | null; reason: string }
  | { delivery: 'never'; reason: string };

/**
 * Thrown by a handler: the message shall be redelivered, not before `delayMs` of real time; null
 * leaves the delay to the transport.
 */
export class RetryLater extends RpcException {
  constructor(
    readonly delayMs: number | null,
    readonly reason: string,
  ) {
    super({ delivery: 'later', delayMs, reason } satisfies DeliveryRequest);
  }
}

/** Thrown by a handler: the message can never be handled; it becomes a dead letter. */
export class Poison extends RpcException {
  constructor(readonly reason: string) {
    super({ delivery: 'never', reason } satisfies DeliveryRequest);
  }
}

export function isDeliveryRequest(value: unknown): value is DeliveryRequest {
  return typeof value === 'object' && value !== null && 'delivery' in value;
}
