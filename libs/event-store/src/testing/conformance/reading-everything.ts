import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../../port.js';
import { appendTo, collect, freshStream, noteOf, paused, resumed, type Theme } from './support.js';

export const readingEverything: Theme = (opened) => {
  describe('reading everything', () => {
    let store: EventStore;
    beforeAll(() => {
      store = opened();
    });
    const append = appendTo(opened);

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
    it('nothing behind the end that is named, also by type', async () => {
      const start = await store.head();
      const stream = freshStream();
      await append(stream, 'none', paused('1'), resumed());
      const upTo = await store.head();
      expect(await collect(store.readAll(upTo, { upTo }))).toEqual([]);
      await append(stream, 'any', paused('2'), resumed());
      expect(await collect(store.readAll(start, { upTo }))).toHaveLength(2);
      const of = { upTo, types: ['CampaignResumed' as const] };
      expect((await collect(store.readAll(start, of))).map(({ position }) => position)).toEqual([upTo]); // prettier-ignore
    });
    it('by type and by stream prefix', async () => {
      const start = await store.head();
      const stream = freshStream();
      await append(stream, 'none', paused(), resumed());
      await append(freshStream('tracking-run'), 'none', resumed());
      expect((await collect(store.readAll(start, { types: ['CampaignResumed'] }))).length).toBe(2);
      expect((await collect(store.readAll(start, { streamPrefix: 'tracking-run-' }))).length).toBe(
        1,
      );
      expect(
        (await collect(store.readAll(start, { types: ['CampaignPaused'], streamPrefix: stream })))
          .length,
      ).toBe(1);
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
};
