import type { CampaignFold, Entry } from './campaign.js';
import { limited, type Due } from './creator-limit.js';
import { costOf, refundOf, splitOf } from './fees.js';

/**
 * How long dues of more than half of what remains wait for scrape requests that are outstanding.
 */
const PATIENCE_MS = 30 * 60_000;

/** `cost` is what the budget pays: `amount`, and a fee on top of it. */
type Given = Due & { amount: bigint; cost: bigint };

/** What section 5 of docs/money.md gives from one state of a campaign. */
export interface Settlement {
  /** Clips that have more than they are owed, and by how much. */
  tooMuch: Due[];
  /** Clips that get something, what they are due and what they get. */
  given: Given[];
  /** Clips that are due something, also those that get nothing of it. */
  owed: ReadonlySet<Entry>;
  /** What all that is due costs, with fees on top, also of clips that get nothing of it. */
  sum: bigint;
  /** Before this settlement, with what it takes back. */
  remaining: bigint;
  unpaid: bigint;
  exhausts: boolean;
}

/** `absent`: clips that this settlement passes over. */
export function settlementOf(campaign: CampaignFold, absent: ReadonlySet<string>): Settlement {
  const tooMuch: Due[] = [];
  const all: Due[] = [];
  for (const entry of campaign.entries.values()) {
    if (!entry.accrues || absent.has(entry.clipId)) continue;
    const due = campaign.due(entry);
    if (due < 0n) tooMuch.push({ entry, due: -due });
    if (due > 0n) all.push({ entry, due });
  }
  const dues = limited(campaign, all, tooMuch);
  const costs = dues.map((one) => ({ ...one, cost: costOf(campaign, one.entry, one.due) }));
  const sum = costs.reduce((all, { cost }) => all + cost, 0n);
  const remaining = tooMuch.reduce(
    (all, { entry, due }) => all + refundOf(campaign, entry, due),
    campaign.remaining,
  );
  const given = shares(campaign, costs, sum, remaining > 0n ? remaining : 0n);
  const paid = given.reduce((all, { cost }) => all + cost, 0n);
  const due = dues.reduce((all, one) => all + one.due, 0n);
  return {
    tooMuch,
    given,
    owed: new Set(dues.map(({ entry }) => entry)),
    sum,
    remaining,
    unpaid: given.reduce((all, { amount }) => all - amount, due),
    exhausts: given.length > 0 && paid === remaining,
  };
}

/**
 * Everybody in full while it suffices; else in proportion, the units left over to the largest
 * remainders, the earlier approvals, the smaller ids.
 */
function shares(
  campaign: CampaignFold,
  dues: readonly (Due & { cost: bigint })[],
  sum: bigint,
  remaining: bigint,
): Given[] {
  if (sum <= remaining) return dues.map((one) => ({ ...one, amount: one.due }));
  const parts = dues.map((one) => ({
    ...one,
    cost: (one.cost * remaining) / sum,
    rest: (one.cost * remaining) % sum,
  }));
  let left = remaining - parts.reduce((all, { cost }) => all + cost, 0n);
  const order = parts.toSorted((a, b) => {
    if (a.rest !== b.rest) return a.rest > b.rest ? -1 : 1;
    if (a.entry.approvedAt !== b.entry.approvedAt) return a.entry.approvedAt! - b.entry.approvedAt!;
    return a.entry.clipId < b.entry.clipId ? -1 : 1;
  });
  for (const part of order) {
    if (left === 0n) break;
    part.cost++;
    left--;
  }
  return parts
    .filter(({ cost }) => cost > 0n)
    .map((part) => ({ ...part, amount: splitOf(campaign, part.entry, part.cost) }));
}

/**
 * Whether a settlement may be made at this instant, or has to wait for what is outstanding; the
 * reason if it has to.
 */
export function mustWait(
  campaign: CampaignFold,
  { given, owed, sum, remaining }: Settlement,
  now: number,
): string | null {
  if (given.length === 0 || 2n * sum <= remaining || campaign.outstanding.size === 0) return null;
  let oldest = Infinity;
  for (const entry of campaign.entries.values())
    if (owed.has(entry)) oldest = Math.min(oldest, entry.unsettledSince ?? -Infinity);
  const until = Math.max(oldest, campaign.moneySince) + PATIENCE_MS;
  if (now >= until) return null;
  return `${sum} due of ${remaining} remaining, ${campaign.outstanding.size} scrape requests outstanding, patience until ${new Date(until).toISOString()}`;
}
