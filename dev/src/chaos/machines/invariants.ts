import type { AnyEvent, StoredEvent } from '@cliptally/contracts';
import type { CheckOfLog } from '@cliptally/contracts/api';
import { catchUp, rebuildProjection } from '@cliptally/messaging';
import { setTimeout as pause } from 'node:timers/promises';
import { schedulerProjection } from '@cliptally/scheduler';
import { Counted, auditEvents, standingsOf, type Audit, type RawEvent } from '@cliptally/ops/audit';
import { judge } from '../judge.js';
import { readTables } from '../tables.js';
import { nameOf, type Load } from './load.js';
import type { Machines } from './machines.js';
import { published } from './published.js';
import { PROJECTIONS, type Watcher } from './watcher.js';

/** A check, and which of the invariants of docs/reliability.md it is of. */
export interface Finding extends CheckOfLog {
  invariants: readonly number[];
}
export interface Judgement {
  checks: Finding[];
  lost: number;
  doubled: number;
  differs: number;
  events: number;
}

const EXAMPLES = 5;
/** Hours of the simulated clock, as a receiver that was away is left alone for some. */
const MAILED_WITHIN_MS = 120_000;

/**
 * Judges the log, JetStream, the projections and what is shown, at rest. Nothing here goes by what
 * a service says of itself, but for the sums, which are compared.
 */
export async function inspect(world: Machines, load: Load, watcher: Watcher): Promise<Judgement> {
  const { store, pool, clock } = world;
  const log = await Array.fromAsync(store.readAll(0));
  const written = (await Array.fromAsync(store.readAll(0, { asWritten: true }))) as unknown as RawEvent[];
  const bills = world.apify.bills(clock.now())
    .filter(({ runId }) => !world.forgotten.has(runId))
    .map(({ actor, ...bill }) => ({ ...bill, source: `apify:${actor}` }));
  const upTo = log.at(-1)?.position ?? 0;
  const audit = await auditEvents(written);
  const verdict = await judge({ log: written, upTo, tables: await readTables(pool), bills });
  const ofLog = verdict.checks.map((check) => ({ invariants: OF_LOG[check.what] ?? [3], ...check }));
  const checks = [
    ...ofLog,
    found([1], 'Budgets of campaigns', audit.folds.size, { differing: overspent(audit) }),
    found([5, 9], 'Clips by their observations', audit.folds.size, { differing: unsettled(audit) }),
    ofObservations(log, world),
    answered(log),
    acknowledged(log, load),
    order(log),
    copies(log, await published(world.jetStream)),
    found([8], 'Readings of checkpoints', watcher.readings, { differing: watcher.back.splice(0) }),
    payments(world, log),
    await mails(world, load, log),
    await shown(world, audit),
    await rebuilt(world),
    found([7], 'Requests of people', load.acknowledged.size, { differing: load.problems.splice(0) }),
  ];
  const sum = (of: 'lost' | 'twice' | 'differs') => checks.reduce((all, check) => all + check[of], 0);
  return { checks, lost: sum('lost'), doubled: sum('twice'), differs: sum('differs'), events: log.length };
} // prettier-ignore

const OF_LOG: Readonly<Record<string, readonly number[]>> = {
  'Lines of the ledger': [10],
  'Sums of campaigns': [10],
  'Decisions about money, made anew': [1, 2, 5, 6],
};

interface Wrong {
  lost?: readonly string[];
  twice?: readonly string[];
  differing?: readonly string[];
}

function found(
  invariants: readonly number[],
  what: string,
  checked: number,
  { lost = [], twice = [], differing = [] }: Wrong,
): Finding {
  const named = [
    ...lost.map((name) => `lost: ${name}`),
    ...twice.map((name) => `twice: ${name}`),
    ...differing,
  ];
  const counts = { lost: lost.length, twice: twice.length, differs: differing.length };
  return { invariants, what, checked, ...counts, examples: named.slice(0, EXAMPLES) };
}

const overspent = ({ folds }: Audit): string[] =>
  [...folds].flatMap(([id, { remaining }]) => (remaining < 0n ? [`${id}: ${remaining} left`] : []));

/** Who has less than is owed, while there is money for all. */
function unsettled(audit: Audit): string[] {
  return standingsOf(audit).flatMap(({ campaignId, clipId, owed, has }) => {
    const fold = audit.folds.get(campaignId)!;
    const entry = fold.entries.get(clipId);
    if (!entry?.accrues || fold.remaining <= 0n || owed === has) return [];
    return [`${clipId} in ${campaignId} has ${has}, and is owed ${owed}`];
  });
}

type Observation = StoredEvent<'ViewsRecorded'>;
const HOUR_MS = 3_600_000;
/** An actor run may last so long, and begins with what it finds. */
const OLDEST_MS = 6 * HOUR_MS;
/** A clock that is wrong by an hour says that an observation is older than it is. */
const NEWEST_MS = 1.5 * HOUR_MS;

/** Each observation is of its own clip: its count is one that the clip has had just before. */
function ofObservations(log: readonly AnyEvent[], { curves }: Machines): Finding {
  const all = log.filter((event): event is Observation => event.type === 'ViewsRecorded');
  const differing = all.flatMap(({ position, data }) => {
    const { clipId, platform, views, observedAt } = data;
    const videoId = clipId.slice(platform.length + 1);
    const countAt = (ms: number) => {
      const counts = curves.at(platform, videoId, new Date(ms));
      return [counts?.views, counts?.secondViews].flatMap((count) => count ?? []);
    };
    const at = Date.parse(observedAt);
    const [least, most] = [Math.min(...countAt(at - OLDEST_MS), ...countAt(at)), Math.max(...countAt(at + NEWEST_MS))];
    // A count may fall a little.
    if (views >= least * 0.98 && views <= most * 1.02 + 1) return [];
    return [`${clipId} has ${least} to ${most} views, and position ${position} says ${views}`];
  });
  return found([6], 'Observations by what the source had', all.length, { differing });
} // prettier-ignore

/** An outcome answers a request that is in the log before it. */
function answered(log: readonly AnyEvent[]): Finding {
  const requests = new Set<string>();
  let outcomes = 0;
  const differing = log.flatMap(({ type, data, position }) => {
    if (type === 'ClipTrackingRequested') requests.add(data.requestId);
    if (type !== 'ViewsRecorded' && type !== 'ScrapeFailed') return [];
    outcomes++;
    if (requests.has(data.requestId)) return [];
    return [`${type} at ${position} answers no request`];
  });
  return found([3], 'Outcomes by their requests', outcomes, { differing });
}

function acknowledged(log: readonly AnyEvent[], load: Load): Finding {
  const counted = new Counted();
  for (const name of load.acknowledged) counted.due(name);
  for (const event of log) {
    const name = nameOf(event);
    if (name !== null) counted.foundIfDue(name);
  }
  const { checked, lost, twice } = counted.once();
  return found([7], 'What was acknowledged', checked, { lost, twice });
}

/** Positions and revisions have no gaps, and no id is there twice. */
function order(log: readonly AnyEvent[]): Finding {
  const ids = new Set<string>();
  const next = new Map<string, number>();
  const twice: string[] = [];
  const differing: string[] = [];
  log.forEach(({ id, position, stream, revision }, n) => {
    if (ids.has(id)) twice.push(id);
    ids.add(id);
    if (position !== n + 1) differing.push(`position ${position} is the ${n + 1}th`);
    if (revision !== (next.get(stream) ?? 0)) differing.push(`${stream} goes on with ${revision}`);
    next.set(stream, revision + 1);
  });
  return found([7], 'Events in the log', log.length, { twice, differing });
}

/** JetStream has the newest part of the log, in its order; each event at least once. */
function copies(log: readonly AnyEvent[], copy: readonly AnyEvent[]): Finding {
  const counted = new Counted();
  const from = copy[0]?.position ?? Infinity;
  for (const { position, id } of log) if (position >= from) counted.due(id);
  for (const { id } of copy) counted.foundIfDue(id);
  const own = new Map(log.map(({ id, position }) => [id, position]));
  const differing = copy.flatMap(({ id, position }) =>
    own.get(id) === position ? [] : [`${id} is at ${position}, and at ${own.get(id)} in the log`],
  );
  const { checked, lost, twice } = counted.once();
  return found([7], 'Events in JetStream', checked, { lost, twice, differing });
}

/** What Stripe has carried out, by what the log says was paid. */
function payments({ stripe, forgotten }: Machines, log: readonly AnyEvent[]): Finding {
  const amounts = new Map<string, number>();
  const counted = new Counted();
  const known = new Set<string>();
  for (const { type, data } of log) {
    if (type === 'PayoutRequested') amounts.set(data.payoutId, data.amount);
    if (type !== 'PayoutPaid') continue;
    const name = `${data.externalReference} of ${amounts.get(data.payoutId)}`;
    counted.due(name);
    known.add(name);
  }
  const strangers: string[] = [];
  for (const { id, amount } of stripe.transfers) {
    const name = `${id} of ${amount}`;
    if (known.has(name)) counted.found(name);
    else if (!forgotten.has(id)) strangers.push(`${name} was transferred, and is not in the log`);
  }
  const { checked, lost, twice } = counted.once();
  return found([2], 'Payouts by their transfers', checked, { lost, twice, differing: strangers });
}

/** A webhook comes at least once; the mailbox may have been away, and is tried again. */
async function mails({ mailbox }: Machines, load: Load, log: readonly AnyEvent[]): Promise<Finding> {
  const due = log.filter((event) => load.isMailed(event));
  const lost = () => {
    const taken = new Set(mailbox.ids);
    return due.filter(({ id }) => !taken.has(id)).map(({ type, position }) => `${type} at ${position}`);
  };
  const end = performance.now() + MAILED_WITHIN_MS;
  while (lost().length > 0 && performance.now() < end) await pause(200);
  return found([7], 'Webhooks by their mails', due.length, { lost: lost() });
} // prettier-ignore

/** Sums of money wherever they are shown, at one position. */
async function shown(world: Machines, { folds }: Audit): Promise<Finding> {
  const differing: string[] = [];
  const sums = { accrued: 0n, reversed: 0n };
  for (const { accrued, reversed } of folds.values()) {
    sums.accrued += accrued;
    sums.reversed += reversed;
  }
  for (const name of ['earnings', 'monitor']) {
    const text = await (await fetch(`${world.machine(name).url}/metrics`)).text();
    for (const kind of ['accrued', 'reversed'] as const) {
      const line = new RegExp(`^cliptally_book_minor_units\\{([^}]*kind="${kind}"[^}]*)\\} (\\S+)$`, 'm').exec(text); // prettier-ignore
      const value = BigInt(Number(line?.[2] ?? 0));
      if (value !== sums[kind]) differing.push(`${kind}: ${value} in the metrics of ${name}, ${sums[kind]} in the log`); // prettier-ignore
    }
  }
  let next: string | null = '/campaigns?limit=200';
  for (let page: Page; next; next = page.next && `/campaigns?limit=200&cursor=${page.next}`) {
    const headers = { authorization: `Bearer ${world.tokens.admin}` };
    page = (await (await fetch(world.machine('earnings').url + next, { headers })).json()) as Page;
    for (const { campaignId, accrued, reversed } of page.items) {
      const fold = folds.get(campaignId);
      if (BigInt(accrued) !== fold?.accrued || BigInt(reversed) !== fold.reversed)
        differing.push(`${campaignId}: ${accrued} accrued in the API, ${fold?.accrued} in the log`);
    }
  }
  return found([10], 'Sums that are shown', folds.size + 4, { differing });
}

interface Page {
  items: { campaignId: string; accrued: number; reversed: number }[];
  next: string | null;
}

/** Each projection from the beginning of the log, row by row beside the live one. */
async function rebuilt({ pool, store }: Machines): Promise<Finding> {
  const differing: string[] = [];
  let events = 0;
  // It takes over what is new when it plans, and not before.
  await catchUp(schedulerProjection, pool, store);
  for (const projection of PROJECTIONS) {
    const result = await rebuildProjection(projection, pool, store);
    events += result.events;
    if (!result.compared) differing.push(`${projection.name} was behind, and was not compared`);
    for (const [table, rows] of Object.entries(result.differences))
      differing.push(`${projection.name}.${table}: ${rows} rows`);
  }
  return found([4], 'Projections by their rebuilds', events, { differing });
}
