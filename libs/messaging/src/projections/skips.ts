import { streams, type AnyEvent } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';

/** An event that a person has had a projection leave out. */
export interface Skip {
  position: number;
  eventId: string;
  type: string;
  reason: string;
  by: string;
  /** Whether somebody has reviewed it since. */
  reviewed: boolean;
}
/** By the id of the event: positions change when a log is copied. */
export type Skips = ReadonlyMap<string, Skip>;
export const NO_SKIPS: Skips = new Map();

/** What a projection leaves out now, and what the next append to that stream expects. */
export async function readSkips(name: string, store: Pick<EventStore, 'readStream'>) {
  const skips = new Map<string, Skip>();
  let revision = -1;
  for await (const event of store.readStream(streams.projection(name))) {
    revision = event.revision;
    if (event.type === 'EventSkipped') {
      const { position, eventId, type, reason, by } = event.data;
      skips.set(eventId, { position, eventId, type, reason, by, reviewed: false });
    } else if (event.type === 'EventSkipReviewed') {
      const skip = skips.get(event.data.eventId);
      if (event.data.outcome === 'taken_back') skips.delete(event.data.eventId);
      else if (skip) skip.reviewed = true;
    }
  }
  return { skips, expected: revision < 0 ? ('none' as const) : revision };
}

export const without = (events: readonly AnyEvent[], skips: Skips): readonly AnyEvent[] =>
  skips.size === 0 ? events : events.filter(({ id }) => !skips.has(id));

export const skipsOf = async (
  { name }: { name: string },
  store: Pick<EventStore, 'readStream'>,
): Promise<Skips> => (await readSkips(name, store)).skips;
