import { auditEvents, type RawEvent } from '@cliptally/ops/audit';
import { describe, expect, it } from '@jest/globals';
import { WrittenLog } from '../../../tools/ops/src/audit/testing/log.js';
import { workedLog } from '../../../tools/ops/src/audit/testing/worked.js';
import { judge, type Bill, type EarningsTables } from './judge.js';

const RUN = 'run1';

/**
 * The worked examples of docs/money.md, and then a tracking run of two clips in one batch; each
 * scrape request has an outcome.
 */
function written(): WrittenLog {
  const log = workedLog();
  const ofBatch = { batchId: 'b1', platform: 'youtube', source: 'apify:test' };
  for (const clip of ['a', 'b']) log.request(clip, ['ample'], `chaos-${clip}`);
  const answered = new Set(
    log.events.flatMap(({ type, data }) => (type === 'ViewsRecorded' ? [data['requestId']] : [])),
  );
  const open = log.events.filter(
    ({ type, data }) => type === 'ClipTrackingRequested' && !answered.has(data['requestId']),
  );
  const requestIds = open.map(({ data }) => data['requestId']);
  log.add('scrape-batch-b1', 'ScrapeBatchStarted', { ...ofBatch, requestIds });
  open.forEach(({ data: { requestId, clipId } }, nth) =>
    log.add(`clip-${String(clipId)}`, nth === 1 ? 'ViewsRecorded' : 'ScrapeFailed', {
      requestId,
      clipId,
      runId: 'r',
      views: 1,
      observedAt: '2027-01-01T00:00:00Z',
      reason: 'dead_letter',
    }),
  );
  log.add('scrape-batch-b1', 'ScrapeBatchCompleted', {
    ...ofBatch,
    sourceRunId: RUN,
    costMicroUsd: 500,
  });
  return log;
}

/** Tables as earnings has them, worked out from the log. */
async function tablesOf(events: readonly RawEvent[]): Promise<EarningsTables> {
  const { folds } = await auditEvents(events);
  const campaigns = [...folds].map(([campaignId, { accrued, reversed }]) => ({
    campaignId,
    accrued: Number(accrued),
    reversed: Number(reversed),
  }));
  const lines = events.flatMap(({ type, position, data }) => {
    const sign = type === 'EarningsAccrued' ? 1 : type === 'EarningsReversed' ? -1 : 0;
    const own = sign === 0 ? [] : (data['lines'] as { clipId: string; amount: number }[]);
    return own.map(({ clipId, amount }) => ({ position, clipId, amount: sign * amount }));
  });
  return { position: events.length, campaigns, lines };
}

interface World {
  events: RawEvent[];
  tables: EarningsTables;
  bills: Bill[];
}
const BILL: Bill = { runId: RUN, source: 'apify:test', startedAt: 0, costMicroUsd: 500 };
const BILLS = [BILL];

async function judged(doctor: (world: World) => void = () => {}) {
  const { events } = written();
  const world = { events, tables: await tablesOf(written().events), bills: BILLS };
  doctor(world);
  const { lost, twice, differs, checks } = await judge({ ...world, log: world.events, upTo: 1e9 });
  const failed = checks.filter((one) => one.lost + one.twice + one.differs > 0);
  return { counts: [lost, twice, differs], failed };
}
const nth = (events: RawEvent[], type: string, at: number) =>
  events.indexOf(events.filter((event) => event.type === type).at(at)!);

describe('the judgement of a log after a disturbance', () => {
  it('is "0 lost, 0 twice" for a sound one, and says how much was checked', async () => {
    const { events } = written();
    const { checks, ...verdict } = await judge({
      log: events,
      upTo: events.length,
      tables: await tablesOf(events),
      bills: BILLS,
    });
    expect(verdict).toMatchObject({ lost: 0, twice: 0, differs: 0 });
    expect(verdict.requests).toBeGreaterThanOrEqual(2);
    // A check of nothing would say that all is well.
    expect(checks.filter(({ checked }) => checked === 0)).toEqual([]);
  });

  it('can say "1 lost": an outcome is not in the log', async () => {
    const { counts, failed } = await judged(({ events }) => {
      events.splice(nth(events, 'ScrapeFailed', -1), 1);
    });
    expect(counts.slice(0, 2)).toEqual([1, 0]);
    expect(failed[0]).toMatchObject({ what: 'Scrape requests by their outcomes', lost: 1 });
    expect(failed[0]!.examples[0]).toMatch(/^lost: [\w-]+$/);
  });

  it.each(['ViewsRecorded', 'ScrapeFailed'])('can say "1 twice": a request has another %s', async (type) => {
    const { counts, failed } = await judged(({ events }) => {
      const event = events[nth(events, type, -1)]!;
      events.push({ ...event, id: 'another', position: events.length + 1 });
    });
    expect(counts.slice(0, 2)).toEqual([0, 1]);
    expect(failed[0]).toMatchObject({ what: 'Scrape requests by their outcomes', twice: 1 });
  }); // prettier-ignore

  it('a run that the source has billed and the log does not have is lost; in two batches it is twice', async () => {
    const unknown = await judged((world) => {
      world.bills = [...BILLS, { ...BILL, runId: 'run2' }];
    });
    expect(unknown).toMatchObject({ counts: [1, 0, 0], failed: [{ examples: ['lost: run2'] }] });
    const twice = await judged(({ events }) => {
      const end = events[nth(events, 'ScrapeBatchCompleted', -1)]!;
      const data = { ...end.data, batchId: 'b2' };
      const again = { ...end, id: 'end', stream: 'scrape-batch-b2', revision: 0, data };
      events.push({ ...again, position: events.length + 1 });
    });
    expect(twice).toMatchObject({ counts: [0, 1, 0], failed: [{ examples: [`twice: ${RUN}`] }] });
  });

  describe('a run that no batch has found, since its source failed for hours', () => {
    const END = '2026-12-01T02:00:00.000Z';
    const HOUR_MS = 3_600_000;
    /** The batch is given up after two hours, with an estimate. */
    async function withRuns(...runs: Partial<Bill>[]) {
      return judged((world) => {
        const end = world.events[nth(world.events, 'ScrapeBatchCompleted', -1)]!;
        const data = { ...end.data, batchId: 'b2', sourceRunId: null, estimated: true, durationMs: 2 * HOUR_MS }; // prettier-ignore
        const again = {
          ...end,
          id: 'end',
          stream: 'scrape-batch-b2',
          revision: 0,
          time: END,
          data,
        };
        world.events.push({ ...again, position: world.events.length + 1 });
        const startedAt = Date.parse(END) - HOUR_MS;
        const others = runs.map((run, at) => ({ ...BILL, runId: `lost${at}`, startedAt, ...run }));
        world.bills = [...BILLS, ...others];
      });
    }
    it('is in the log by the estimate of its batch', async () => {
      expect(await withRuns({ costMicroUsd: 480 })).toMatchObject({ counts: [0, 0, 0] });
    });
    it.each<[string, Partial<Bill>[], number]>([
      ['a second run', [{}, {}], 1],
      ['one of another source', [{ source: 'apify:other' }], 1],
      ['one from before the batch', [{ startedAt: Date.parse(END) - 3 * HOUR_MS }], 1],
      ['one after its end', [{ startedAt: Date.parse(END) + 1 }], 1],
    ])('is lost if it is %s', async (_, runs, lost) => {
      expect(await withRuns(...runs)).toMatchObject({
        counts: [lost, 0, 0],
        failed: [{ what: expect.stringMatching(/^Runs that the source has billed/) }],
      });
    });
  });

  it('says a bill that is another than in the log', async () => {
    const { counts, failed } = await judged((world) => {
      world.bills = [{ ...BILL, costMicroUsd: 501 }];
    });
    expect(counts).toEqual([0, 0, 1]);
    expect(failed[0]!.examples[0]).toContain('billed 501 millionths of a dollar, 500 in the log');
  });

  it('a line of the ledger that is missing, doubled or of no event shows', async () => {
    const missing = await judged(({ tables }) => void tables.lines.splice(3, 1));
    expect(missing).toMatchObject({ counts: [1, 0, 0], failed: [{ what: 'Lines of the ledger' }] });
    const doubled = await judged(({ tables }) => void tables.lines.push(tables.lines[3]!));
    expect(doubled).toMatchObject({ counts: [0, 1, 0] });
    const strange = await judged(({ tables }) => {
      tables.lines.push({ position: 1, clipId: 'nobodys', amount: 5 });
    });
    expect(strange).toMatchObject({ counts: [0, 0, 1] });
  });

  it('says the sums of a campaign that differ from those computed anew from the log', async () => {
    const { counts, failed } = await judged(({ tables }) => {
      tables.campaigns[0]!.accrued += 1;
    });
    expect(counts).toEqual([0, 0, 1]);
    expect(failed[0]!.examples[0]).toMatch(/^ample: \d+ accrued, \d+ reversed; by the log \d+/);
  });

  it('says a decision about money that the auditor makes otherwise', async () => {
    const { counts, failed } = await judged(({ events, tables }) => {
      const accrued = events[nth(events, 'EarningsAccrued', 0)]!;
      (accrued.data['lines'] as { due: number }[])[0]!.due += 1;
      expect(tables.lines.length).toBeGreaterThan(0);
    });
    expect([counts[0], counts[1]]).toEqual([0, 0]);
    expect(failed.map(({ what }) => what)).toEqual(['Decisions about money, made anew']);
  });

  it('events after the position of the tables are no lines of theirs yet, and what began late is not due', async () => {
    const { events } = written();
    const unanswered = (await judged((world) => void world.events.splice(-4))).failed[0]!.lost;
    expect(unanswered).toBeGreaterThanOrEqual(3);
    const half = nth(events, 'ClipTrackingRequested', -unanswered);
    const tables = await tablesOf(events.slice(0, half));
    const open = events.filter(({ type }) => !/^(ScrapeFailed|ScrapeBatchCompleted)$/.test(type));
    const verdict = await judge({ log: open, upTo: half, tables, bills: [] });
    expect([verdict.lost, verdict.twice]).toEqual([0, 0]);
  });
});
