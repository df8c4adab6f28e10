import type { EventStore } from '@cliptally/event-store';
import { assertSound, type Audit } from '@cliptally/ops/audit';

/**
 * Audits the whole log: throws with the first differences if one is not as docs/money.md has it.
 */
export const expectSound = (store: Pick<EventStore, 'readAll'>): Promise<Audit> =>
  assertSound(store.readAll(0, { asWritten: true }));
