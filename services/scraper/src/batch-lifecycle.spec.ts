import { streams } from '@cliptally/contracts';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Batch } from './batch-lifecycle.js';
import { newBatch } from './batch-ports.js';
import { abandon, recover, resumedBatch } from './batch-recovery.js';
import { TakenOver } from './batch-refusal.js';
import { TRANSITIONS, type BatchState, type Trigger } from './domain/batch.js';
import { ROW, START } from './testing/fake-source.js';
import { SourceFault } from './sources/source.js';
import { ACK_WAIT_S, SCRAPES, Shared } from './testing/batch-processes.js';

describe('a batch', () => {
  let shared: Shared;
  let calls: string[];
  beforeEach(() => {
    shared = new Shared();
    calls = [];
  });

  const made = () => {
    const { ports, sources } = shared.portsOf((name, call) => (calls.push(name), call()));
    const source = sources[0]!;
    const batch = new Batch(ports, source, newBatch(ports, source, SCRAPES, [0, 0]));
    return { ports: { ...ports, sources: [source] }, source, batch };
  };
  type Made = ReturnType<typeof made>;
  const storedOf = async () =>
    (await shared.state.batchesOf([SCRAPES[0]!.request.requestId])).get(
      SCRAPES[0]!.request.requestId,
    )!;

  /** The steps to each state. */
  const reach: Record<BatchState, (batch: Batch) => Promise<unknown>> = {
    new: async () => {},
    intended: (batch) => batch.intend(),
    claimed: async (batch) => (await batch.intend(), batch.claim(null)),
    started: async (batch) => (await reach.claimed(batch), batch.start()),
    collected: async (batch) => (await reach.started(batch), batch.read()),
    closed: async (batch) => (await reach.collected(batch), batch.close()),
  };
  const STATES = Object.keys(reach) as BatchState[];
  /**
   * The transitions that a caller asks for by name; the others are steps of `start` and `recover`.
   */
  const asked: Partial<Record<Trigger, (batch: Batch) => Promise<unknown>>> = {
    intend: (batch) => batch.intend(),
    claim: (batch) => batch.claim(null),
    start: (batch) => batch.start(),
    collect: (batch) => batch.read(),
    close: (batch) => batch.close(),
  };

  const table = STATES.flatMap((state) =>
    (Object.keys(asked) as Trigger[]).map((trigger) => [state, trigger] as const),
  );
  it.each(table)('that is %s: %s', async (state, trigger) => {
    const { batch } = made();
    await reach[state](batch);
    const before = (await shared.log()).length;
    const { from, to }: { from: readonly BatchState[]; to: BatchState } = TRANSITIONS[trigger];
    if (from.includes(state)) {
      await asked[trigger]!(batch);
      expect(batch.state).toBe(to);
      return;
    }
    await expect(asked[trigger]!(batch)).rejects.toThrow(
      new RegExp(`^A batch that is ${state} cannot \\w+\\.$`),
    );
    expect([batch.state, (await shared.log()).length, shared.sources[0]!.started.length]).toEqual([
      state,
      before,
      state === 'new' || state === 'intended' || state === 'claimed' ? 0 : 1,
    ]);
  });

  /** What each transition does outside the process, in order. */
  const effects: [Trigger, (one: Made) => Promise<unknown>, string[]][] = [
    ['intend', ({ batch }) => batch.intend(), ['keepBatch']],
    [
      'claim',
      async ({ batch }) => (await batch.intend(), calls.splice(0), batch.claim(null)),
      ['claim', 'append ScrapeBatchStarted'],
    ],
    [
      'acquire',
      async ({ batch }) => (await reach.claimed(batch), calls.splice(0), batch.start()),
      ['acquire', 'start', 'takeRun', 'keepBatch'],
    ],
    [
      'start',
      async ({ batch }) => (await reach.claimed(batch), calls.splice(0), batch.start()),
      ['acquire', 'start', 'takeRun', 'keepBatch'],
    ],
    [
      'renew',
      async ({ batch }) => {
        await reach.claimed(batch);
        shared.clock.advance(ACK_WAIT_S * 1_000 + 1);
        calls.splice(0);
        await batch.start();
      },
      ['acquire', 'claim', 'start', 'takeRun', 'keepBatch'],
    ],
    [
      'find',
      async ({ ports, batch }) => {
        await reach.started(batch);
        const resumed = resumedBatch(ports, { ...(await storedOf()), run: null });
        calls.splice(0);
        expect(await recover(resumed, SCRAPES)).toBe(true);
        expect(resumed.state).toBe('started');
      },
      ['find', 'runOf'],
    ],
    [
      'collect',
      async ({ batch }) => (await reach.started(batch), calls.splice(0), batch.read()),
      ['collect'],
    ],
    [
      'close',
      async ({ batch }) => (await reach.collected(batch), calls.splice(0), batch.close()),
      ['release', 'append ScrapeBatchCompleted'],
    ],
  ];
  it.each(effects)('on %s does what its line says, in that order', async (_, act, expected) => {
    await act(made());
    expect(calls).toEqual(expected);
  });
  it('has a test for every transition', () => {
    expect(new Set(effects.map(([trigger]) => trigger))).toEqual(new Set(Object.keys(TRANSITIONS)));
  });

  it('whose claim another has taken is not in the log, and no later delivery waits for it', async () => {
    const one = made();
    await one.batch.intend();
    const { ports, sources } = shared.portsOf();
    const stored = newBatch(ports, sources[0]!, SCRAPES.slice(0, 1), [0]);
    const other = new Batch(ports, sources[0]!, stored);
    await reach.claimed(other);
    await expect(one.batch.claim(null)).rejects.toThrow(TakenOver);
    await abandon(one.batch);
    expect((await shared.log()).map(({ stream }) => stream)).toEqual([
      streams.scrapeBatch(other.stored.batchId),
    ]);
    // The second of the scrapes was free, so it has the late claim.
    const [, second] = SCRAPES.map(({ request }) => request.requestId) as [string, string];
    expect((await shared.state.batchesOf([second])).get(second)).toMatchObject({
      batchId: one.batch.stored.batchId,
      abandoned: true,
    });
    const late = (await shared.state.batchesOf([second])).get(second)!;
    expect(resumedBatch({ ...ports, sources }, late).state).toBe('closed');
  });

  it('whose call was lost does not take the run of an older batch of the same clips', async () => {
    const [older, newer] = [made(), made()];
    await reach.collected(older.batch);
    await older.batch.close();
    await newer.batch.intend();
    await newer.batch.claim(older.batch.stored);
    shared.sources[0]!.onSend = () => {
      shared.sources[0]!.onSend = () => Promise.resolve();
      return Promise.reject(new SourceFault('no answer', { code: 'ECONNRESET' }));
    };
    expect((await shared.pass(newer.batch.start())).status).toBe('fulfilled');
    expect((await newer.batch.collect()).attempts).toBe(2);
    const ends = (await shared.log()).filter(({ type }) => type === 'ScrapeBatchCompleted');
    expect(ends).toMatchObject([
      { data: { sourceRunId: 'first 1' } },
      { data: { sourceRunId: 'first 2' } },
    ]);
  });

  it('that is closed twice, by two processes, is in the log once, as the first has seen it', async () => {
    const one = made();
    await reach.collected(one.batch);
    const resumed = resumedBatch(one.ports, await storedOf());
    const result = await resumed.collect();
    expect(result).toMatchObject({ costMicroUsd: START + 2 * ROW, attempts: 1, whole: false });
    await one.batch.close();
    const ends = (await shared.log()).filter(({ type }) => type === 'ScrapeBatchCompleted');
    expect(ends).toMatchObject([{ data: { costMicroUsd: START + 2 * ROW, status: 'succeeded' } }]);
  });
});
