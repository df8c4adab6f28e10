import { beforeAll, describe, expect, it } from '@jest/globals';
import { WrongExpectedRevision, type EventStore } from '../../port.js';
import { appendTo, collect, freshStream, noteOf, paused, type Theme } from './support.js';

export const expectedRevision: Theme = (opened, { races }) => {
  describe('expected revision', () => {
    let store: EventStore;
    beforeAll(() => {
      store = opened();
    });
    const append = appendTo(opened);

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
    it.each([0, 2, 100])(
      'exact: refuses revision %i of a stream that is at 1',
      async (expected) => {
        const stream = freshStream();
        await append(stream, 'none', paused(), paused());
        await expect(append(stream, expected, paused())).rejects.toBeInstanceOf(
          WrongExpectedRevision,
        );
      },
    );
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
        const results = await Promise.allSettled([
          append(stream, expected, paused('a')),
          append(stream, expected, paused('b')),
        ]);
        expect(results.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(
          (results.find((r) => r.status === 'rejected') as PromiseRejectedResult).reason,
        ).toBeInstanceOf(WrongExpectedRevision);
      }
      expect(await collect(store.readStream(stream))).toHaveLength(races);
    });
    it('any: racing writers all win, each at a revision of its own', async () => {
      const stream = freshStream();
      const results = await Promise.all(
        Array.from({ length: 64 }, () => append(stream, 'any', paused())),
      );
      expect(results.map((r) => r.revision).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 64 }, (_, i) => i),
      );
    });
  });
};
