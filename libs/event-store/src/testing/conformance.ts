import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '../port.js';
import { expectedRevision } from './conformance/expected-revision.js';
import { idempotence } from './conformance/idempotence.js';
import { manyStreams } from './conformance/many-streams.js';
import { readingAStream } from './conformance/reading-a-stream.js';
import { refusals } from './conformance/refusals.js';
import { readingEverything } from './conformance/reading-everything.js';
import { subscription } from './conformance/subscription.js';
import type { Sizes } from './conformance/support.js';

export { collect, freshStream, paused } from './conformance/support.js';

const SIZES: Sizes = { races: 1_000, writers: 8, events: 100_000, run: 100_000, halted: 20_000 };

/** What every event store must do; `sizes` are of what is done many times. */
export function describeEventStore(
  name: string,
  open: () => Promise<EventStore>,
  sizes: Sizes = SIZES,
): void {
  describe(`${name} as an event store`, () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());
    for (const theme of [
      expectedRevision,
      idempotence,
      manyStreams,
      readingAStream,
      refusals,
      readingEverything,
      subscription,
    ])
      theme(() => store, sizes);
  });
}
