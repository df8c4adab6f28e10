import { creatorErased } from '../domain/erasure.js';
import type { Decided } from '../domain/fact.js';
import { erasedAmong } from '../queries/erasures.js';
import type { Snapshot } from '../queries/tables.js';
import type { StreamDecision } from './decision.js';

const BEGIN_SOMETHING = new Set<Decided['type']>([
  'ClipSubmitted',
  'ShortLinkSubmitted',
  'PayoutRequested',
  'PayoutAccountSet',
  'AccountClaimed',
]);

/** Throws if something is begun in the name of a creator who was erased. */
export async function refuseErased(
  snapshot: Snapshot,
  decision: readonly StreamDecision[],
): Promise<void> {
  refuseErasedIn(await erasedAmong(snapshot, begunFor(decision)), decision);
}

/** {@link refuseErased}, for who has read already which creators are erased. */
export function refuseErasedIn(
  erased: ReadonlySet<string>,
  decision: readonly StreamDecision[],
): void {
  const creatorId = begunFor(decision).find((id) => erased.has(id));
  if (creatorId !== undefined) throw creatorErased(creatorId);
}

const begunFor = (decision: readonly StreamDecision[]): string[] =>
  decision.flatMap(({ events }) =>
    events.flatMap(({ type, data }) =>
      BEGIN_SOMETHING.has(type) && 'creatorId' in data ? (data.creatorId ?? []) : [],
    ),
  );
