import { parse, CsvError } from 'csv-parse/sync';
import { formatMoney } from '@cliptally/contracts';
import type { Payout } from '../domain/payout.js';
import { RuleBroken } from '../domain/rule-broken.js';

/**
 * Columns of the list of transfers; who has paid fills in `reference`, or `error` where a transfer
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
  /** As the list gave them, where the file still has them; checked against the payout. */
  amount: string | null;
  currency: string | null;
  ending: { externalReference: string } | { reason: string };
}

const DANGEROUS = /^[=+\-@\t\r]/;

/** A spreadsheet runs a cell that begins like a formula; behind an apostrophe it is text. */
const guarded = (text: string): string => (DANGEROUS.test(text) ? `'${text}` : text);
const unguarded = (text: string): string =>
  text.startsWith("'") && DANGEROUS.test(text.slice(1)) ? text.slice(1) : text;
const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** "1234.50": without a sign for thousands, which banks' programs do not read. */
const decimal = ({ amount, currency }: Payout): string =>
  formatMoney(amount, currency).split(' ')[0]!.replaceAll(',', '');

/** The approved payouts that a person has to transfer, as CSV (RFC 4180). */
export function transferList(payouts: readonly Payout[]): string {
  const rows = payouts.map((payout) => {
    const { payoutId, creatorId, currency, destination } = payout;
    return [payoutId, creatorId, destination?.account ?? '', decimal(payout), currency, '', ''];
  });
  return [COLUMNS, ...rows]
    .map((row) => `${row.map((cell) => quoted(guarded(cell))).join(',')}\r\n`)
    .join('');
}

const unreadable = (message: string) => new RuleBroken('malformed', 'malformed', message);

/**
 * Rows that say how their transfer ended; those without a reference and an error say nothing yet.
 * Throws a RuleBroken that names the line.
 */
export function transferRecords(text: string): TransferRecord[] {
  let rows: { info: { lines: number }; record: Record<string, string> }[];
  try {
    rows = parse(text, {
      bom: true,
      columns: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
      max_record_size: 10_000,
    });
  } catch (error) {
    if (error instanceof CsvError)
      throw unreadable(`The file is no CSV as we read it: ${error.message}.`);
    throw error;
  }
  const missing = ['payout_id', 'reference'].filter(
    (column) => rows[0] && !(column in rows[0].record),
  );
  if (missing.length > 0)
    throw unreadable(
      `The file needs the columns payout_id and reference in its first line; ${missing.join(' and ')} is not there.`,
    );
  return rows.flatMap(({ info, record }) => {
    const cell = (column: string) => unguarded(record[column] ?? '');
    const [reference, reason] = [cell('reference'), cell('error')];
    if (reference === '' && reason === '') return [];
    const ending = reason === '' ? { externalReference: reference } : { reason };
    return [
      {
        line: info.lines,
        payoutId: cell('payout_id'),
        amount: cell('amount') || null,
        currency: cell('currency') || null,
        ending,
      },
    ];
  });
}

/**
 * Why a row cannot be about the payout whose id it has; null when it can. Spreadsheets round
 * figures, and people sort one column without the others.
 */
export function mismatch({ amount, currency }: TransferRecord, payout: Payout): string | null {
  if (amount !== null && Number(amount) !== Number(decimal(payout)))
    return `the amount is ${decimal(payout)}, but the file has ${amount}`;
  if (currency !== null && currency !== payout.currency)
    return `the currency is ${payout.currency}, but the file has ${currency}`;
  return null;
}

/** One refusal for all faulty rows; nothing of the file is recorded then. */
export const refusedRows = (faults: readonly { line: number; message: string }[]) =>
  new RuleBroken(
    'rule',
    'rows_refused',
    `Nothing was recorded: ${faults.length === 1 ? 'a row of the file is' : `${faults.length} rows of the file are`} wrong. ${faults[0]!.message}`,
    faults.slice(0, 100).map(({ line, message }) => ({ field: `line ${line}`, message })),
  );
