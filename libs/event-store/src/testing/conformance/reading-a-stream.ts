import type { NewEvent } from '@cliptally/contracts';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { raiseVersion } from '../../../../contracts/src/testing/raise-version.js';
import { MAX_EVENT_BYTES, type EventStore } from '../../port.js';
import { appendTo, collect, first, freshStream, noteOf, paused, type Theme } from './support.js';

export const readingAStream: Theme = (opened) => {
  describe('reading a stream', () => {
    let store: EventStore;
    beforeAll(() => {
      store = opened();
    });
    const append = appendTo(opened);

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
      expect(await collect(store.readStream(own))).toEqual([
        { ...event, stream: own, revision: 0, position },
      ]);
    });
    it('an unknown stream reads as empty', async () => {
      expect(await collect(store.readStream(freshStream()))).toEqual([]);
    });
    it('tells where many streams end, and says nothing of one that does not exist', async () => {
      const written = await Promise.all(
        Array.from({ length: 250 }, (_, i) =>
          append(freshStream(), 'none', ...Array.from({ length: 1 + (i % 3) }, () => paused())),
        ),
      );
      const tails = await store.tails([...written.map((one) => one.stream), freshStream()]);
      expect([...tails.keys()].toSorted()).toEqual(written.map((one) => one.stream).toSorted());
      for (const { stream: each, revision } of written) {
        const [last] = await collect(store.readStream(each, { direction: 'backwards', limit: 1 }));
        expect(tails.get(each)).toEqual({ revision, position: last!.position });
      }
      expect(await store.tails([])).toEqual(new Map());
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
      const restore = raiseVersion('CampaignPaused', ({ reason, ...data }) => ({
        ...data,
        reasons: [reason],
      }));
      try {
        const newest = ['old', 'older'].map((note) => ({
          version: 2,
          data: { campaignId: 'a', by: 'test', reasons: [note] },
        }));
        expect(await collect(store.readStream(own))).toMatchObject(newest);
        expect(await collect(store.readStream(own, { direction: 'backwards' }))).toMatchObject(
          newest.toReversed(),
        );
        expect(await collect(store.readAll(start))).toMatchObject(newest);
        expect(await first(store, 2, start)).toMatchObject(newest);
        const written = await collect(store.readAll(start, { asWritten: true }));
        expect(written.map((event) => [event.version, noteOf(event)])).toEqual(
          ['old', 'older'].map((note) => [1, note]),
        );
      } finally {
        restore();
      }
    });
    it('keeps an event of a version or type that this program does not know', async () => {
      const own = freshStream();
      const strange = {
        ...paused('strange'),
        version: 99,
        type: 'CampaignTeleported',
      } as unknown as NewEvent;
      await append(own, 'none', strange);
      expect(await collect(store.readStream(own))).toMatchObject([
        { version: 99, type: 'CampaignTeleported' },
      ]);
    });
  });
};
