import { RetryLater } from '@cliptally/messaging/nest';
import { describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { ScrapeRequestHandler } from './request-handler.js';
import { SourceRouter } from './source-router.js';
import { ROW, START } from './testing/fake-source.js';
import { ACK_WAIT_S, SCRAPES, never, Shared } from './testing/batch-processes.js';

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

describe('a claim that has reached some of its scrapes only', () => {
  /** The next claim fails half-way, as NATS may be lost between two writes. */
  const half = ({ state }: Shared) => {
    const claim = state.claim.bind(state);
    state.claim = async (scrapes, ...others) => {
      state.claim = claim;
      await claim(scrapes.slice(0, 1), ...others);
      throw new Error('no answer');
    };
  };

  it.each([
    ['a first one', 1],
    ['a renewed one, after a death', 3],
  ])('%s: the next delivery of all of them answers all', async (_, dies) => {
    const shared = new Shared();
    if (dies > 1) {
      void handleAll(processOf(shared, 'killed before', dies).handler).catch(() => {});
      for (let s = 0; s < ACK_WAIT_S; s++) {
        for (let i = 0; i < 20; i++) await setImmediate();
        shared.clock.advance(1_000);
      }
    }
    half(shared);
    const { handler } = processOf(shared, null, -1);
    expect(await shared.pass(handleAll(handler))).toMatchObject({ reason: { message: 'no answer' } }); // prettier-ignore
    expect(await shared.pass(handleAll(handler))).toMatchObject({ status: 'fulfilled' });
    const log = await shared.log();
    const of = (type: string) => log.filter((event) => event.type === type).length;
    expect([of('ViewsRecorded'), of('ScrapeFailed')]).toEqual([2, 0]);
    expect(of('ScrapeBatchStarted')).toBe(of('ScrapeBatchCompleted'));
  });
});

describe('a batch that nobody bills', () => {
  const unbilled = ({ sources }: Shared) => (sources[0]!.billed = false);

  it('is appended with its outcomes, in one call', async () => {
    expect(await callsOf(unbilled)).toEqual([
      'acquire',
      'start',
      'collect',
      'keepObservations',
      'appendMany',
    ]);
  });

  it.each(STRIKES)(
    '%s at any call: one outcome a request, and no batch is open',
    async (strike) => {
      const points = (await callsOf(unbilled)).length;
      for (let at = 0; at < points; at++) {
        const shared = new Shared();
        unbilled(shared);
        const first = processOf(shared, strike, at);
        const handled = handleAll(first.handler);
        void handled.catch(() => {});
        for (let i = 0; i < 60; i++) {
          await setImmediate();
          shared.clock.advance(1_000);
        }
        await shared.pass(handleAll(processOf(shared, null, -1).handler));
        const log = await shared.log();
        const of = (...types: string[]) => log.filter(({ type }) => types.includes(type)).length;
        expect([strike, at, of('ViewsRecorded', 'ScrapeFailed')]).toEqual([strike, at, 2]);
        expect([strike, at, of('ScrapeBatchStarted')]).toEqual([strike, at, of('ScrapeBatchCompleted')]); // prettier-ignore
      }
    },
  );
});
