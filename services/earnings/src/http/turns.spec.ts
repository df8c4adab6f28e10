import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { Turns } from './turns.js';

const STAYS = new AbortController().signal;

describe('turns to read', () => {
  const limits = { running: { all: 3, caller: 2 }, waiting: { all: 150, caller: 100 } };

  /** Asks for a turn; `begun` has the callers in the order in which they had theirs. */
  function room() {
    const turns = new Turns(limits);
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const ask = (caller: string, left: AbortSignal = STAYS) =>
      turns.take(caller, left).then((end) => {
        begun.push(caller);
        ends.push(end);
        return end;
      });
    return { begun, ends, ask };
  }

  it('another caller does not stand behind the hundred lists of one', async () => {
    const { begun, ends, ask } = room();
    for (let i = 0; i < 100; i++) void ask('greedy');
    const other = ask('ann');
    await turn();
    // One place was left for others from the beginning.
    expect(begun).toEqual(['greedy', 'greedy', 'ann']);
    (await other)();
    void ask('bob');
    void ask('bob');
    void ask('bob');
    await turn();
    expect(begun).toEqual(['greedy', 'greedy', 'ann', 'bob']);
    ends[0]!();
    await turn();
    // Whose line has waited longest is next, however long another one is.
    expect(begun.slice(4)).toEqual(['greedy']);
    ends[1]!();
    await turn();
    expect(begun.slice(5)).toEqual(['bob']);
  });

  it('too many that wait are refused: of one caller, and of all', async () => {
    const { ask } = room();
    for (let i = 0; i < 102; i++) void ask('greedy');
    await expect(ask('greedy')).rejects.toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
    });
    for (let i = 0; i < 51; i++) void ask('ann');
    await expect(ask('bob')).rejects.toMatchObject({ status: 429 });
  });

  it('who has gone needs no turn, and an ended turn ends once', async () => {
    const { begun, ends, ask } = room();
    void ask('greedy');
    void ask('greedy');
    const leaving = new AbortController();
    const left = ask('greedy', leaving.signal);
    void ask('greedy');
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    ends[0]!();
    ends[0]!();
    await turn();
    expect(begun).toHaveLength(3);
    void ask('greedy');
    await turn();
    expect(begun).toHaveLength(3);
  });
});
