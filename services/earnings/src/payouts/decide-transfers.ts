import { damageOf } from '@cliptally/spreadsheets';
import type { Decided } from '../domain/fact.js';
import { decidePayoutFailure, decidePayoutPaid, type Payout } from '../domain/payout.js';
import { RuleBroken } from '../domain/rule-broken.js';
import type { Snapshot } from '../queries/tables.js';
import { mismatch, refusedRows, type TransferRecord } from './transfer-list.js';

/** What each row of a file decides. Throws one problem that names every faulty row. */
export async function decideTransfers(
  records: readonly TransferRecord[],
  payouts: ReadonlyMap<string, Payout>,
  by: string,
  now: Date,
  snapshot: Snapshot,
) {
  const decided = new Map<string, Decided[]>();
  const faults: { line: number; message: string }[] = [];
  for (const record of records) {
    const { line, payoutId, ending } = record;
    const payout = payouts.get(payoutId);
    const damage = payout ? null : damageOf(payoutId);
    const wrong = !payout
      ? `it is unknown${damage ? ` (${damage})` : ''}`
      : decided.has(payoutId)
        ? 'it is in the file twice'
        : mismatch(record, payout);
    if (!payout || wrong) {
      faults.push({ line, message: `Line ${line}, payout "${payoutId}": ${wrong}.` });
      continue;
    }
    try {
      const balance = 'reason' in ending ? null : await balanceFor(payout, now, snapshot);
      decided.set(
        payoutId,
        'reason' in ending
          ? decidePayoutFailure(payout, { ...ending, by })
          : decidePayoutPaid(payout, balance!, { ...ending, by }, now),
      );
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      faults.push({ line, message: `Line ${line}: ${error.message}` });
    }
  }
  if (faults.length > 0) throw refusedRows(faults);
  return decided;
}

export const balanceFor = ({ creatorId, currency }: Payout, now: Date, snapshot: Snapshot) =>
  snapshot.balance(creatorId, currency, now);
