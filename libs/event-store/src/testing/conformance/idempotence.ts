import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { EventIdTaken, WrongExpectedRevision, type EventStore } from '../../port.js';
import { appendTo, collect, freshStream, noteOf, paused, type Theme } from './support.js';

export const idempotence: Theme = (opened) => {
  describe('idempotence by event id', () => {
    let store: EventStore;
    beforeAll(() => {
      store = opened();
    });
    const append = appendTo(opened);

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
      const results = await Promise.all(
        Array.from({ length: 32 }, () => append(stream, 'any', event)),
      );
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
    it('what an append says covers all of its events, also if the last one was there already', async () => {
      const stream = freshStream();
      const [one, two] = [paused('1'), paused('2')];
      await append(stream, 'none', two);
      expect(await append(stream, 'any', one, two)).toEqual({
        stream,
        revision: 1,
        position: await store.head(),
        added: 1,
      });
    });
    it('an id may not be used in two streams, if the store notices', async () => {
      const event = paused();
      await append(freshStream(), 'any', event);
      const again = append(freshStream(), 'any', event);
      if (store.detectsForeignIds) await expect(again).rejects.toBeInstanceOf(EventIdTaken);
      else expect(await again).toMatchObject({ revision: 0, added: 1 });
    });
    it('an id may not stand twice in one append', async () => {
      const event = paused();
      await expect(append(freshStream(), 'any', event, event)).rejects.toThrow('appears twice');
    });
  });
};
