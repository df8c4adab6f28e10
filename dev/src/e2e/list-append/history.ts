import type { ExpectedRevision } from '@cliptally/event-store';

/** Events of one stream in one append, by their ids. */
export interface Part {
  stream: string;
  ids: readonly string[];
  expected: ExpectedRevision;
}

/** An event as a reader saw it. */
export interface Seen {
  id: string;
  stream: string;
  revision: number;
  position: number;
}

/** Where the store said that the last event of a part stands. */
export interface Place {
  revision: number;
  position: number;
}

/**
 * What a client asks of the log. `append` is all of one call, atomic over its parts. `read-stream`
 * reads a stream from its beginning to its end; `read-all` everything after `from`; so does
 * `subscribe`, until it is stopped, which may be before the end.
 */
export type Operation =
  | { kind: 'append'; parts: readonly Part[] }
  | { kind: 'read-stream'; stream: string }
  | { kind: 'read-all' | 'subscribe'; from: number };

/**
 * A history is what clients noted, one after the other in the order of one clock. A client has one
 * operation under way at a time. `fail`: it certainly had no effect; `info`: nobody knows. An
 * invocation that nothing follows is as `info`.
 */
export type Note = { client: string; time: number } & (
  | { type: 'invoke'; operation: Operation }
  | { type: 'ok'; places?: readonly Place[]; seen?: readonly Seen[] }
  | { type: 'fail' | 'info'; why?: string }
);

/**
 * An operation from its invocation to its end; `ended` is Infinity if nobody knows of one. Times
 * are places in the history.
 */
export interface Done {
  client: string;
  operation: Operation;
  invoked: number;
  ended: number;
  outcome: 'ok' | 'fail' | 'info';
  places: readonly Place[];
  seen: readonly Seen[];
}

/** Throws if a client has two operations under way, or ends one that it has not begun. */
export function operationsOf(history: readonly Note[]): Done[] {
  const open = new Map<string, Done>();
  const all: Done[] = [];
  history.forEach((note, at) => {
    const current = open.get(note.client);
    if (note.type === 'invoke') {
      if (current)
        throw new Error(
          `${note.client} begins at ${at} what it has not ended since ${current.invoked}.`,
        );
      const begun: Done = {
        client: note.client,
        operation: note.operation,
        invoked: at,
        ended: Infinity,
        outcome: 'info',
        places: [],
        seen: [],
      };
      open.set(note.client, begun);
      all.push(begun);
      return;
    }
    if (!current) throw new Error(`${note.client} ends at ${at} what it has not begun.`);
    open.delete(note.client);
    current.outcome = note.type;
    if (note.type !== 'info') current.ended = at;
    if (note.type === 'ok')
      Object.assign(current, { places: note.places ?? [], seen: note.seen ?? [] });
  });
  return all;
}
