import { formatMoney } from '@cliptally/contracts';
import { amountOf, damageOf, FileFault, readSheet, writeCsv } from '@cliptally/spreadsheets';
import type { Payout } from '../domain/payout.js';
import { RuleBroken } from '../domain/rule-broken.js';

/**
 * Columns of the list of transfers; who has paid fills in `reference`, or `error` if a transfer
 * did not arrive, and sends the file back.
 */
const COLUMNS = [
  'payout_id',
  'creator_id',
  'account',
  'amount',
  'currency',
  'reference',
  'error',
] as const;

/** What a row of a file that was sent back says of its payout. */
export interface TransferRecord {
  line: number;
  payoutId: string;
  /** As the list gave them, if the file still has them; checked against the payout. */
  amount: string | null;
  currency: string | null;
  ending: { externalReference: string } | { reason: string };
}

/** "1234.50": without a sign for thousands, which banks' programs do not read. */
const decimal = ({ amount, currency }: Payout): string =>
  formatMoney(amount, currency).split(' ')[0]!.replaceAll(',', '');

/** The approved payouts that a person has to transfer, as CSV (RFC 4180). */
export function transferList(payouts: readonly Payout[]): string {
  const rows = payouts.map((payout) => {
    const { payoutId, creatorId, currency, destination } = payout;
    return [payoutId, creatorId, destination?.account ?? '', decimal(payout), currency, '', ''];
  });
  return writeCsv([COLUMNS, ...rows]);
}

const unreadable = (message: string) => new RuleBroken('malformed', 'malformed', message);

/** The columns of a file that is sent back; a bank may have added its own. */
const SENT_BACK = {
  what: 'transfers',
  needed: ['payout_id', 'reference'],
  others: ['creator_id', 'account', 'amount', 'currency', 'error'],
  more: true,
} as const;

/**
 * Rows that say how their transfer ended; those without a reference and an error say nothing yet.
 * Throws a RuleBroken that names the line.
 */
export function transferRecords(text: string): TransferRecord[] {
  const { rows, broken } = sheetOf(text);
  if (broken.length > 0) {
    const faults = broken.map(({ line, reason }) => ({
      line,
      message: `Line ${line}: ${reason}.`,
    }));
    throw refusedRows(faults, 'malformed');
  }
  return rows.flatMap(({ line, values }) => {
    const { reference = '', error: reason = '' } = values;
    if (reference === '' && reason === '') return [];
    const ending = reason === '' ? { externalReference: reference } : { reason };
    return [
      {
        line,
        payoutId: values['payout_id'] ?? '',
        amount: values['amount'] ?? null,
        currency: values['currency'] ?? null,
        ending,
      },
    ];
  });
}

function sheetOf(text: string) {
  try {
    return readSheet(text, [SENT_BACK]);
  } catch (error) {
    if (error instanceof FileFault) throw unreadable(`The file ${error.message}.`);
    throw error;
  }
}

/**
 * Why a row cannot be about the payout whose id it has; null when it can. Spreadsheets round
 * figures, and people sort one column without the others.
 */
export function mismatch(record: TransferRecord, payout: Payout): string | null {
  const { amount, currency, ending } = record;
  if (amount !== null) {
    const reading = amountOf(amount, payout.currency);
    if ('fault' in reading) return `the amount ${reading.fault}`;
    if (reading.value !== payout.amount)
      return `the amount is ${decimal(payout)}, but the file has ${amount}`;
  }
  if (currency !== null && currency.toUpperCase() !== payout.currency)
    return `the currency is ${payout.currency}, but the file has ${currency}`;
  const damage = 'externalReference' in ending ? damageOf(ending.externalReference) : null;
  return damage === null
    ? null
    : `the reference ${damage}: make that column text, or record it with POST /payouts/${payout.payoutId}/paid`;
}

/** One refusal for all faulty rows; nothing of the file is recorded then. */
export const refusedRows = (
  faults: readonly { line: number; message: string }[],
  kind: 'rule' | 'malformed' = 'rule',
) =>
  new RuleBroken(
    kind,
    kind === 'rule' ? 'rows_refused' : 'malformed',
    `Nothing was recorded: ${faults.length === 1 ? 'a row of the file is' : `${faults.length} rows of the file are`} wrong. ${faults[0]!.message}`,
    faults.slice(0, 100).map(({ line, message }) => ({ field: `line ${line}`, message })),
  );
