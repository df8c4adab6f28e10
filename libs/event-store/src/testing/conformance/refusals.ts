import type { NewEvent } from '@cliptally/contracts';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { EventTooLarge, MAX_EVENT_BYTES, type EventStore } from '../../port.js';
import { appendTo, collect, freshStream, noteOf, paused, type Theme } from './support.js';

export const refusals: Theme = (opened) => {
  describe('what is refused before anything is written', () => {
    let store: EventStore;
    beforeAll(() => {
      store = opened();
    });
    const append = appendTo(opened);

    it('an event that is too large, with a way out', async () => {
      const stream = freshStream();
      const large = {
        ...paused(),
        data: { reason: 'x'.repeat(MAX_EVENT_BYTES) },
      } as unknown as NewEvent;
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
    const holding = (data: object): NewEvent => ({ ...paused(), data }) as unknown as NewEvent;
    it.each([
      ['half a surrogate pair', 'data.reason', holding({ reason: 'a\ud800b' })],
      ['the second half alone', 'data.reason', holding({ reason: '\udc00' })],
      ['U+0000', 'data.reason', holding({ reason: 'a\u0000b' })],
      ['a bad text deep inside', 'data.lines.1.note', holding({ lines: [{}, { note: '\ud83d' }] })],
      ['a bad name', 'a name in data.terms', holding({ terms: { 'a\u0000': 1 } })],
      ['a bad text behind backslashes', 'data.reason', holding({ reason: '\\\\\u0000' })],
      ['a bad correlation', 'correlationId', { ...paused(), correlationId: 'a\ud800' }],
      ['a bad cause', 'causationId', { ...paused(), causationId: '\u0000' }],
      [
        'a cause that no header has room for',
        'causationId',
        { ...paused(), causationId: 'ü'.repeat(101) },
      ],
      ['an id that is no UUID', 'id', paused('n', 'one')],
      [
        'an id that is written in another way',
        'id',
        paused('n', '00000000-0000-4000-8000-00000000000A'),
      ],
      [
        'a type that is no word',
        'type',
        { ...paused(), type: 'Campaign Paused' as NewEvent['type'] },
      ],
      ['a version below the first', 'version', { ...paused(), version: 0 }],
      ['a version of no integer', 'version', { ...paused(), version: 1.5 }],
      ['a version out of range', 'version', { ...paused(), version: 2 ** 15 }],
      ['a time that is none', 'time', { ...paused(), time: 'yesterday' }],
      ['a day that is none', 'time', { ...paused(), time: '2026-13-01T00:00:00Z' }],
      ['a time that no table holds', 'time', { ...paused(), time: '+275760-09-13T00:00:00.000Z' }],
      ['a time before times', 'time', { ...paused(), time: '0000-01-01T00:00:00.000Z' }],
      ['data that are no object', 'data', holding([1])],
    ])('%s, with the name of the field (%s)', async (_, field, event) => {
      const stream = freshStream();
      const before = await store.head();
      const refused = append(stream, 'any', paused(), event);
      await expect(refused).rejects.toBeInstanceOf(RangeError);
      await expect(refused).rejects.toThrow(`"${field}"`);
      expect([await collect(store.readStream(stream)), await store.head()]).toEqual([[], before]);
      expect(await append(stream, 'none', paused())).toMatchObject({ revision: 0 });
    });
    it.each([
      'campaign-a\u0000',
      'campaign-\ud800',
      'campaign-a b',
      'campaign-a\r\nce-id: 1',
      `campaign-${'x'.repeat(200)}`,
    ])('a stream named %j', async (stream) => {
      await expect(append(stream, 'any', paused())).rejects.toThrow(RangeError);
    });
    it.each([-2, -4, 1.5, NaN, 2 ** 31, 2 ** 53, Infinity])(
      '%d as an expected revision',
      async (expected) => {
        await expect(append(freshStream(), expected, paused())).rejects.toThrow(
          'expected revision',
        );
      },
    );
  });

  describe('what may look odd and is kept as it is', () => {
    it('text of any whole characters, also if it looks like an escape', async () => {
      const [store, stream] = [opened(), freshStream()];
      const notes = [
        '💥',
        '\\u0000',
        '\\ud800',
        '\\\\u0000',
        '"\\',
        '\u0001\u001f\u007f\u2028',
        '\uffff\ufffe',
        '__proto__',
      ];
      await store.append(
        stream,
        notes.map((note) => paused(note)),
        'none',
      );
      expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(notes);
    });
    it('numbers of any size that JSON has', async () => {
      const [store, stream] = [opened(), freshStream()];
      const numbers = [
        0,
        -1,
        0.1,
        2 ** 53,
        2 ** 53 + 2,
        9.3e18,
        2 ** 63,
        1e22,
        Number.MAX_VALUE,
        Number.MIN_VALUE,
        -1e-300,
      ];
      await store.append(
        stream,
        [{ ...paused(), data: { numbers } } as unknown as NewEvent],
        'none',
      );
      expect((await collect(store.readStream(stream))).map(({ data }) => data)).toEqual([
        { numbers },
      ]);
    });
    it('names that objects of JavaScript have themselves', async () => {
      const [store, stream] = [opened(), freshStream()];
      const data = JSON.parse(
        '{"__proto__": {"admin": true}, "constructor": 1, "toString": null, "": {"": 0}}',
      ) as object;
      await store.append(stream, [{ ...paused(), data } as unknown as NewEvent], 'none');
      const [event] = await collect(store.readStream(stream));
      expect(JSON.parse(JSON.stringify(event!.data))).toEqual(data);
      expect(Object.getOwnPropertyNames(event!.data).toSorted()).toEqual(
        Object.getOwnPropertyNames(data).toSorted(),
      );
    });
    it('a read from a revision that no event has', async () => {
      const [store, stream] = [opened(), freshStream()];
      await store.append(stream, [paused()], 'none');
      expect(await collect(store.readStream(stream, { from: 2 ** 40 }))).toEqual([]);
      expect(
        await collect(store.readStream(stream, { from: 2 ** 40, direction: 'backwards' })),
      ).toHaveLength(1);
    });
    it('whatever is tried, what comes after it is appended and read', async () => {
      const store = opened();
      const unit = fc.nat(0xffff).map((code) => String.fromCharCode(code));
      const text = fc.oneof(
        fc.string({ unit, maxLength: 5 }),
        fc.string({ unit: 'binary', maxLength: 5 }),
        fc.constantFrom('', 'c', 'x'.repeat(300)),
      );
      const number = fc.oneof(
        fc.integer(),
        fc.double(),
        fc.constantFrom(2 ** 31, 2 ** 53, 2 ** 63, 1e308),
      );
      const odd = fc.record({
        reason: text,
        more: fc.dictionary(text, fc.oneof(text, number), { maxKeys: 3 }),
        correlationId: text,
        version: fc.oneof(fc.constant(1), number),
      });
      await fc.assert(
        fc.asyncProperty(
          odd,
          fc.oneof(fc.constant('any' as const), number),
          async ({ reason, more, ...envelope }, expected) => {
            const stream = freshStream();
            const event = {
              ...paused(),
              ...envelope,
              data: { reason, more },
            } as unknown as NewEvent;
            const before = await store.head();
            const appended = await store
              .append(stream, [event], expected)
              .catch((error: Error) => error);
            if (appended instanceof Error) {
              expect(['RangeError', 'WrongExpectedRevision']).toContain(appended.name);
              expect(await store.head()).toBe(before);
            }
            await store.append(stream, [paused('after')], 'any');
            const read = await collect(store.readAll(before));
            expect(noteOf(read.at(-1)!)).toBe('after');
            expect(await collect(store.readStream(stream))).toEqual(read);
            if (!(appended instanceof Error))
              expect(read[0]).toMatchObject({
                data: JSON.parse(JSON.stringify(event.data)) as object,
                ...envelope,
              });
          },
        ),
        { numRuns: 100 },
      );
    });
  });
};
