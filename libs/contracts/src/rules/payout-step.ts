import type { EventType } from '../events/catalog.js';

export const PAYOUT_STATUSES = ['REQUESTED', 'APPROVED', 'REJECTED', 'PAID', 'FAILED'] as const;
/**
 * REQUESTED -> APPROVED -> PAID or FAILED; REQUESTED -> REJECTED; PAID -> FAILED when the transfer
 * comes back.
 */
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number];

const AFTER = {
  PayoutRequested: 'REQUESTED',
  PayoutApproved: 'APPROVED',
  PayoutRejected: 'REJECTED',
  PayoutPaid: 'PAID',
  PayoutFailed: 'FAILED',
} as const satisfies Partial<Record<EventType, PayoutStatus>>;
export type PayoutEventType = keyof typeof AFTER;
export const PAYOUT_EVENTS = Object.keys(AFTER) as PayoutEventType[];

export const payoutStatusAfter = (type: PayoutEventType): PayoutStatus => AFTER[type];

/** Minor units that a payout keeps from what its creator can ask for. */
export interface PayoutHold {
  /** Asked for, and neither paid, rejected nor failed. */
  reserved: number;
  paid: number;
}

/** What a payout of `amount` minor units holds in a status; nothing before its request (null). */
export function payoutHold(status: PayoutStatus | null, amount: number): PayoutHold {
  switch (status) {
    case 'REQUESTED':
    case 'APPROVED':
      return { reserved: amount, paid: 0 };
    case 'PAID':
      return { reserved: 0, paid: amount };
    default:
      return { reserved: 0, paid: 0 };
  }
}

/**
 * What one step of a payout adds to the sums of its creator. The difference of what it holds, so
 * that the sum of all steps is what the payouts hold in the end, in whatever order the steps come,
 * and a step that is repeated adds nothing.
 */
export function payoutStep(
  before: PayoutStatus | null,
  after: PayoutStatus,
  amount: number,
): PayoutHold {
  const [had, has] = [payoutHold(before, amount), payoutHold(after, amount)];
  return { reserved: has.reserved - had.reserved, paid: has.paid - had.paid };
}
