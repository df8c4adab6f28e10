import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../../port.js';
import { appendTo, first, freshStream, noteOf, paused, resumed, type Theme } from './support.js';

export const subscription: Theme = (opened, { writers, events }) => {
  describe('a subscription', () => {
    let store: EventStore;
    beforeAll(() => {
      store = opened();
    });
    const append = appendTo(opened);

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
    it('ends when it is aborted, also while it waits', async () => {
      const stop = new AbortController();
      const start = await store.head();
      await append(freshStream(), 'none', paused('last'));
      const seen: string[] = [];
      for await (const event of store.subscribe(start, stop.signal)) {
        seen.push(noteOf(event));
        // From another turn, when it waits for what is not there.
        setImmediate(() => stop.abort());
      }
      expect(seen).toEqual(['last']);
    });
    it(`neither skips nor repeats while ${writers} writers append ${events} events`, async () => {
      const start = await store.head();
      const seen = first(store, events, start);
      const ids: string[] = [];
      const write = async (writer: number) => {
        for (let done = 0; done < events / writers;) {
          const batch = Array.from(
            { length: Math.min(events / writers - done, 1 + ((writer * 37 + done) % 200)) },
            () => paused(),
          );
          await store.appendMany([{ stream: freshStream(), events: batch, expected: 'none' }]);
          for (const { id } of batch) ids.push(id);
          done += batch.length;
        }
      };
      await Promise.all(Array.from({ length: writers }, (_, i) => write(i)));
      const given = await seen;
      expect(given.every(({ position }, i) => i === 0 || position > given[i - 1]!.position)).toBe(
        true,
      );
      expect(given.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      expect(given.at(-1)!.position).toBe(await store.head());
    });
  });
};
