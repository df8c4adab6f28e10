import { describe, expect, it } from '@jest/globals';
import { FAULT_CASES, type FaultCase } from './testing/fault-cases.js';
import { startFaultyWorld } from './testing/faulty-world.js';

async function whatHappens({ platform = 'tiktok', ...setting }: FaultCase) {
  const world = await startFaultyWorld({ platform, ...setting });
  try {
    const begun = world.clock.now().getTime();
    const requests = world.requestsFor([1, 2, 3, 4]);
    const deliveries = await world.deliver(requests);
    const lasts = world.clock.now().getTime() - begun;
    // A run that is cut off goes on being billed.
    await world.clock.sleep(120_000);
    const [outcomes, batches, log, stats] = [
      await world.outcomes(),
      await world.batches(),
      await world.log(),
      world.standIn.stats(),
    ];
    return { requests, deliveries, lasts, outcomes, batches, log, stats };
  } finally {
    await world.close();
  }
}

const sum = (costs: readonly { costMicroUsd: number }[]) =>
  costs.reduce((total, { costMicroUsd }) => total + costMicroUsd, 0);

describe('four scrapes at once, whatever goes wrong', () => {
  it('has a case for at least sixty faults', () => {
    expect(new Set(FAULT_CASES.map(({ name }) => name)).size).toBe(FAULT_CASES.length);
    expect(FAULT_CASES.length).toBeGreaterThanOrEqual(60);
  });

  it.each(FAULT_CASES)('$name', async (fault) => {
    const { requests, deliveries, lasts, outcomes, batches, log, stats } = await whatHappens(fault);

    // One outcome a request, of the class that is expected.
    expect(outcomes.map(({ data }) => data.requestId).toSorted()).toEqual(
      requests.map(({ requestId }) => requestId).toSorted(),
    );
    const classes = outcomes.map((outcome) =>
      outcome.type === 'ViewsRecorded' ? 'seen' : outcome.data.reason,
    );
    expect(
      Object.fromEntries(
        Object.entries(Object.groupBy(classes, (c) => c)).map(([c, all]) => [c, all!.length]),
      ),
    ).toEqual(fault.gives);
    if (fault.attempts !== undefined)
      for (const outcome of outcomes)
        if (outcome.type === 'ScrapeFailed') expect(outcome.data.attempts).toBe(fault.attempts);
    expect(deliveries).toEqual(requests.map(() => fault.deliveries ?? 1));

    // Calls, runs, and the intent before each of them.
    expect(stats.requests.start ?? 0).toBe(fault.starts);
    expect(stats.runs).toBe(fault.runs);
    expect(batches.map(({ status }) => status)).toEqual(fault.batches);
    const begun = log.flatMap((event) =>
      event.type === 'ScrapeBatchStarted' ? [event.data.batchId] : [],
    );
    expect(begun).toEqual(expect.arrayContaining(batches.map(({ batchId }) => batchId)));

    // Every cent.
    expect(sum(outcomes.map(({ data }) => data))).toBe(fault.costs);
    expect(sum(batches)).toBe(fault.costs);
    expect(stats.billedMicroUsd).toBe(fault.costs);
    expect(batches.some(({ estimated }) => estimated === true)).toBe(fault.estimated ?? false);
    if (fault.lasts !== undefined) expect(lasts).toBeGreaterThanOrEqual(fault.lasts);
  });
});
