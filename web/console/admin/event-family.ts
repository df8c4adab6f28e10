import type { Answer } from '../app/routes.js';

type Trace = Answer<'GET /events/{position}'>;
export type EventNode = Trace['related'][number];

export interface Relative {
  node: EventNode;
  /** How many causes are between it and the first one that is known. */
  depth: number;
  role: 'self' | 'cause' | 'consequence' | 'related';
  /** The event that caused it, if it is among them. */
  parent: string | null;
}

/** The event, its causes and what has its correlation, in the order of the log. */
export function familyOf({ event, causes, related, consequences }: Trace): Relative[] {
  const nodes = new Map<string, EventNode>();
  for (const node of [...causes, event, ...related]) nodes.set(node.id, node);
  const followed = new Set(consequences);
  const led = new Set(causes.map(({ id }) => id));
  const depthOf = (node: EventNode, seen: ReadonlySet<string> = new Set()): number => {
    const parent = nodes.get(node.causationId);
    // A cause that names itself, directly or not, is no cause.
    if (!parent || seen.has(parent.id)) return 0;
    return 1 + depthOf(parent, new Set([...seen, node.id]));
  };
  return [...nodes.values()]
    .toSorted((a, b) => a.position - b.position)
    .map((node) => ({
      node,
      depth: depthOf(node),
      role:
        node.id === event.id
          ? 'self'
          : led.has(node.id)
            ? 'cause'
            : followed.has(node.id)
              ? 'consequence'
              : 'related',
      parent: nodes.has(node.causationId) ? node.causationId : null,
    }));
}
