import { formatMoney, shareOf, type LeftOut } from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import { byApproval } from './creator-limit.js';
import { MINUTE_MS, ms } from './fact.js';
import { isOnTop } from './fee.js';
import type { Due, Paid } from './settlement-lines.js';

/**
 * How long the last money waits for scrapes that are still outstanding; a scrape has its outcome
 * well before.
 */
export const SETTLEMENT_PATIENCE_MS = 30 * MINUTE_MS;

/**
 * Shares of the last money: floor(cost x remaining / sum), and the units left over one by one to
 * the largest remainders, then to the earlier approval, then by clip id. They sum to `remaining`;
 * if it covers `sum`, each share is its cost.
 */
export function divide(remaining: number, owed: readonly Paid[], sum: number): Paid[] {
  const shares = owed.map((line) => ({ ...line, ...shareOf(remaining, line.cost, sum) }));
  const left = remaining - shares.reduce((given, { share }) => given + share, 0);
  const first = new Set(
    shares
      .toSorted(
        (a, b) =>
          Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder) ||
          byApproval(a.clip, b.clip),
      )
      .slice(0, left),
  );
  return shares.map((line) => ({ ...line, cost: line.share + (first.has(line) ? 1 : 0) }));
}

/**
 * Counted from the oldest unsettled observation, but not from before there was money: a top-up must
 * not find patience used up.
 */
export function patience(campaign: Campaign, owed: readonly Due[]): Date {
  const oldest = owed.reduce(
    (least, { clip }) => Math.min(least, ms(clip.unsettledSince ?? campaign.openedAt)),
    Infinity,
  );
  return new Date(Math.max(oldest, ms(campaign.openedAt)) + SETTLEMENT_PATIENCE_MS);
}

/** Why a settlement waits, for people. */
export function waiting(
  { terms }: Campaign,
  sum: number,
  remaining: number,
  scrapes: number,
  leftOut: readonly LeftOut[],
): string {
  const outstanding =
    scrapes > 0
      ? [scrapes === 1 ? '1 scrape is outstanding' : `${scrapes} scrapes are outstanding`]
      : [];
  const undecided =
    leftOut.length > 0
      ? [`no decision could be made about ${leftOut.map(({ clipId }) => clipId).join(', ')}`]
      : [];
  const because = [...outstanding, ...undecided].join(', and ');
  const { currency } = terms;
  const fee = isOnTop(terms) ? ' with the platform fee' : '';
  return `${formatMoney(sum, currency)} is due${fee} and ${formatMoney(remaining, currency)} remains: all are settled together, and ${because}.`;
}
