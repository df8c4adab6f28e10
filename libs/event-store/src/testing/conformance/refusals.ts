import type { NewEvent } from '@cliptally/contracts';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { EventTooLarge, MAX_EVENT_BYTES, type EventStore } from '../../port.js';
import { appendTo, collect, freshStream, paused, type Theme } from './support.js';

export const refusals: Theme = (opened) => {
  describe('what is refused before anything is written', () => {
    let store: EventStore;
    beforeAll(() => {
      store = opened();
    });
    const append = appendTo(opened);

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
};
