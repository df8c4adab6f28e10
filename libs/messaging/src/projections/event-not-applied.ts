import type { AnyEvent } from '@cliptally/contracts';

/** Names the event that a projection cannot apply. */
export class EventNotApplied extends Error {
  override readonly name = 'EventNotApplied';
  constructor({ position, type, stream, revision }: AnyEvent, cause: unknown) {
    super(
      `The event at position ${position} (${type}, ${stream}@${revision}) cannot be applied: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
