import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../../port.js';
import { appendTo, collect, freshStream, noteOf, paused, type Theme } from './support.js';

export const manyStreams: Theme = (opened, { run, halted }) => {
  describe('many streams at once', () => {
    let store: EventStore;
    beforeAll(() => {
      store = opened();
    });
    const append = appendTo(opened);

    it('appends to all of them', async () => {
      const names = Array.from({ length: 50 }, () => freshStream());
      const results = await store.appendMany(
        names.map((stream) => ({ stream, events: [paused(stream)], expected: 'none' as const })),
      );
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
      const batch = [whole, part, none].map((stream) => ({
        stream,
        events: [paused('1'), paused('2')],
        expected: 'none' as const,
      }));
      await store.append(whole, batch[0]!.events, 'none');
      await store.append(part, batch[1]!.events.slice(0, 1), 'none');
      expect((await store.appendMany(batch)).map((r) => r.added)).toEqual([0, 1, 2]);
      const again = await store.appendMany(batch);
      expect(again.map((r) => [r.added, r.revision])).toEqual([0, 0, 0].map((added) => [added, 1]));
      for (const stream of [whole, part, none])
        expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(['1', '2']);
    });
    it('is all or nothing if the store says so', async () => {
      if (!store.atomicAcrossStreams) return;
      const [good, bad] = [freshStream(), freshStream()];
      const batch = [good, bad].map((stream, i) => ({
        stream,
        events: [paused()],
        expected: i === 0 ? ('none' as const) : 3,
      }));
      await expect(store.appendMany(batch)).rejects.toMatchObject({ stream: bad });
      expect(await collect(store.readStream(good))).toEqual([]);
    });
    it('one refused request does not touch its neighbours', async () => {
      const [good, bad] = [freshStream(), freshStream()];
      const results = await Promise.allSettled([
        append(bad, 3, paused()),
        append(good, 'none', paused()),
        append(bad, 'none', paused()),
      ]);
      expect(results.map((r) => r.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    });
    it('several appends of one call to one stream keep their order', async () => {
      const stream = freshStream();
      await store.appendMany(
        ['1', '2', '3'].map((note) => ({
          stream,
          events: [paused(note)],
          expected: 'any' as const,
        })),
      );
      expect((await collect(store.readStream(stream))).map(noteOf)).toEqual(['1', '2', '3']);
    });
    it('a stream may not be named twice with something expected of it', async () => {
      const stream = freshStream();
      const twice = [paused(), paused()].map((event) => ({
        stream,
        events: [event],
        expected: 'none' as const,
      }));
      await expect(store.appendMany(twice)).rejects.toThrow('appears twice');
    });
    it('nothing at all is nothing', async () => {
      expect(await store.appendMany([])).toEqual([]);
    });
    it('keeps names apart that differ by case alone', async () => {
      const stream = freshStream();
      const names = [`${stream}-abc`, `${stream}-ABC`, `${stream}-Abc`];
      await store.appendMany(
        names.map((stream) => ({ stream, events: [paused(stream)], expected: 'none' as const })),
      );
      for (const name of names)
        expect((await collect(store.readStream(name))).map(noteOf)).toEqual([name]);
    });
    it(`takes ${run} events of one stream as one append`, async () => {
      const stream = freshStream();
      const start = await store.head();
      const events = Array.from({ length: run }, (_, i) => paused(String(i)));
      const result = await store.append(stream, events, 'none');
      expect(result).toMatchObject({ revision: run - 1, added: run, position: await store.head() });
      expect((await collect(store.readAll(start))).map(noteOf)).toEqual(
        events.map((_, i) => String(i)),
      );
    });
    it(`completes an append of ${halted} events that stopped halfway when it is made again, exactly`, async () => {
      const stream = freshStream();
      const events = Array.from({ length: halted }, (_, i) => paused(String(i)));
      const half = Math.floor(halted * 0.6) + 1;
      await store.append(stream, events.slice(0, half), 'none');
      expect(await store.append(stream, events, 'none')).toMatchObject({
        revision: halted - 1,
        added: halted - half,
      });
      expect(await store.append(stream, events, 'none')).toMatchObject({
        revision: halted - 1,
        added: 0,
      });
      expect((await collect(store.readStream(stream))).map((e) => e.id)).toEqual(
        events.map((e) => e.id),
      );
    });
  });
};
