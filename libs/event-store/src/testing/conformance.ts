import { newEvent, type AnyEvent, type NewEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { raiseVersion } from '../../../contracts/src/testing/raise-version.js';
import { EventIdTaken, EventTooLarge, MAX_EVENT_BYTES, WrongExpectedRevision, type EventStore, type ExpectedRevision } from '../port.js';

const at = { time: '2026-01-01T00:00:00.000Z', correlationId: 'c', causationId: 'c' };

/** A small valid event; `note` makes it recognisable. */
export const paused = (note = 'n', id: string = randomUUID()): NewEvent =>
  newEvent('CampaignPaused', id, { campaignId: 'a', reason: note, by: 'test' }, at);
const resumed = (): NewEvent => newEvent('CampaignResumed', randomUUID(), { campaignId: 'a', by: 'test' }, at);
export const freshStream = (prefix = 'campaign') => `${prefix}-${randomUUID()}`;
const noteOf = (event: AnyEvent) => (event.data as { reason: string }).reason;

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The first `count` events that a subscription gives. */
async function first(store: EventStore, count: number, from: number, options = {}): Promise<AnyEvent[]> {
  const stop = new AbortController();
  const seen: AnyEvent[] = [];
  if (count > 0)
    for await (const event of store.subscribe(from, stop.signal, options)) {
      seen.push(event);
      if (seen.length === count) stop.abort();
    }
  return seen;
}

/**
 * What every event store must do. `races` is how often two writers compete for each expectation, `run` how many events
 * the largest single append has.
 */
export function describeEventStore(
  name: string,
  open: () => Promise<EventStore>,
  { races = 1_000, writers = 8, events = 100_000, run = 20_000 } = {},
): void {
  describe(`${name} as an event store`, () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    const append = (stream: string, expected: ExpectedRevision, ...made: NewEvent[]) => store.append(stream, made, expected);

    describe('expected revision', () => {
      it('none: begins a stream', async () => {
        const result = await append(freshStream(), 'none', paused());
        expect(result).toMatchObject({ revision: 0, added: 1 });
      });
      it('none: refuses a stream that exists, and says where it stands', async () => {
        const stream = freshStream();
        await append(stream, 'none', paused(), paused());
        await expect(append(stream, 'none', paused())).rejects.toMatchObject({
          name: 'WrongExpectedRevision',
          actual: 1,
          expected: 'none',
        });
      });
      it('exact: continues at the revision it names', async () => {
        const stream = freshStream();
        await append(stream, 'none', paused());
        expect(await append(stream, 0, paused(), paused())).toMatchObject({ revision: 2 });
      });
      it.each([0, 2, 100])('exact: refuses revision %i of a stream that is at 1', async (expected) => {
        const stream = freshStream();
        await append(stream, 'none', paused(), paused());
        await expect(append(stream, expected, paused())).rejects.toBeInstanceOf(WrongExpectedRevision);
      });
      it('exact: refuses a stream that does not exist', async () => {
        await expect(append(freshStream(), 0, paused())).rejects.toMatchObject({ actual: -1 });
      });
      it('exists: continues a stream and refuses to begin one', async () => {
        const stream = freshStream();
        await expect(append(stream, 'exists', paused())).rejects.toMatchObject({ actual: -1 });
        await append(stream, 'none', paused());
        expect(await append(stream, 'exists', paused())).toMatchObject({ revision: 1 });
      });
      it('any: begins and continues', async () => {
        const stream = freshStream();
        await append(stream, 'any', paused());
        expect(await append(stream, 'any', paused())).toMatchObject({ revision: 1 });
      });
      it('a refused append leaves nothing behind', async () => {
        const stream = freshStream();
        await append(stream, 'none', paused('kept'));
        await append(stream, 5, paused('lost')).catch(() => {});
        expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(['kept']);
      });
      it(`exact: of two writers racing ${races} times, exactly one wins each`, async () => {
        const stream = freshStream();
        for (let i = 0; i < races; i++) {
          const expected = i === 0 ? 'none' : i - 1;
          const results = await Promise.allSettled([append(stream, expected, paused('a')), append(stream, expected, paused('b'))]);
          expect(results.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
          expect((results.find((r) => r.status === 'rejected') as PromiseRejectedResult).reason).toBeInstanceOf(WrongExpectedRevision);
        }
        expect(await collect(store.readStream(stream))).toHaveLength(races);
      }, 300_000);
      it('any: racing writers all win, each at a revision of its own', async () => {
        const stream = freshStream();
        const results = await Promise.all(Array.from({ length: 64 }, () => append(stream, 'any', paused())));
        expect(results.map((r) => r.revision).sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i));
      });
    });

    describe('idempotence by event id', () => {
      it('the same append again is a success that changes nothing', async () => {
        const stream = freshStream();
        const batch = [paused('1'), paused('2')];
        const first = await store.append(stream, batch, 'none');
        expect(await store.append(stream, batch, 'none')).toEqual({ ...first, added: 0 });
        expect(await collect(store.readStream(stream))).toHaveLength(2);
      });
      it('also when others have written since, whatever is expected', async () => {
        const stream = freshStream();
        const mine = paused('mine');
        await append(stream, 'none', mine);
        await append(stream, 0, paused('other'));
        for (const expected of ['none', 'any', 'exists', 0, 7] as const)
          expect(await append(stream, expected, mine)).toMatchObject({ added: 0, revision: 0 });
      });
      it('a batch that is partly there gains the rest', async () => {
        const stream = freshStream();
        const [one, two] = [paused('1'), paused('2')];
        await append(stream, 'none', one);
        expect(await append(stream, 'none', one, two)).toMatchObject({ revision: 1, added: 1 });
        expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(['1', '2']);
      });
      it('a batch that is partly there is refused when others have written since', async () => {
        const stream = freshStream();
        const [one, two] = [paused('1'), paused('2')];
        await append(stream, 'none', one);
        await append(stream, 0, paused('other'));
        await expect(append(stream, 'none', one, two)).rejects.toBeInstanceOf(WrongExpectedRevision);
      });
      it('the first one stands when the same id says something else', async () => {
        const stream = freshStream();
        const id = randomUUID();
        await append(stream, 'any', paused('first', id));
        expect(await append(stream, 'any', paused('second', id))).toMatchObject({ added: 0 });
        expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(['first']);
      });
      it('thirty-two writers of one event make one event', async () => {
        const stream = freshStream();
        const event = paused();
        const results = await Promise.all(Array.from({ length: 32 }, () => append(stream, 'any', event)));
        expect(results.reduce((sum, r) => sum + r.added, 0)).toBe(1);
      });
      it('new events before and after those that are there are added in their order', async () => {
        const stream = freshStream();
        const [one, two, three] = [paused('1'), paused('2'), paused('3')];
        await append(stream, 'none', two);
        const result = await append(stream, 'any', one, two, three);
        expect(result).toMatchObject({ added: 2, revision: 2 });
        expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(['2', '1', '3']);
        expect(result.position).toBe(await store.head());
      });
      it('what an append says covers all of its events, also where the last one was there already', async () => {
        const stream = freshStream();
        const [one, two] = [paused('1'), paused('2')];
        await append(stream, 'none', two);
        expect(await append(stream, 'any', one, two)).toEqual({ stream, revision: 1, position: await store.head(), added: 1 });
      });
      it('an id may not be used in two streams, where the store notices', async () => {
        const event = paused();
        await append(freshStream(), 'any', event);
        const again = append(freshStream(), 'any', event);
        if (store.detectsForeignIds) await expect(again).rejects.toBeInstanceOf(EventIdTaken);
        else expect(await again).toMatchObject({ revision: 0, added: 1 });
      });
      it('an id may not stand twice in one append', async () => {
        const event = paused();
        await expect(append(freshStream(), 'any', event, event)).rejects.toThrow('stands twice');
      });
    });

    describe('many streams at once', () => {
      it('appends to all of them', async () => {
        const names = Array.from({ length: 50 }, () => freshStream());
        const results = await store.appendMany(names.map((stream) => ({ stream, events: [paused(stream)], expected: 'none' as const })));
        expect(results.map((r) => r.stream)).toEqual(names);
        const head = await store.head();
        for (const { stream, position } of results) {
          const [event] = await collect(store.readStream(stream));
          expect(position).toBeGreaterThanOrEqual(event!.position);
          expect(position).toBeLessThanOrEqual(head);
        }
      });
      it('the same call again is a success that changes nothing, stream by stream', async () => {
        const [whole, part, none] = [freshStream(), freshStream(), freshStream()];
        const batch = [whole, part, none].map((stream) => ({ stream, events: [paused('1'), paused('2')], expected: 'none' as const }));
        await store.append(whole, batch[0]!.events, 'none');
        await store.append(part, batch[1]!.events.slice(0, 1), 'none');
        expect((await store.appendMany(batch)).map((r) => r.added)).toEqual([0, 1, 2]);
        const again = await store.appendMany(batch);
        expect(again.map((r) => [r.added, r.revision])).toEqual([0, 0, 0].map((added) => [added, 1]));
        for (const stream of [whole, part, none]) expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(['1', '2']);
      });
      it('is all or nothing where the store says so', async () => {
        if (!store.atomicAcrossStreams) return;
        const [good, bad] = [freshStream(), freshStream()];
        const batch = [good, bad].map((stream, i) => ({ stream, events: [paused()], expected: i === 0 ? ('none' as const) : 3 }));
        await expect(store.appendMany(batch)).rejects.toMatchObject({ stream: bad });
        expect(await collect(store.readStream(good))).toEqual([]);
      });
      it('one refused request does not touch its neighbours', async () => {
        const [good, bad] = [freshStream(), freshStream()];
        const results = await Promise.allSettled([append(bad, 3, paused()), append(good, 'none', paused()), append(bad, 'none', paused())]);
        expect(results.map((r) => r.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
      });
      it('several appends of one call to one stream keep their order', async () => {
        const stream = freshStream();
        await store.appendMany(['1', '2', '3'].map((note) => ({ stream, events: [paused(note)], expected: 'any' as const })));
        expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(['1', '2', '3']);
      });
      it('a stream may not be named twice with something expected of it', async () => {
        const stream = freshStream();
        const twice = [paused(), paused()].map((event) => ({ stream, events: [event], expected: 'none' as const }));
        await expect(store.appendMany(twice)).rejects.toThrow('stands twice');
      });
      it('nothing at all is nothing', async () => {
        expect(await store.appendMany([])).toEqual([]);
      });
      it('keeps names apart that differ by case alone', async () => {
        const stream = freshStream();
        const names = [`${stream}-abc`, `${stream}-ABC`, `${stream}-Abc`];
        await store.appendMany(names.map((stream) => ({ stream, events: [paused(stream)], expected: 'none' as const })));
        for (const name of names) expect((await collect(store.readStream(name))).map(noteOf)).toEqual([name]);
      });
      it(`takes ${run} events of one stream as one append`, async () => {
        const stream = freshStream();
        const start = await store.head();
        const events = Array.from({ length: run }, (_, i) => paused(String(i)));
        const result = await store.append(stream, events, 'none');
        expect(result).toMatchObject({ revision: run - 1, added: run, position: await store.head() });
        expect((await collect(store.readAll(start))).map(noteOf)).toEqual(events.map((_, i) => String(i)));
      }, 120_000);
      it(`completes an append of ${run} events that stopped halfway when it is made again, exactly`, async () => {
        const stream = freshStream();
        const events = Array.from({ length: run }, (_, i) => paused(String(i)));
        const half = Math.floor(run * 0.6) + 1;
        await store.append(stream, events.slice(0, half), 'none');
        expect(await store.append(stream, events, 'none')).toMatchObject({ revision: run - 1, added: run - half });
        expect(await store.append(stream, events, 'none')).toMatchObject({ revision: run - 1, added: 0 });
        expect((await collect(store.readStream(stream))).map((e) => e.id)).toEqual(events.map((e) => e.id));
      }, 120_000);
    });

    describe('reading a stream', () => {
      const stream = freshStream();
      beforeAll(async () => {
        await store.append(
          stream,
          Array.from({ length: 10 }, (_, i) => paused(String(i))),
          'none',
        );
      });
      it.each([
        ['forwards', {}, '0123456789'],
        ['forwards from a revision', { from: 7 }, '789'],
        ['forwards with a limit', { limit: 3 }, '012'],
        ['forwards from a revision with a limit', { from: 4, limit: 2 }, '45'],
        ['backwards', { direction: 'backwards' as const }, '9876543210'],
        ['backwards from a revision', { direction: 'backwards' as const, from: 2 }, '210'],
        ['backwards with a limit', { direction: 'backwards' as const, limit: 2 }, '98'],
        ['past the end', { from: 10 }, ''],
        ['with a limit of nothing', { limit: 0 }, ''],
      ])('%s', async (_, options, notes) => {
        expect((await collect(store.readStream(stream, options))).map(noteOf).join('')).toBe(notes);
      });
      it('gives back what was written, whole', async () => {
        const event = paused('whole');
        const own = freshStream();
        const { position } = await append(own, 'none', event);
        expect(await collect(store.readStream(own))).toEqual([{ ...event, stream: own, revision: 0, position }]);
      });
      it('an unknown stream reads as empty', async () => {
        expect(await collect(store.readStream(freshStream()))).toEqual([]);
      });
      it('keeps every character', async () => {
        const own = freshStream();
        const text = 'Zażółć 漢字 العربية 👩‍👩‍👧‍👦 \u2028 "\\ \t \n \u{10FFFF}';
        await append(own, 'none', paused(text));
        expect(noteOf((await collect(store.readStream(own)))[0]!)).toBe(text);
      });
      it('keeps every character of what led to an event', async () => {
        const own = freshStream();
        const causes = { correlationId: 'żółć 漢字', causationId: '👩‍👩‍👧‍👦' };
        await append(own, 'none', { ...paused(), ...causes });
        expect(await collect(store.readStream(own))).toMatchObject([causes]);
      });
      it('keeps an event as large as may be', async () => {
        const own = freshStream();
        const reason = 'x'.repeat(MAX_EVENT_BYTES - JSON.stringify({ reason: '' }).length);
        await append(own, 'none', { ...paused(), data: { reason } } as unknown as NewEvent);
        expect(noteOf((await collect(store.readStream(own)))[0]!)).toHaveLength(reason.length);
      });
      it('reads an event of an older version as the newest, from everywhere, and copies it as it was written', async () => {
        const start = await store.head();
        const own = freshStream();
        await append(own, 'none', paused('old'), paused('older'));
        const restore = raiseVersion('CampaignPaused', ({ reason, ...data }) => ({ ...data, reasons: [reason] }));
        try {
          const newest = ['old', 'older'].map((note) => ({ version: 2, data: { campaignId: 'a', by: 'test', reasons: [note] } }));
          expect(await collect(store.readStream(own))).toMatchObject(newest);
          expect(await collect(store.readStream(own, { direction: 'backwards' }))).toMatchObject(newest.toReversed());
          expect(await collect(store.readAll(start))).toMatchObject(newest);
          expect(await first(store, 2, start)).toMatchObject(newest);
          const written = await collect(store.readAll(start, { asWritten: true }));
          expect(written.map((event) => [event.version, noteOf(event)])).toEqual(['old', 'older'].map((note) => [1, note]));
        } finally {
          restore();
        }
      });
      it('keeps an event of a version or type that this program does not know', async () => {
        const own = freshStream();
        const strange = { ...paused('strange'), version: 99, type: 'CampaignTeleported' } as unknown as NewEvent;
        await append(own, 'none', strange);
        expect(await collect(store.readStream(own))).toMatchObject([{ version: 99, type: 'CampaignTeleported' }]);
      });
    });

    describe('what is refused before anything is written', () => {
      it('an event that is too large, with a way out', async () => {
        const stream = freshStream();
        const large = { ...paused(), data: { reason: 'x'.repeat(MAX_EVENT_BYTES) } } as unknown as NewEvent;
        await expect(append(stream, 'none', paused(), large)).rejects.toBeInstanceOf(EventTooLarge);
        await expect(append(stream, 'none', large)).rejects.toThrow('Split');
        expect(await collect(store.readStream(stream))).toEqual([]);
      });
      it('a stream of no category', async () => {
        await expect(append('nonsense-1', 'any', paused())).rejects.toThrow('belongs to no category');
        await expect(append('campaign-', 'any', paused())).rejects.toThrow('belongs to no category');
      });
      it('an append of nothing', async () => {
        await expect(append(freshStream(), 'any')).rejects.toThrow('at least one event');
      });
      it('a character that no store keeps', async () => {
        await expect(append(freshStream(), 'any', paused('a\u0000b'))).rejects.toThrow('U+0000');
      });
    });

    describe('reading everything', () => {
      it('in order, from a position, up to the end', async () => {
        const start = await store.head();
        await append(freshStream(), 'none', paused('1'), paused('2'));
        await append(freshStream(), 'none', paused('3'));
        const all = await collect(store.readAll(start));
        expect(all.map(noteOf)).toEqual(['1', '2', '3']);
        expect(all.at(-1)!.position).toBe(await store.head());
        expect((await collect(store.readAll(all[1]!.position))).map(noteOf)).toEqual(['3']);
      });
      it('at most as many as asked for', async () => {
        const start = await store.head();
        await append(freshStream(), 'none', paused('1'), paused('2'), paused('3'));
        expect((await collect(store.readAll(start, { limit: 2 }))).map(noteOf)).toEqual(['1', '2']);
      });
      it('by type and by stream prefix', async () => {
        const start = await store.head();
        const stream = freshStream();
        await append(stream, 'none', paused(), resumed());
        await append(freshStream('tracking-run'), 'none', resumed());
        expect((await collect(store.readAll(start, { types: ['CampaignResumed'] }))).length).toBe(2);
        expect((await collect(store.readAll(start, { streamPrefix: 'tracking-run-' }))).length).toBe(1);
        expect((await collect(store.readAll(start, { types: ['CampaignPaused'], streamPrefix: stream }))).length).toBe(1);
        expect(await collect(store.readAll(start, { types: ['PayoutPaid'] }))).toEqual([]);
      });
      it('from the position that an append gave, reads nothing of that append and all of the next', async () => {
        const { position } = await append(freshStream(), 'none', paused('1'), paused('2'));
        expect(await collect(store.readAll(position))).toEqual([]);
        await append(freshStream(), 'none', paused('3'));
        expect((await collect(store.readAll(position))).map(noteOf)).toEqual(['3']);
      });
      it('by types that nobody asks for reads as empty', async () => {
        await append(freshStream(), 'none', paused());
        expect(await collect(store.readAll(0, { types: [] }))).toEqual([]);
      });
      it('past the end reads as empty', async () => {
        expect(await collect(store.readAll((await store.head()) + 1_000))).toEqual([]);
      });
    });

    describe('a subscription', () => {
      it('gives what was there and then what comes', async () => {
        const start = await store.head();
        await append(freshStream(), 'none', paused('before'));
        const seen = first(store, 2, start);
        await append(freshStream(), 'none', paused('after'));
        expect((await seen).map(noteOf)).toEqual(['before', 'after']);
      });
      it('can be filtered', async () => {
        const start = await store.head();
        const seen = first(store, 1, start, { types: ['CampaignResumed'] });
        await append(freshStream(), 'none', paused(), resumed());
        expect((await seen)[0]!.type).toBe('CampaignResumed');
      });
      it('begins after the position it is given, be it an event of another type', async () => {
        const { position } = await append(freshStream(), 'none', paused('1'), resumed());
        const seen = first(store, 1, position, { types: ['CampaignPaused'] });
        await append(freshStream(), 'none', resumed(), paused('2'));
        expect((await seen).map(noteOf)).toEqual(['2']);
      });
      it('can be filtered by stream prefix and type at once', async () => {
        const start = await store.head();
        const stream = freshStream();
        const seen = first(store, 1, start, { types: ['CampaignResumed'], streamPrefix: stream });
        await append(freshStream(), 'none', resumed());
        await append(stream, 'none', paused(), resumed());
        expect(await seen).toMatchObject([{ stream, type: 'CampaignResumed' }]);
      });
      it('ends when it is told to, also while it waits', async () => {
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 20);
        expect(await collect(store.subscribe(await store.head(), stop.signal))).toEqual([]);
      });
      it(`neither skips nor repeats while ${writers} writers append ${events} events`, async () => {
        const start = await store.head();
        const seen = first(store, events, start);
        const each = Math.ceil(events / writers);
        const write = async (writer: number) => {
          for (let done = 0; done < each;) {
            const size = Math.min(each - done, 1 + ((writer * 37 + done) % 200));
            await store.appendMany([{ stream: freshStream(), events: Array.from({ length: size }, () => paused()), expected: 'none' }]);
            done += size;
          }
        };
        await Promise.all(Array.from({ length: writers }, (_, i) => write(i)));
        const positions = (await seen).map((e) => e.position);
        expect(positions.every((p, i) => i === 0 || p > positions[i - 1]!)).toBe(true);
        const inLog = await collect(store.readAll(start, { limit: events }));
        expect(positions).toEqual(inLog.map((e) => e.position));
      }, 300_000);
    });
  });
}
