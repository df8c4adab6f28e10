import { operationsOf, type Done, type Note, type Part, type Seen } from './history.js';

export type AnomalyKind =
  | 'lost' // acknowledged, and not in the log
  | 'duplicate' // in the log, or in one read, more than once
  | 'phantom' // refused, or never appended by anybody, and in the log
  | 'torn' // an append of which the log or a reader has a part
  | 'misplaced' // elsewhere than the writer was answered, or in another order than was given
  | 'disordered' // positions or revisions that do not grow one by one
  | 'unexpected' // appended at another revision than was expected
  | 'no-prefix' // a read of a stream that is not how the stream begins
  | 'gap' // a reader of the log who passed an event without seeing it, or saw another order
  | 'stale' // a read that lacks what was acknowledged, or read, before it began
  | 'future' // a read that has what was appended after it ended
  | 'real-time'; // acknowledged before another append began, and behind it

export interface Anomaly {
  kind: AnomalyKind;
  text: string;
}

/**
 * Checks a history of appends and reads as Elle checks list-append, with the whole log as it is at
 * last: each stream is a list that only grows, all streams have one total order, and that order is
 * one of real time. Gives what contradicts that; nothing for a strictly serialisable log.
 */
export function check(history: readonly Note[], log: readonly Seen[]): Anomaly[] {
  const anomalies: Anomaly[] = [];
  const add = (kind: AnomalyKind, text: string) => anomalies.push({ kind, text });
  const operations = operationsOf(history);
  const placed = checkLog(log, add);
  const appends = operations.filter(({ operation }) => operation.kind === 'append');
  checkAppends(appends, placed, log, add);
  checkRealTime(appends, placed, add);
  checkReads(operations, appends, placed, log, add);
  return anomalies;
}

type Add = (kind: AnomalyKind, text: string) => void;
type Placed = ReadonlyMap<string, Seen>;

const partsOf = ({ operation }: Done): readonly Part[] =>
  operation.kind === 'append' ? operation.parts : [];
const idsOf = (append: Done): string[] => partsOf(append).flatMap(({ ids }) => ids);
const nameOf = ({ client, invoked, operation }: Done): string =>
  `${operation.kind} of ${client} at ${invoked}`;

/** Where each id stands in the log. */
function checkLog(log: readonly Seen[], add: Add): Placed {
  const placed = new Map<string, Seen>();
  const next = new Map<string, number>();
  let position = 0;
  for (const event of log) {
    if (placed.has(event.id))
      add(
        'duplicate',
        `${event.id} stands in the log at ${placed.get(event.id)!.position} and at ${event.position}`,
      );
    else placed.set(event.id, event);
    if (event.position <= position)
      add('disordered', `${event.id} has position ${event.position}, behind ${position}`);
    const revision = next.get(event.stream) ?? 0;
    if (event.revision !== revision)
      add(
        'disordered',
        `${event.stream} goes on with revision ${event.revision}, not with ${revision}`,
      );
    position = Math.max(position, event.position);
    next.set(event.stream, event.revision + 1);
  }
  return placed;
}

function checkAppends(
  appends: readonly Done[],
  placed: Placed,
  log: readonly Seen[],
  add: Add,
): void {
  const appended = new Set<string>();
  const index = new Map(log.map(({ id }, i) => [id, i]));
  for (const append of appends) {
    const ids = idsOf(append);
    const there = ids.filter((id) => placed.has(id));
    if (append.outcome !== 'fail') for (const id of ids) appended.add(id);
    if (append.outcome === 'ok' && there.length === 0)
      add('lost', `all of ${nameOf(append)}, which was acknowledged`);
    else if (append.outcome === 'ok' && there.length < ids.length)
      add('lost', `a part of ${nameOf(append)}, which was acknowledged`);
    else if (append.outcome === 'info' && there.length > 0 && there.length < ids.length)
      add('torn', `the log has a part of ${nameOf(append)}`);
    if (there.length < ids.length || append.outcome === 'fail') continue;
    const begins = index.get(ids[0]!)!;
    if (ids.some((id, i) => index.get(id) !== begins + i))
      add(
        'misplaced',
        `the events of ${nameOf(append)} do not stand one behind the other as given`,
      );
    checkParts(append, placed, add);
  }
  for (const { id } of log)
    if (!appended.has(id))
      add('phantom', `${id} is in the log, and no append that was not refused has it`);
}

function checkParts(append: Done, placed: Placed, add: Add): void {
  partsOf(append).forEach(({ stream, ids, expected }, i) => {
    const [first, last] = [placed.get(ids[0]!)!, placed.get(ids.at(-1)!)!];
    const before = first.revision - 1;
    const fits =
      expected === 'any' ||
      (expected === 'none' && before === -1) ||
      (expected === 'exists' && before >= 0) ||
      expected === before;
    if (!fits)
      add(
        'unexpected',
        `${nameOf(append)} expected "${expected}" of ${stream}, which was at ${before}`,
      );
    if (ids.some((id) => placed.get(id)!.stream !== stream))
      add('misplaced', `${nameOf(append)} stands in another stream than ${stream}`);
    const place = append.places[i];
    if (place && (place.revision !== last.revision || place.position < last.position))
      add(
        'misplaced',
        `${nameOf(append)} was answered ${place.revision}@${place.position} of ${stream}, and is at ${last.revision}@${last.position}`,
      );
  });
}

/** What was acknowledged before another append began stands before it. */
function checkRealTime(appends: readonly Done[], placed: Placed, add: Add): void {
  const there = appends.filter(
    (append) => append.outcome !== 'fail' && placed.has(idsOf(append)[0]!),
  );
  const ended = there
    .filter(({ outcome }) => outcome === 'ok')
    .toSorted((a, b) => a.ended - b.ended);
  let [highest, at, i]: [number, string, number] = [0, '', 0];
  for (const append of there.toSorted((a, b) => a.invoked - b.invoked)) {
    for (; i < ended.length && ended[i]!.ended < append.invoked; i++) {
      const { position } = placed.get(idsOf(ended[i]!).at(-1)!) ?? { position: 0 };
      if (position > highest) [highest, at] = [position, nameOf(ended[i]!)];
    }
    const { position } = placed.get(idsOf(append)[0]!)!;
    if (position < highest)
      add(
        'real-time',
        `${nameOf(append)} has position ${position}, before ${at}, which had been acknowledged at ${highest}`,
      );
  }
}

function checkReads(
  operations: readonly Done[],
  appends: readonly Done[],
  placed: Placed,
  log: readonly Seen[],
  add: Add,
): void {
  const begun = new Map(
    appends.flatMap((append) => idsOf(append).map((id) => [id, append.invoked] as const)),
  );
  const byStream = Map.groupBy(log, ({ stream }) => stream);
  const several = appends.filter((append) => idsOf(append).length > 1);
  for (const read of operations) {
    if (read.outcome !== 'ok' || read.operation.kind === 'append') continue;
    const { operation, seen } = read;
    const ids = new Set(seen.map(({ id }) => id));
    if (ids.size < seen.length) add('duplicate', `${nameOf(read)} has an event twice`);
    for (const { id } of seen)
      if ((begun.get(id) ?? -1) > read.ended)
        add('future', `${nameOf(read)} has ${id}, whose append began later`);
    if (operation.kind === 'read-stream') {
      const list = byStream.get(operation.stream) ?? [];
      if (seen.some((event, i) => !isSame(event, list[i])))
        add('no-prefix', `${nameOf(read)}: ${operation.stream} does not begin like that`);
    } else {
      const wanted = log.filter(({ position }) => position > operation.from);
      const wrong = seen.findIndex((event, i) => !isSame(event, wanted[i]));
      if (wrong >= 0)
        add(
          'gap',
          `${nameOf(read)} has ${seen[wrong]!.id} where the log has ${wanted[wrong]?.id ?? 'nothing'}`,
        );
    }
    if (operation.kind === 'read-all')
      for (const append of several) {
        const own = idsOf(append);
        const count =
          (placed.get(own[0]!)?.position ?? 0) > operation.from
            ? own.filter((id) => ids.has(id)).length
            : 0;
        if (count > 0 && count < own.length)
          add('torn', `${nameOf(read)} has a part of ${nameOf(append)}`);
      }
  }
  checkFreshness(operations, placed, add);
}

const isSame = (a: Seen, b: Seen | undefined): boolean =>
  b !== undefined &&
  a.id === b.id &&
  a.stream === b.stream &&
  a.revision === b.revision &&
  a.position === b.position;

/**
 * What was acknowledged or read before a read began is in the read, in all of the log and in each
 * stream.
 */
function checkFreshness(operations: readonly Done[], placed: Placed, add: Add): void {
  const highest = new Map<string, number>();
  const know = (scope: string, position: number) =>
    highest.set(scope, Math.max(highest.get(scope) ?? 0, position));
  const ended = operations
    .filter(({ outcome }) => outcome === 'ok')
    .toSorted((a, b) => a.ended - b.ended);
  let i = 0;
  for (const read of operations.toSorted((a, b) => a.invoked - b.invoked)) {
    for (; i < ended.length && ended[i]!.ended < read.invoked; i++)
      for (const { stream, position } of [
        ...ended[i]!.seen,
        ...idsOf(ended[i]!).flatMap((id) => placed.get(id) ?? []),
      ]) {
        know('', position);
        know(stream, position);
      }
    const { operation } = read;
    if (read.outcome !== 'ok' || operation.kind === 'append' || operation.kind === 'subscribe')
      continue;
    const [scope, from] =
      operation.kind === 'read-stream' ? [operation.stream, 0] : ['', operation.from];
    const known = highest.get(scope) ?? 0;
    const reached = read.seen.at(-1)?.position ?? from;
    if (reached < known)
      add('stale', `${nameOf(read)} ends at ${reached}, and ${known} was known before it began`);
  }
}
