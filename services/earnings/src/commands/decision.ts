import { derivedId, newEvent, type EventContext, type NewEvent } from '@cliptally/contracts';
import type { ExpectedRevision, StreamAppend } from '@cliptally/event-store';
import { decidedAt, type Decided } from '../domain/fact.js';
import { noticesOf } from './notices.js';

/** What a decision appends to one of the streams that it rests on. */
export interface StreamDecision {
  stream: string;
  /**
   * The revision that the stream was read at; 'any' only for a stream whose facts cannot make the
   * decision wrong.
   */
  expected: ExpectedRevision;
  events: readonly Decided[];
}

/**
 * What the events of a decision have in common. Their ids follow from `id`: the same decision made
 * again is recognised by the log.
 */
export interface DecisionContext extends EventContext {
  id: string;
  /** Position of the log that the decision was made at. */
  position: number;
}

/** -1 stands for a stream that does not exist. */
export const at = (revision: number): ExpectedRevision => (revision < 0 ? 'none' : revision);

/**
 * The one append of a decision: its events, and a notice in each further stream whose decisions
 * rest on them. A decision there that did not know of them is then refused by the expected
 * revision of that stream (docs/decisions/0013).
 */
export function appendsOf(
  decision: readonly StreamDecision[],
  { id, position, ...context }: DecisionContext,
): StreamAppend[] {
  const appends = new Map<string, StreamAppend & { events: NewEvent[] }>();
  // A stream that the decision names keeps its expected revision also if only a notice goes there.
  const named = new Map(decision.map(({ stream, expected }) => [stream, expected]));
  const add = (stream: string, expected: ExpectedRevision, event: NewEvent) => {
    const known = named.get(stream) ?? expected;
    const append = appends.get(stream) ?? { stream, expected: known, events: [] };
    appends.set(stream, append);
    append.events.push(event);
  };
  let nth = 0;
  const made = decision.flatMap(({ stream, expected, events }) =>
    events.map((decided) => {
      const data = decidedAt(decided, position);
      const event = newEvent(decided.type, derivedId(id, nth++), data, context);
      add(stream, expected, event);
      return event;
    }),
  );
  for (const event of made)
    for (const { stream, expected, decided } of noticesOf(event)) {
      const noticeId = derivedId(event.id, 'notice', stream);
      add(stream, expected, newEvent(decided.type, noticeId, decided.data, context));
    }
  return [...appends.values()];
}
