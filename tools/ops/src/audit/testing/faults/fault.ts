import type { AuditOptions } from '../../audit.js';
import type { RawEvent } from '../../events.js';
import type { WrittenLog } from '../log.js';

export interface Fault {
  name: string;
  make: (log: WrittenLog) => void;
  what: string;
  expected: string;
  found: string;
  /** Type of the event that is blamed. */
  type: string;
  options?: AuditOptions;
}

export type Line = Record<string, unknown> & {
  amount: number;
  due: number;
  basis: Record<string, unknown>;
};
export const linesOf = (event: RawEvent) => event.data['lines'] as Line[];

/** The n-th event of a type in a stream. */
export const nth = (log: WrittenLog, stream: string, type: string, n = 0): RawEvent =>
  log.events.filter((event) => event.stream === stream && event.type === type)[n]!;
export const accrual = (log: WrittenLog, campaign: string, n = 0): RawEvent =>
  nth(log, `campaign-${campaign}`, 'EarningsAccrued', n);
/**
 * Takes an event out as if it had never been written: what comes after moves up, and so do
 * positions that decisions name.
 */
export function forget(log: WrittenLog, { position, stream, revision }: RawEvent): void {
  log.events.splice(position - 1, 1);
  for (const event of log.events) {
    if (event.position > position) event.position--;
    if (event.stream === stream && event.revision > revision) event.revision--;
    const at = event.data['decidedAt'];
    if (typeof at === 'number' && at >= position) event.data['decidedAt'] = at - 1;
  }
}
/** A creator and clips of a campaign of their own, that the worked examples do not touch. */
export function fresh(log: WrittenLog, terms: Record<string, unknown> = {}): void {
  log.on(20).launch('fresh', { startsAt: '2026-03-01T00:00:00Z', ...terms });
  log.clip('fresh', 'g', 'gil');
  log.clip('fresh', 'h', 'hal');
  log.seen('g', 10_000);
}
export const PAID = [['g', 2_000, 2_000, [10_000, 0, 2_000, 0, 0]]] as Parameters<
  WrittenLog['settle']
>[1];
/** 20.00 USD of Gil's, validated. */
export function rich(log: WrittenLog, terms: Record<string, unknown> = {}): void {
  fresh(log, terms);
  log.settle('fresh', PAID);
  log.on(25);
}
export const request = (
  log: WrittenLog,
  payoutId: string,
  amount: number,
  decidedAt?: number,
  basis: Record<string, number> | null = null,
) => log.payout('gil', payoutId, 'PayoutRequested', { currency: 'USD', amount, basis }, decidedAt);

/** H has 20.00 USD, counted from 10,000 views; then an earlier 12,000 arrives. G is due 10.00. */
export function lateFirstObservation(log: WrittenLog): void {
  log.on(21).seen('h', 10_000);
  log.on(22).seen('h', 20_000);
  log.settle('fresh', [['h', 2_000, 2_000, [20_000, 10_000, 2_000, 0, 0]]]);
  log.seen('h', 12_000, { observedAt: '2026-03-20T12:00:00.000Z' });
  log.seen('g', 15_000);
}
