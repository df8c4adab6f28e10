import { afterEach, describe, expect, it } from '@jest/globals';
import { MemorySlots } from './testing/fake-source.js';
import { startFaultyWorld } from './testing/faulty-world.js';

describe('a concurrency slot (E3)', () => {
  let world: Awaited<ReturnType<typeof startFaultyWorld>> | undefined;
  afterEach(async () => world?.close());

  type World = NonNullable<typeof world>;
  const away = () => Promise.reject(new Error('no answer'));
  /**
   * Each place between taking the slot and the end of the batch at which the log or NATS may be
   * away, once.
   */
  const places: [string, (world: World) => () => void][] = [
    ['the intent cannot be appended', ({ store }) => once(store, 'append', away)],
    [
      'the intent is appended, and the batch cannot be kept',
      ({ state }) => once(state, 'keepBatch', away),
    ],
    ['the claim cannot be made', ({ state }) => once(state, 'claim', away)],
    [
      'another scraper has the claim',
      ({ state }) => once(state, 'claim', () => Promise.resolve(false)),
    ],
    [
      'the run is started, and the batch cannot be kept',
      ({ state }) => once(state, 'keepBatch', away, 1),
    ],
    ['the end cannot be appended', ({ store }) => once(store, 'append', away, 1)],
  ];

  it.each(places)(
    'is free again though %s, and every request has one outcome of one paid run',
    async (_, strike) => {
      const slots = new MemorySlots();
      world = await startFaultyWorld({ platform: 'tiktok', limits: slots });
      const requests = world.requestsFor([1, 2, 3, 4]);
      const struck = strike(world);
      // The delivery that failed is delivered again, to this process or to the next.
      for (let delivery = 0; delivery < 3; delivery++) {
        const failed = await world.deliver(requests).then(
          () => false,
          () => true,
        );
        if (!failed) break;
        world.restart();
      }
      expect(struck).not.toThrow();
      expect([...slots.taken]).toEqual([]);
      expect(slots.most).toBeGreaterThan(0);
      const outcomes = await world.outcomes();
      expect(outcomes.map(({ data }) => data.requestId).toSorted()).toEqual(
        requests.map(({ requestId }) => requestId).toSorted(),
      );
      expect(world.standIn.stats().runs).toBe(1);
    },
  );
});

/**
 * Replaces the method for its call after `before` ones; what it gives throws unless that call came.
 */
function once<N extends string>(
  target: Record<N, unknown> | object,
  name: N,
  answer: () => Promise<unknown>,
  before = 0,
): () => void {
  const methods = target as Record<N, (...args: unknown[]) => Promise<unknown>>;
  const original = methods[name].bind(target);
  let calls = 0;
  methods[name] = (...args) => (calls++ === before ? answer() : original(...args));
  return () => {
    if (calls <= before) throw new Error(`${name} was called ${calls} times only`);
  };
}
