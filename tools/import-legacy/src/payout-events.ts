import {
  derivedId,
  shortened,
  streams,
  type EventInput,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';
import { attempt, by, event, toMinor, type Derived } from './derived.js';
import type { OldPayout } from './tables.js';

export function payoutStreams(
  rows: readonly OldPayout[],
  currency: string,
  derived: Derived,
): void {
  for (const [creatorId, own] of Map.groupBy(rows, ({ userId }) => userId)) {
    const events = own.flatMap(
      (row) =>
        attempt(derived, 'payout_requests', row.id, () => payoutEvents(row, currency, derived)) ??
        [],
    );
    if (events.length > 0)
      derived.streams.push({
        stream: streams.payout(creatorId),
        events: events.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time)),
      });
  }
}

function payoutEvents(row: OldPayout, currency: string, derived: Derived): NewEvent[] | string {
  const id = (step: string) => derivedId('import', 'payout_requests', row.id, step);
  const ofPayout = { payoutId: row.id, creatorId: row.userId };
  const reason = shortened(row.reason?.trim() || `was ${row.status} in the replaced system`, 500);
  const amount = toMinor(row.amount, currency, derived);
  if (amount === 0) return 'its amount is nothing';
  const requested = event(
    'PayoutRequested',
    id('requested'),
    row.createdAt,
    { ...ofPayout, currency, amount },
    id('requested'),
  );
  const then = <T extends EventType>(type: T, step: string, data: EventInput<T>) =>
    event(type, id(step), row.updatedAt, data, id('requested'));
  const approved = then('PayoutApproved', 'approved', { ...ofPayout, by });
  switch (row.status.toUpperCase()) {
    case 'PENDING':
    case 'REQUESTED':
      return [requested];
    case 'APPROVED':
    case 'PROCESSING':
      return [requested, approved];
    case 'PAID':
    case 'COMPLETED':
      return [
        requested,
        approved,
        then('PayoutPaid', 'paid', {
          ...ofPayout,
          externalReference: row.transactionId?.trim() || `replaced system ${row.id}`,
          by,
        }),
      ];
    case 'FAILED':
      return [requested, approved, then('PayoutFailed', 'failed', { ...ofPayout, reason, by })];
    case 'REJECTED':
    case 'CANCELLED':
      return [requested, then('PayoutRejected', 'rejected', { ...ofPayout, reason, by })];
    default:
      return `its status ${row.status} is not known`;
  }
}
