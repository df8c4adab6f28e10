import { ManualClock, streams, systemTimers, type AnyEvent } from '@cliptally/contracts';
import { MemoryEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { Batch } from './batch-lifecycle.js';
import { newBatch, type BatchPorts } from './batch-ports.js';
import { abandon, recover, resumedBatch } from './batch-recovery.js';
import { TakenOver } from './batch-refusal.js';
import { TRANSITIONS, type BatchState, type Trigger } from './domain/batch.js';
import { ScrapeRequestHandler } from './request-handler.js';
import { SourceRouter } from './source-router.js';
import { FakeSource, MemorySlots, ROW, START, scrapeOf } from './testing/fake-source.js';
import { MapScrapeState } from './scrape-state/map-scrape-state.js';
import { SourceFault } from './sources/source.js';

const ACK_WAIT_S = 30;
const SCRAPES = [scrapeOf('one'), scrapeOf('two')];
const never = () => new Promise<never>(() => {});

/** What all replicas share, and what it has been asked to do, in order. */
class Shared {
  readonly clock = new ManualClock('2026-05-10T00:00:00Z');
  readonly store = new MemoryEventStore();
  readonly state = new MapScrapeState();
  readonly limits = new MemorySlots();
  readonly sources = [new FakeSource('first'), new FakeSource('second')];

  /**
   * The ports of one process; `around` may keep a call from being made, or its answer from coming.
   */
  portsOf(
    around: (name: string, call: () => Promise<unknown>) => Promise<unknown> = (_, call) => call(),
  ) {
    const wrapped = <T extends object>(target: T, names: readonly (keyof T & string)[]): T =>
      new Proxy(target, {
        get: (_, name) => {
          const value = Reflect.get(target, name) as unknown;
          if (typeof value !== 'function') return value;
          const bound = (value as (...args: unknown[]) => Promise<unknown>).bind(target);
          if (!names.includes(name as keyof T & string)) return bound;
          return (...args: unknown[]) => around(labelOf(String(name), args), () => bound(...args));
        },
      });
    const ports: BatchPorts = {
      platform: 'tiktok',
      store: wrapped(this.store, ['append', 'appendMany']),
      state: wrapped(this.state, ['keepBatch', 'runOf', 'takeRun', 'claim', 'keepObservations']),
      limits: wrapped(this.limits, ['acquire', 'release']),
      clock: this.clock,
      timers: systemTimers,
      log: silentLog,
      ackWaitMs: ACK_WAIT_S * 1_000,
      jitter: () => 0,
      signal: new AbortController().signal,
    };
    return {
      ports,
      sources: this.sources.map((source) => wrapped(source, ['start', 'find', 'collect'])),
    };
  }

  /** Lets time pass until the work is done. */
  async pass<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
    let done: PromiseSettledResult<T>[] = [];
    void Promise.allSettled([work]).then((settled) => (done = settled));
    for (let s = 0; s < 600; s++) {
      for (let i = 0; i < 20 && done.length === 0; i++) await setImmediate();
      if (done[0]) return done[0];
      this.clock.advance(1_000);
    }
    throw new Error('not done after ten minutes');
  }

  log(): Promise<AnyEvent[]> {
    return Array.fromAsync(this.store.readAll(0));
  }
}

const labelOf = (name: string, args: unknown[]): string =>
  name === 'append' ? `append ${(args[1] as { type: string }[])[0]!.type}` : name;

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

type Strike = 'killed before' | 'killed after' | 'refused' | 'answer lost';
const STRIKES: readonly Strike[] = ['killed before', 'killed after', 'refused', 'answer lost'];

/**
 * One request handler as a process; `strike` happens at its call `at`, and a killed one makes no
 * further call.
 */
function processOf(shared: Shared, strike: Strike | null, at: number, calls: string[] = []) {
  let dead = false;
  const around = async (name: string, call: () => Promise<unknown>): Promise<unknown> => {
    if (dead) return never();
    const hit = calls.push(name) - 1 === at;
    if (hit && strike === 'killed before') return ((dead = true), never());
    if (hit && strike === 'refused') throw new Error('not now');
    const answer = await call();
    if (hit && strike === 'killed after') return ((dead = true), never());
    if (hit && strike === 'answer lost') throw new Error('no answer');
    return dead ? never() : answer;
  };
  const { ports, sources } = shared.portsOf(around);
  const router = new SourceRouter({ ...ports, sources, mayPay: () => Promise.resolve(true) });
  const flow = {
    batchSize: SCRAPES.length,
    lingerMs: 1_000,
    batchesAtOnce: 5,
    metrics: ['playCount'],
  };
  return {
    calls,
    isDead: () => dead,
    handler: new ScrapeRequestHandler({ ...ports, ...flow, router }),
  };
}

const handleAll = (handler: ScrapeRequestHandler) =>
  Promise.all(
    SCRAPES.map(({ request }) => handler.handle(request, { correlationId: 'c', position: 0 })),
  );

/** How many calls a life without a fault makes, by name. */
async function callsOf(setUp: (shared: Shared) => void): Promise<string[]> {
  const shared = new Shared();
  setUp(shared);
  const { calls, handler } = processOf(shared, null, -1);
  await shared.pass(handleAll(handler));
  return calls;
}

const lives: [string, (shared: Shared) => void, number][] = [
  ['one source answers', () => {}, 2 * ROW + START],
  [
    'the first source brings nothing, the second answers',
    ({ sources }) => (sources[0]!.brings = 'nothing'),
    2 * ROW + 2 * START,
  ],
];

describe.each(lives)('%s', (_, setUp, cost) => {
  it('makes the calls of every transition', async () => {
    const calls = await callsOf(setUp);
    const once = [
      'keepBatch',
      'claim',
      'append ScrapeBatchStarted',
      'acquire',
      'start',
      'takeRun',
      'keepBatch',
      'collect',
      'release',
      'append ScrapeBatchCompleted',
    ];
    const batches = cost > 2 * ROW + START ? [...once, ...once] : once;
    expect(calls).toEqual([...batches, 'keepObservations', 'appendMany']);
  });

  it.each(STRIKES)(
    '%s at any call: one run at each source, one outcome a request, one end a batch, no slot left',
    async (strike) => {
      const points = (await callsOf(setUp)).length;
      for (let at = 0; at < points; at++) {
        const shared = new Shared();
        setUp(shared);
        const first = processOf(shared, strike, at);
        const where = `${strike} at ${at}`;
        const handled = handleAll(first.handler);
        if (strike.startsWith('killed')) {
          void handled.catch(() => {});
          // Until JetStream takes the process for dead.
          for (let s = 0; s < ACK_WAIT_S; s++) {
            for (let i = 0; i < 20; i++) await setImmediate();
            shared.clock.advance(1_000);
          }
          expect([where, first.isDead()]).toEqual([where, true]);
        } else {
          expect([where, (await shared.pass(handled)).status]).toEqual([where, 'rejected']);
          // A slot is kept only for a call that may have started a run which is still to be
          // collected.
          const ended = (await shared.log()).filter(
            ({ type }) => type === 'ScrapeBatchCompleted',
          ).length;
          const open = first.calls.filter((name) => name === 'start').length - ended;
          expect([
            where,
            shared.limits.taken.size <= open || shared.limits.taken.size === 0,
          ]).toEqual([where, true]);
        }

        const next = strike.startsWith('killed')
          ? processOf(shared, null, -1).handler
          : first.handler;
        for (let delivery = 0; delivery < 5; delivery++) {
          const settled = await shared.pass(handleAll(next));
          if (settled.status === 'fulfilled') break;
          expect(settled.reason).toBeInstanceOf(RetryLater);
        }

        const log = await shared.log();
        const outcomes = log.filter(
          ({ type }) => type === 'ViewsRecorded' || type === 'ScrapeFailed',
        );
        expect([where, outcomes.map(({ type }) => type)]).toEqual([
          where,
          ['ViewsRecorded', 'ViewsRecorded'],
        ]);
        const runs = shared.sources.map(({ started }) => started.length);
        expect([where, runs]).toEqual([where, [1, cost > 2 * ROW + START ? 1 : 0]]);
        const ends = log.filter((event) => event.type === 'ScrapeBatchCompleted');
        const begun = log.filter((event) => event.type === 'ScrapeBatchStarted');
        const idsOf = (events: typeof ends | typeof begun) =>
          events.map(({ data }) => data.batchId).toSorted();
        expect([where, idsOf(ends)]).toEqual([where, idsOf(begun)]);
        expect([where, ends.reduce((sum, { data }) => sum + data.costMicroUsd, 0)]).toEqual([
          where,
          cost,
        ]);
        expect([where, [...shared.limits.taken]]).toEqual([where, []]);
      }
    },
  );
});
