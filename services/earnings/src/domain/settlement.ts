import { AccrualLine, ReversalLine, shortened, type LeftOut } from '@cliptally/contracts';
import { remainingOf, type Campaign } from './campaign.js';
import { dueOf, restsOn, type ClipEntry } from './clip.js';
import { withinCreators } from './creator-limit.js';
import { isCountable } from './entitlement.js';
import { byText, type Decided } from './fact.js';
import { costOf, earnedOf, feeFor, isOnTop, refundOf, type FeeOf } from './fee.js';
import { divide, patience, waiting } from './last-money.js';
import { accrued, emptied, lineOf, type Due, type Paid } from './settlement-lines.js';
import { reversalOf, reversed } from './settlement-reversals.js';

export { SETTLEMENT_PATIENCE_MS } from './last-money.js';

/**
 * One campaign and its clips. Entries whose `unsettledSince` is null may be left out: they change
 * nothing.
 */
export interface Settlement {
  campaign: Campaign;
  clips: ReadonlyMap<string, ClipEntry>;
  /** Scrapes of the campaign's clips that were requested and have no outcome yet. */
  scrapesOutstanding: number;
  /**
   * Clips about which no decision can be made, with the reason: they are passed over, and everybody
   * else is settled as if they were not there.
   */
  leftOut?: readonly LeftOut[];
  /**
   * What counts towards the campaign's limit for a creator (`takenBy`), by creator, if
   * clips are left out above.
   */
  taken?: ReadonlyMap<string, number>;
}

export type SettlementEvent = Decided<
  'EarningsAccrued' | 'EarningsReversed' | 'CampaignBudgetExhausted'
>;

/**
 * `leftOut` are all clips that were passed over, those that this function could not count included.
 */
export type Decision = { leftOut: readonly LeftOut[] } & (
  | { kind: 'nothing' }
  | { kind: 'wait'; until: Date; because: string }
  /**
   * To be appended together to the campaign's stream, at the revision that the state was read at.
   */
  | { kind: 'settle'; events: SettlementEvent[] }
);

/**
 * Pays what clips are due. While that is at most half of what remains it is paid at once. When the
 * last money is near, all outstanding scrapes are awaited, and clips about which no decision can be
 * made, at most 30 minutes, so that nobody is paid less for having been scraped later. Then
 * everybody is paid in full, or, if the money does not suffice, in proportion.
 *
 * A paused campaign pays nothing until it is resumed; one that has ended still pays what was
 * observed before its end. Money that was accrued on a baseline which an earlier, late observation
 * has corrected goes back first, and is there for the others.
 */
export function settle(settlement: Settlement, now: Date): Decision {
  const { campaign, scrapesOutstanding } = settlement;
  const { dues, leftOut } = countable(settlement);
  if (campaign.status === 'PAUSED') return { kind: 'nothing', leftOut };
  const over = dues.filter(({ due }) => due < 0);
  const under = dues.filter(({ due }) => due > 0);
  const owed = withinCreators(settlement, over, under);
  const of = ({ tally }: ClipEntry): FeeOf => ({ terms: campaign.terms, tally });
  const refunds = over.map(({ clip, due }) => refundOf(of(clip), -due));
  const remaining = refunds.reduce((all, refund) => all + refund, remainingOf(campaign));
  const costs = owed.map((line): Paid => ({ ...line, cost: costOf(of(line.clip), line.due) }));
  const sum = costs.reduce((all, { cost }) => all + cost, 0);
  if (remaining === 0 || over.length + owed.length === 0) return { kind: 'nothing', leftOut };
  if (sum * 2 > remaining && scrapesOutstanding + leftOut.length > 0) {
    const until = patience(campaign, owed);
    const because = waiting(campaign, sum, remaining, scrapesOutstanding, leftOut);
    if (now < until) return { kind: 'wait', until, because, leftOut };
  }
  const exhausted = sum >= remaining;
  const paid = exhausted
    ? divide(remaining, costs, sum).map((line): Paid => {
        const amount = line.cost === 0 ? 0 : earnedOf(of(line.clip), line.cost);
        return { ...line, amount };
      })
    : costs.map((line) => ({ ...line, amount: line.due }));
  const unpaid = paid.reduce((all, { due, amount }) => all + due - amount, 0);
  const events = [
    ...reversed(campaign, over),
    ...accrued(campaign, paid, leftOut),
    ...(exhausted ? [emptied(campaign, unpaid)] : []),
  ];
  return { kind: 'settle', events, leftOut };
}

/**
 * What clips are due, in the order of their ids. Clips whose earnings cannot be counted exactly are
 * left out, and of the others those that are due most until the sum can be: such counts come from a
 * broken source alone.
 */
function countable({ campaign, clips, leftOut: given = [] }: Settlement): {
  dues: Due[];
  leftOut: LeftOut[];
} {
  const passedOver = new Set(given.map(({ clipId }) => clipId));
  const leftOut = [...given];
  const dues: Due[] = [];
  for (const clip of [...clips.values()].sort((a, b) => byText(a.clipId, b.clipId))) {
    if (passedOver.has(clip.clipId)) continue;
    try {
      dues.push(dueLine(clip, campaign));
    } catch (error) {
      leftOut.push({ clipId: clip.clipId, reason: shortened((error as Error).message, 400) });
    }
  }
  const sumOf = () => exactSum(campaign, dues);
  for (let sum = sumOf(); sum > BigInt(Number.MAX_SAFE_INTEGER); sum = sumOf()) {
    const most = dues.reduce((largest, due) => (due.due > largest.due ? due : largest));
    dues.splice(dues.indexOf(most), 1);
    leftOut.push({ clipId: most.clip.clipId, reason: tooMany(most.clip) });
  }
  return { dues, leftOut };
}

/** Throws if the clip's line of the settlement could not be counted or written. */
function dueLine(clip: ClipEntry, campaign: Campaign): Due {
  const due = dueOf(clip, campaign);
  const { terms } = campaign;
  if (due !== 0 && !isCountable(terms, clip.platform, restsOn(clip, terms)))
    throw new RangeError(tooMany(clip));
  const line = { clip, due, amount: due };
  if (due > 0) AccrualLine.parse(lineOf(campaign, line));
  if (due < 0) ReversalLine.parse(reversalOf(campaign, line));
  return line;
}

/** Of all that is due, with a fee that comes on top. */
function exactSum({ terms }: Campaign, dues: readonly Due[]): bigint {
  const costs = dues.flatMap(({ clip: { tally }, due }) =>
    due > 0 ? [due, isOnTop(terms) ? feeFor({ terms, tally }, due) : 0] : [],
  );
  return costs.reduce((all, cost) => all + BigInt(cost), 0n);
}
const tooMany = ({ views }: ClipEntry): string =>
  `more is due than can be counted exactly: the source says ${views.highWater?.views} views; hold or reject the clip`;
