import { newEvent, type AnyEvent, type NewEvent } from '@cliptally/contracts';
import { MemoryEventStore, type EventStore } from '@cliptally/event-store';
import { describe, expect, it } from '@jest/globals';
import type { Consumer } from '@nats-io/jetstream';
import * as fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { followLog, readUp } from './follower.js';
import { silentLog } from '../log.js';
import type { Nats } from '../nats/connection.js';
import { messageOf, type EventMessage } from '../nats/message.js';
import { take } from '../nats/streams.js';

let nth = 0;
const id = () => `00000000-0000-4000-8000-${(++nth).toString(16).padStart(12, '0')}`;
const context = { time: '2026-01-01T00:00:00.000Z', correlationId: 'c', causationId: 'c' };
const wanted = (): NewEvent =>
  newEvent('CampaignToppedUp', id(), { campaignId: 'a', amount: 1, by: 'b' }, context);
const other = (): NewEvent =>
  newEvent('CampaignPaused', id(), { campaignId: 'a', reason: '', by: 'b' }, context);
const TYPES = ['CampaignToppedUp'] as const;

type Readable = Pick<EventStore, 'head' | 'readAll'>;

/**
 * A store that takes events between the two reads of its end: after its head was asked for, and at
 * any event that is read.
 */
function growing(
  store: MemoryEventStore,
  grow: (moment: 'head' | 'event') => readonly NewEvent[],
): Readable {
  const append = async (events: readonly NewEvent[]) =>
    events.length > 0 && (await store.append('campaign-a', events, 'any'));
  return {
    async head() {
      const head = await store.head();
      await append(grow('head'));
      return head;
    },
    async *readAll(position, options) {
      for await (const event of store.readAll(position, options)) {
        await append(grow('event'));
        yield event;
      }
    },
  };
}

/**
 * What a follower does with batches: a checkpoint that it may be stopped at, and the events
 * applied.
 */
class Follower {
  position = 0;
  readonly applied: number[] = [];
  readonly faults: string[] = [];

  apply(events: readonly AnyEvent[], to: number): void {
    if (to < this.position) this.faults.push(`went back from ${this.position} to ${to}`);
    this.applied.push(...events.map(({ position }) => position));
    this.position = to;
  }
}

const positionsOf = async (store: MemoryEventStore) =>
  (await Array.fromAsync(store.readAll(0, { types: TYPES }))).map(({ position }) => position);

describe('a follower that catches up while the log grows', () => {
  it.each([1, 2, 3, 4, 5])(
    'never goes back, and applies each event once, in batches of %i (E2)',
    async (size) => {
      for (let before = 1; before <= 2 * size; before++) {
        for (let between = 0; between <= 2 * size; between++) {
          const store = new MemoryEventStore();
          await store.append('campaign-a', Array.from({ length: before }, wanted), 'any');
          let grown = false;
          const log = growing(store, (moment) => {
            if (grown || moment !== 'head') return [];
            grown = true;
            return Array.from({ length: between }, wanted);
          });
          const follower = new Follower();
          // Twice: what came meanwhile is there at the latest the second time.
          for (let round = 0; round < 2; round++)
            for await (const { events, position } of readUp(log, follower.position, TYPES, size))
              follower.apply(events, position);
          expect({ before, between, faults: follower.faults }).toEqual({
            before,
            between,
            faults: [],
          });
          expect(follower.applied).toEqual(await positionsOf(store));
          expect(follower.position).toBe(await store.head());
        }
      }
    },
  );

  it('applies each event once in any interleaving of appends, page ends and restarts', async () => {
    const growth = fc.array(fc.boolean(), { maxLength: 4 });
    const stops = fc.infiniteStream(fc.nat({ max: 5 }));
    const property = fc.asyncProperty(
      growth,
      fc.infiniteStream(growth),
      stops,
      fc.integer({ min: 1, max: 5 }),
      async (first, growths, stops, size) => {
        const store = new MemoryEventStore();
        const made = (kinds: readonly boolean[]) =>
          kinds.map((isWanted) => (isWanted ? wanted() : other()));
        await store.append('campaign-a', [wanted(), ...made(first)], 'any');
        const grown = { times: 0 };
        const log = growing(store, () =>
          grown.times++ < 30 ? made(growths.next().value as boolean[]) : [],
        );
        const follower = new Follower();
        for (
          let rounds = 0;
          rounds < 200 && (grown.times < 30 || follower.position < (await store.head()));
          rounds++
        ) {
          // A restart between any two batches: what was applied is kept with the checkpoint.
          let batches = stops.next().value as number;
          for await (const { events, position } of readUp(log, follower.position, TYPES, size)) {
            follower.apply(events, position);
            if (batches-- === 0) break;
          }
        }
        expect(follower.faults).toEqual([]);
        expect(follower.applied).toEqual(await positionsOf(store));
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });
});

describe('a follower that hears of what the log does not have', () => {
  it('gives what the log has, once, whatever messages say and however often', async () => {
    const store = new MemoryEventStore();
    let hear: (message: object) => void = () => {};
    const connection = {
      subscribe(_: string, { callback }: { callback: (error: null, message: object) => void }) {
        hear = (message) => callback(null, message);
        return { unsubscribe: () => {} };
      },
    };
    const say = ({ headers, payload }: EventMessage) => hear({ headers, data: payload });
    const stored = async () => {
      await store.append('campaign-a', [wanted()], 'any');
      return (await Array.fromAsync(store.readAll(0))).at(-1)!;
    };
    const stop = new AbortController();
    const options = { store, nats: { connection } as unknown as Nats, log: silentLog, types: TYPES };
    const batches = followLog(0, options, stop.signal)[Symbol.asyncIterator]();
    const first = batches.next();
    const forged = { ...(await stored()), data: { campaignId: 'a', amount: 666, by: 'mallory' } } as AnyEvent;
    for (const position of [1, 2, 1e15]) say(messageOf({ ...forged, position }, position - 1, 1e6));
    hear({ headers: undefined, data: new Uint8Array() });
    const given = [...(await first).value!.events];
    const second = batches.next();
    say(messageOf(await stored(), 1, 1e6));
    given.push(...(await second).value!.events);
    stop.abort();
    expect(given).toEqual(await Array.fromAsync(store.readAll(0)));
    expect((await batches.next()).done).toBe(true);
  });
}); // prettier-ignore

describe('what a wait leaves behind', () => {
  const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
  const consumerOf = (messages: AsyncIterable<unknown>) =>
    ({
      fetch: () => Promise.resolve(Object.assign(messages, { close: () => {} })),
    }) as unknown as Consumer;
  const three = () =>
    (async function* () {
      yield* [1, 2, 3];
    })();

  it('is no listener, though the reader stops early or a message cannot be taken', async () => {
    const { signal } = new AbortController();
    for await (const _ of take(consumerOf(three()), 3, signal)) break;
    const failing = (async function* () {
      yield 1;
      throw new Error('the server is away');
    })();
    await expect(Array.fromAsync(take(consumerOf(failing), 3, signal))).rejects.toThrow('away');
    await Array.fromAsync(take(consumerOf(three()), 3, signal));
    expect(listeners(signal)).toBe(0);
  });

  it('is no listener of a subscription to the memory store, however much is appended', async () => {
    const store = new MemoryEventStore();
    const stop = new AbortController();
    const events = store.subscribe(0, stop.signal)[Symbol.asyncIterator]();
    for (let i = 0; i < 50; i++) {
      const next = events.next();
      await store.append('campaign-a', [wanted()], 'any');
      await next;
    }
    expect(listeners(stop.signal)).toBeLessThanOrEqual(1);
    stop.abort();
  });
});
