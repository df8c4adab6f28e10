import { Progress, type Output } from '@cliptally/cli';
import type { Clock, IdentifiedClip } from '@cliptally/contracts';
import { resolveShortLink } from '@cliptally/earnings/rules';
import { EventIdTaken, WrongExpectedRevision, type EventStore } from '@cliptally/event-store';
import type { Derived, LeftOut, Terms } from './derived.js';
import { eventsOf, identitiesOf } from './events.js';
import { reconcile, type Reconciliation } from './reconciliation.js';
import { readOldSystem, type ColumnNames } from './tables.js';

export interface OldSystemReport {
  rows: Record<string, number>;
  /** Events that are new by this import; 0 when it is run again. */
  added: number;
  alreadyThere: number;
  leftOut: LeftOut[];
  notes: Derived['notes'];
  reconciliation: Reconciliation;
  durationMs: number;
}

export interface OldSystemOptions {
  from: string;
  columns: ColumnNames;
  terms: Terms;
  /** Derives and reconciles, and appends nothing. */
  dryRun: boolean;
  store: EventStore;
  clock: Clock;
  output: Pick<Output, 'note' | 'live'>;
  signal: AbortSignal;
}

const EVENTS_A_CALL = 2_000;

/**
 * Brings the replaced system's history into the log, once: an import that is run again, or goes on
 * after a crash, adds what is missing.
 */
export async function importOldSystem({
  from,
  columns,
  terms,
  dryRun,
  store,
  clock,
  output,
  signal,
}: OldSystemOptions): Promise<OldSystemReport> {
  const began = performance.now();
  const old = await readOldSystem(from, columns);
  const derived = eventsOf(old, await identitiesOf(old.clips, followed), terms);
  const report: OldSystemReport = {
    rows: Object.fromEntries(
      Object.entries(old).map(([table, rows]: [string, unknown[]]) => [table, rows.length]),
    ),
    added: 0,
    alreadyThere: 0,
    leftOut: derived.leftOut,
    notes: derived.notes,
    reconciliation: reconcile(old, derived, terms.currency, clock.now()),
    durationMs: 0,
  };
  if (!dryRun) await append(derived, store, report, output, signal);
  report.durationMs = Math.round(performance.now() - began);
  return report;
}

async function append(
  { streams }: Derived,
  store: EventStore,
  report: OldSystemReport,
  output: Pick<Output, 'note' | 'live'>,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress(streams.length, 'streams', output);
  for (let from = 0; from < streams.length;) {
    signal.throwIfAborted();
    let [to, events] = [from, 0];
    while (
      to < streams.length &&
      (to === from || events + streams[to]!.events.length <= EVENTS_A_CALL)
    )
      events += streams[to++]!.events.length;
    const part = streams.slice(from, to);
    const added = await appendAll(part, store, report);
    report.added += added;
    report.alreadyThere += events - added;
    progress.add(part.length);
    from = to;
  }
  progress.end();
}

/** All in one call; if one of the streams stands in the way, each for itself. */
async function appendAll(
  part: Derived['streams'],
  store: EventStore,
  report: OldSystemReport,
): Promise<number> {
  const sum = (appended: { added: number }[]) =>
    appended.reduce((total, { added }) => total + added, 0);
  try {
    return sum(await store.appendMany(part.map((one) => ({ ...one, expected: 'none' }))));
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision) && !(error instanceof EventIdTaken)) throw error;
    if (part.length > 1) {
      let added = 0;
      for (const one of part) added += await appendAll([one], store, report);
      return added;
    }
    const { stream, events } = part[0]!;
    report.leftOut.push({
      table: 'the log',
      id: stream,
      reason: 'it was there already, with a history of its own since: it is left as it is',
    });
    report.alreadyThere -= events.length;
    return 0;
  }
}

async function followed(url: string): Promise<IdentifiedClip | { reason: string }> {
  const found = await resolveShortLink(url);
  if (found.kind === 'clip') return found;
  return { reason: 'message' in found ? found.message : 'the short link cannot be followed' };
}
