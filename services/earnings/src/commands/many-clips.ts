import { derivedId, streams, type Clock, type NewEvent } from '@cliptally/contracts';
import { WrongExpectedRevision } from '@cliptally/event-store';
import { RuleBroken } from '../domain/rule-broken.js';
import { erasedAmong } from '../queries/erasures.js';
import type { Tables } from '../queries/tables.js';
import { at } from './decision.js';
import {
  ATTEMPTS,
  busy,
  VISIBLE_WITHIN_MS,
  type CommandPorts,
  type Done,
  type Execution,
} from './execution.js';
import { refuseErasedIn } from './refuse-erased.js';
import { DaysOfSubmissions, type Asked } from './submission-counts.js';

/** What was decided on each, or a refusal, in order. */
export type ManyDone = Done & { results: (readonly Pick<NewEvent, 'type'>[] | Error)[] };

/**
 * Decides on many clips, each by itself. Gives what was decided or a refusal for each, in order.
 * Of several decisions on one clip each is made on the result of the one before, so that each
 * takes a round, and of those there are as many as attempts.
 */
export async function decideOnEach(
  { store, projector }: CommandPorts,
  execution: Execution,
  tables: Tables,
  clock: Clock,
  commandId: string,
  asked: readonly Asked[],
): Promise<ManyDone> {
  const results: ManyDone['results'] = asked.map(busy);
  let open = asked.map((ask, nth) => ({ ...ask, nth }));
  let visible = true;
  for (let attempt = 1; attempt <= ATTEMPTS && open.length > 0; attempt++) {
    const first = new Map(open.toReversed().map((ask) => [ask.clipId, ask]));
    const round = [...first.values()].sort((a, b) => a.nth - b.nth);
    const { states, days, erased, position } = await tables.snapshot(async (snapshot) => ({
      erased: await erasedAmong(snapshot, creatorsOf(round)),
      states: await snapshot.clipStates(round.map(({ clipId }) => clipId)),
      days: await DaysOfSubmissions.of(snapshot, round, clock.now()),
      position: snapshot.position,
    }));
    const outdated = new Set<number>();
    const positions = await days.inTurn(round, async ({ clipId, decide, nth, campaign }) => {
      const { state, revision } = states.get(clipId) ?? { state: [], revision: -1 };
      const stream = streams.clip(clipId);
      const id = derivedId(commandId, nth);
      const before = await execution.doneBefore(id, stream);
      results[nth] = before;
      if (before.length > 0) return before[0]!.position;
      try {
        const now = clock.now();
        const events = decide(state, now);
        const decision = [
          { stream, expected: at(revision), events },
          ...(campaign ? days.countOf(campaign, events) : []),
        ];
        refuseErasedIn(erased, decision);
        results[nth] = events;
        const reached = await execution.append(decision, id, now, position);
        days.counted(decision);
        return reached;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision || error instanceof RuleBroken)) throw error;
        if (error instanceof WrongExpectedRevision) outdated.add(nth);
        results[nth] = error instanceof RuleBroken ? error : busy();
        return 0;
      }
    });
    const reached = outdated.size > 0 ? await store.head() : Math.max(...positions);
    visible = await projector.waitFor(reached, VISIBLE_WITHIN_MS);
    const decided = new Set(round.map(({ nth }) => nth).filter((nth) => !outdated.has(nth)));
    open = open.filter(({ nth }) => !decided.has(nth));
  }
  return { visible, results };
}

const creatorsOf = (round: readonly Asked[]): string[] => [
  ...new Set(round.flatMap(({ campaign }) => campaign?.creatorId ?? [])),
];
