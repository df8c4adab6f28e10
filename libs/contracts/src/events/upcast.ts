import { EVENTS, type EventType } from './catalog.js';
import type { AnyEvent } from './envelope.js';

/**
 * An event as its newest version, whatever version wrote it. Types and versions that this program
 * does not know stay as they are.
 */
export function upcast(event: AnyEvent): AnyEvent {
  const newest = newestOf(event);
  if (!newest || event.version >= newest.version) return event;
  const data = newest.upcasters
    .slice(event.version - 1)
    .reduce<Record<string, unknown>>((older, upcaster) => upcaster(older, event), event.data);
  return { ...event, version: newest.version, data } as AnyEvent;
}

/**
 * An event of a version that this program is too old for: a process that acts on it must stop,
 * because it would be misread.
 */
export class EventTooNew extends Error {
  override readonly name = 'EventTooNew';
  readonly expected = true;
  constructor({ id, type, version }: AnyEvent, known: number) {
    super(
      `The event ${type} ${id} is of version ${version}, and this program knows ${known}: update it, and it goes on from there.`,
    );
  }
}

/** Throws {@link EventTooNew}. */
export function assertReadable(event: AnyEvent): void {
  const newest = newestOf(event);
  if (newest && event.version > newest.version) throw new EventTooNew(event, newest.version);
}

const newestOf = ({ type }: AnyEvent): (typeof EVENTS)[EventType] | null =>
  Object.hasOwn(EVENTS, type) ? EVENTS[type] : null;
