import { EVENTS, type EventType, type Upcaster } from '../events/catalog.js';

/**
 * Adds a version to an event for the length of a test; what was written before is then of an older
 * version. Gives the way back.
 */
export function raiseVersion(type: EventType, ...more: Upcaster[]): () => void {
  const entry = EVENTS[type] as { version: number; upcasters: readonly Upcaster[] };
  const { version, upcasters } = entry;
  Object.assign(entry, { version: version + more.length, upcasters: [...upcasters, ...more] });
  return () => void Object.assign(entry, { version, upcasters });
}
