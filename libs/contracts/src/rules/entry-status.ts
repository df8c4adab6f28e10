import type { EventType } from '../events/catalog.js';

/** A clip's entry in one campaign: what its review came to. */
export type EntryStatus = 'PENDING' | 'APPROVED' | 'REJECTED';

/** A hold is a fact beside the status: a release leaves the status as it was. */
export interface EntryState {
  status: EntryStatus;
  held: boolean;
}

export const ENTRY_EVENTS = [
  'ClipSubmitted',
  'ClipApproved',
  'ClipRejected',
  'ClipHeld',
  'ClipReleased',
] as const satisfies readonly EventType[];
export type EntryEventType = (typeof ENTRY_EVENTS)[number];

/**
 * The state after one more event about the entry; `before` is null before the first submission. A
 * submission begins anew, also if a rejected entry is there. Throws if anything but a submission
 * comes first.
 */
export function entryAfter(before: EntryState | null, type: EntryEventType): EntryState {
  if (type === 'ClipSubmitted') return { status: 'PENDING', held: false };
  if (!before) throw new Error(`${type} came before the clip's submission.`);
  switch (type) {
    case 'ClipApproved':
      return { ...before, status: 'APPROVED' };
    case 'ClipRejected':
      return { status: 'REJECTED', held: false };
    case 'ClipHeld':
      return { ...before, held: true };
    default: // ClipReleased
      return { ...before, held: false };
  }
}

/** Whether settlements pay the entry what it is due. */
export const isPayable = ({ status, held }: EntryState): boolean => status === 'APPROVED' && !held;
