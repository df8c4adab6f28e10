import { streams, type Clock } from '@cliptally/contracts';
import { isClipFact } from '../domain/ledger.js';
import { decideMove, type Move } from '../domain/move.js';
import { at, type StreamDecision } from './decision.js';
import type { CommandPorts, Done, Execution } from './execution.js';
import type { Tables } from '../queries/tables.js';

/** Moves a clip to another campaign: one append to its stream and to those of both campaigns. */
export function moveClip(
  {
    execution,
    store,
    clock,
    tables,
  }: Pick<CommandPorts, 'store'> & { execution: Execution; clock: Clock; tables: Tables },
  commandId: string,
  clipId: string,
  [from, to]: readonly [string, string],
  move: Move,
): Promise<Done> {
  const stream = streams.clip(clipId);
  return execution.attempt(async () => {
    const [before] = await execution.doneBefore(commandId, stream);
    if (before) return before.position;
    const now = clock.now();
    const read = await tables.snapshot(async (snapshot) => ({
      entries: await snapshot.clipState(clipId),
      campaigns: await snapshot.campaignRows([from, to]),
      position: snapshot.position,
    }));
    const { state, revision } = read.entries;
    const [old, next] = [read.campaigns.get(from)!, read.campaigns.get(to)!];
    const entry = state.find(({ campaignId }) => campaignId === from)!;
    const log = await Array.fromAsync(store.readStream(stream));
    const history = log.filter(isClipFact).filter((event) => event.revision <= revision);
    const decided = decideMove(state, entry, history, [old.state, next.state], move);
    const decision: StreamDecision[] = [
      { stream: streams.campaign(from), expected: old.revision, events: decided.from },
      { stream, expected: at(revision), events: decided.clip },
      { stream: streams.campaign(to), expected: next.revision, events: [] },
    ];
    return execution.append(decision, commandId, now, read.position);
  });
}
