import { systemTimers } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { askedTogether } from './asked-together.js';

describe('questions that are asked together', () => {
  const world = (most?: number) => {
    const asked: (readonly number[])[] = [];
    const answers: (() => void)[] = [];
    const loader = askedTogether<number, number>(
      async (keys) => {
        asked.push(keys);
        await new Promise<void>((resolve) => answers.push(resolve));
        if (keys.includes(13)) throw new Error('thirteen');
        return keys.map((key) => key * 10);
      },
      systemTimers,
      most,
    );
    const turns = async () => {
      for (let n = 0; n < 5; n++) await systemTimers.turn();
    };
    const answer = async () => {
      answers.shift()!();
      await turns();
    };
    return { loader, asked, answer, turns };
  };

  it('are those of one turn, then those that came while the first were answered', async () => {
    const { loader, asked, answer, turns } = world();
    const first = [loader.load(1), loader.load(2)];
    await turns();
    expect(asked).toEqual([[1, 2]]);
    const next = [loader.load(3)];
    await turns();
    next.push(loader.load(4));
    await turns();
    expect(asked).toHaveLength(1);
    await answer();
    expect(await Promise.all(first)).toEqual([10, 20]);
    expect(asked).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await answer();
    expect(await Promise.all(next)).toEqual([30, 40]);
  });

  it('are answered after others failed', async () => {
    const { loader, answer, turns } = world();
    const refused = loader.load(13).catch((error: Error) => error.message);
    await turns();
    const next = loader.load(5);
    await answer();
    expect(await refused).toBe('thirteen');
    await answer();
    expect(await next).toBe(50);
  });

  it('are no more at once than allowed', async () => {
    const { loader, asked, turns } = world(2);
    void Promise.all([1, 2, 3].map((key) => loader.load(key)));
    await turns();
    expect(asked).toEqual([[1, 2], [3]]);
  });
});
