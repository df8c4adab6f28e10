import type { CheckOfLog, Verdict } from '@cliptally/contracts/api';
import {
  Counted,
  ExactlyOnce,
  auditEvents,
  sentenceOf,
  type Audit,
  type Once,
  type RawEvent,
} from '@cliptally/ops/audit';

/** Tables of earnings, all at one position of the log. */
export interface EarningsTables {
  position: number;
  campaigns: { campaignId: string; accrued: number; reversed: number }[];
  lines: { position: number; clipId: string; amount: number }[];
}

/** What a source says that it has billed for one run of it. */
export interface Bill {
  runId: string;
  /** As in the log, for example `apify:clockworks/tiktok-scraper`. */
  source: string;
  /** Milliseconds since 1970, on the simulated clock. */
  startedAt: number;
  costMicroUsd: number;
}

interface Judged {
  /** The whole log, as it is written. */
  log: AsyncIterable<RawEvent> | Iterable<RawEvent>;
  /** What has begun by then must have ended. */
  upTo: number;
  tables: EarningsTables;
  /** Of runs whose scrapes were all requested by then. */
  bills: readonly Bill[];
}

const EXAMPLES = 5;
type Judgement = Omit<Verdict, 'at' | 'problem'>;

/**
 * Whether anything was lost, is there twice, or differs from what follows from the log. Each number
 * is read from the log, from the tables and from the source's own bills.
 */
export async function judge({ log, upTo, tables, bills }: Judged): Promise<Judgement> {
  const once = new ExactlyOnce(upTo);
  const lines = new Counted();
  const ends: BatchEnd[] = [];

  async function* upToTables(): AsyncGenerator<RawEvent> {
    for await (const event of log) {
      once.take(event);
      ends.push(...endOf(event));
      if (event.position > tables.position) continue;
      for (const name of linesOf(event)) lines.due(name);
      yield event;
    }
  }
  const audit = await auditEvents(upToTables());
  const written = new Set(lines.once().lost);
  const strangers: string[] = [];
  for (const { position, clipId, amount } of tables.lines) {
    const name = lineName(position, clipId, amount);
    if (written.has(name)) lines.found(name);
    else strangers.push(`${name} is in no event`);
  }
  const checks = [
    checkOf('Scrape requests by their outcomes', once.requests()),
    checkOf('Observations', once.observations()),
    checkOf('Batches by their ends', once.batches()),
    checkOfBills(bills, ends),
    checkOf('Lines of the ledger', lines.once(), strangers),
    checkOf('Sums of campaigns', sums(audit), differingSums(audit, tables)),
    checkOf('Decisions about money, made anew', decisions(audit), audit.findings.map(sentenceOf)),
  ];
  // One outcome that is there twice is one fault, in however many checks it shows.
  const named = (of: 'lost' | 'twice') =>
    new Set(checks.flatMap(({ once: found }) => found[of])).size;
  return {
    upTo,
    requests: once.requests().checked,
    lost: named('lost'),
    twice: named('twice'),
    differs: checks.reduce((sum, { shown }) => sum + shown.differs, 0),
    checks: checks.map(({ shown }) => shown),
  };
}

function checkOf(
  what: string,
  once: Once,
  differing: readonly string[] = [],
): { once: Once; shown: CheckOfLog } {
  const { checked, lost, twice } = once;
  const examples = [
    ...lost.map((name) => `lost: ${name}`),
    ...twice.map((name) => `twice: ${name}`),
    ...differing,
  ].slice(0, EXAMPLES);
  const counts = { lost: lost.length, twice: twice.length, differs: differing.length };
  return { once, shown: { what, checked, ...counts, examples } };
}

/** How a batch ended: with a run and its bill, or with an estimate if no run could be found. */
interface BatchEnd {
  runId: string | null;
  source: string;
  /** Milliseconds since 1970, on the simulated clock. */
  from: number;
  until: number;
  costMicroUsd: number;
  estimated: boolean;
}

function endOf({ type, data, time }: RawEvent): BatchEnd[] {
  if (type !== 'ScrapeBatchCompleted') return [];
  const until = Date.parse(time);
  return [
    {
      runId: typeof data['sourceRunId'] === 'string' ? data['sourceRunId'] : null,
      source: String(data['source']),
      from: until - Number(data['durationMs']),
      until,
      costMicroUsd: Number(data['costMicroUsd']),
      estimated: data['estimated'] === true,
    },
  ];
}

function checkOfBills(
  bills: readonly Bill[],
  ends: readonly BatchEnd[],
): ReturnType<typeof checkOf> {
  const runs = new Counted();
  for (const { runId } of bills) runs.due(runId);
  const costs = new Map<string, number>();
  const estimates = ends.filter(({ runId, estimated }) => estimated && runId === null);
  for (const { runId, costMicroUsd, estimated } of ends) {
    if (runId === null) continue;
    runs.foundIfDue(runId);
    if (!estimated) costs.set(runId, costMicroUsd);
  }
  // A source that fails for hours keeps its runs to itself; their batches end with an estimate.
  const unknown = new Set(runs.once().lost);
  let estimated = 0;
  for (const { runId, source, startedAt } of bills.filter((bill) => unknown.has(bill.runId))) {
    const nth = estimates.findIndex(
      (end) => end.source === source && end.from <= startedAt && startedAt <= end.until,
    );
    if (nth < 0) continue;
    estimates.splice(nth, 1);
    runs.found(runId);
    estimated++;
  }
  const what = 'Runs that the source has billed';
  return checkOf(
    estimated > 0 ? `${what} (${estimated} of them by an estimate)` : what,
    runs.once(),
    differingBills(bills, costs),
  );
}

function differingBills(bills: readonly Bill[], costs: ReadonlyMap<string, number>): string[] {
  return bills.flatMap(({ runId, costMicroUsd }) => {
    const cost = costs.get(runId);
    if (cost === undefined || cost === costMicroUsd) return [];
    return [`run ${runId}: billed ${costMicroUsd} millionths of a dollar, ${cost} in the log`];
  });
}

const lineName = (position: number, clipId: string, amount: number): string =>
  `line ${position} ${clipId} ${amount}`;

function linesOf({ type, data, position }: RawEvent): string[] {
  if (type !== 'EarningsAccrued' && type !== 'EarningsReversed') return [];
  const sign = type === 'EarningsAccrued' ? 1 : -1;
  return (data['lines'] as { clipId: string; amount: number }[]).map(({ clipId, amount }) =>
    lineName(position, clipId, sign * amount),
  );
}

const none = (checked: number): Once => ({ checked, lost: [], twice: [] });
const sums = ({ campaigns }: Audit): Once => none(campaigns);
const decisions = ({ lines, payoutDecisions }: Audit): Once => none(lines + payoutDecisions);

function differingSums({ folds }: Audit, { campaigns }: EarningsTables): string[] {
  const shown = new Map(campaigns.map((campaign) => [campaign.campaignId, campaign]));
  return [...folds].flatMap(([campaignId, { accrued, reversed }]) => {
    const own = shown.get(campaignId);
    if (own && BigInt(own.accrued) === accrued && BigInt(own.reversed) === reversed) return [];
    const has = own ? `${own.accrued} accrued, ${own.reversed} reversed` : 'nothing';
    return [`${campaignId}: ${has}; by the log ${accrued} accrued, ${reversed} reversed`];
  });
}
