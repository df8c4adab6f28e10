import {
  AccrualLine,
  formatMoney,
  ReversalLine,
  shareOf,
  shortened,
  type LeftOut,
  type SettlementBasis,
} from '@cliptally/contracts';
import { byApproval, withinCreators } from './creator-limit.js';
import { budgetOf, remainingOf, type Campaign } from './campaign.js';
import { BY_SETTLEMENT, countsAnew, dueOf, earnedBy, netOf, paidUpTo, type ClipEntry } from './clip.js'; // prettier-ignore
import { baselineOf, extrasOf, isCountable } from './entitlement.js';
import { costOf, earnedOf, feeFor, feeReturned, feesOfLines, feeTaken, isOnTop, refundOf, type FeeOf } from './fee.js'; // prettier-ignore
import { byText, MINUTE_MS, ms, type Decided } from './fact.js';

/**
 * How long the last money waits for scrapes that are still outstanding; a scrape has its outcome
 * well before.
 */
export const SETTLEMENT_PATIENCE_MS = 30 * MINUTE_MS;

/**
 * An event has at most 4 MiB: the lines of a larger settlement take several events in the same
 * append.
 */
const MOST_BYTES_PER_EVENT = 3_500_000;

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

interface Due {
  clip: ClipEntry;
  due: number;
  amount: number;
  /** What the limit for the creator left before this line, if there is one. */
  room?: number;
}

/** `cost` is what the budget pays: `amount`, and a fee that comes on top. */
type Paid = Due & { cost: number };

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
  const owed = withinCreators(
    settlement,
    over,
    dues.filter(({ due }) => due > 0),
  );
  const of = ({ tally }: ClipEntry): FeeOf => ({ terms: campaign.terms, tally });
  const refunds = over.map(({ clip, due }) => refundOf(of(clip), -due));
  const remaining = refunds.reduce((all, refund) => all + refund, remainingOf(campaign));
  const costs = owed.map((line): Paid => ({ ...line, cost: costOf(of(line.clip), line.due) }));
  const sum = costs.reduce((all, { cost }) => all + cost, 0);
  if (remaining === 0 || over.length + owed.length === 0) return { kind: 'nothing', leftOut };
  if (sum * 2 > remaining && scrapesOutstanding + leftOut.length > 0) {
    const until = patience(campaign, owed);
    if (now < until)
      return {
        kind: 'wait',
        until,
        because: waiting(campaign, sum, remaining, scrapesOutstanding, leftOut),
        leftOut,
      };
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
  if (
    due !== 0 &&
    !isCountable(campaign.terms, clip.platform, clip.views, countsAnew(clip, campaign.terms))
  )
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

/**
 * Shares of the last money: floor(cost x remaining / sum), and the units left over one by one to
 * the largest remainders, then to the earlier approval, then by clip id. They sum to `remaining`;
 * if it covers `sum`, each share is its cost.
 */
function divide(remaining: number, owed: readonly Paid[], sum: number): Paid[] {
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

const total = (dues: readonly Due[]): number => dues.reduce((sum, { due }) => sum + due, 0);

/**
 * Counted from the oldest unsettled observation, but not from before there was money: a top-up must
 * not find patience used up.
 */
function patience(campaign: Campaign, owed: readonly Due[]): Date {
  const oldest = owed.reduce(
    (least, { clip }) => Math.min(least, ms(clip.unsettledSince ?? campaign.openedAt)),
    Infinity,
  );
  return new Date(Math.max(oldest, ms(campaign.openedAt)) + SETTLEMENT_PATIENCE_MS);
}

function waiting(
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

/**
 * A clip whose share is nothing has no line: it stays unsettled, and its due is part of what a
 * top-up settles.
 */
function accrued(
  campaign: Campaign,
  paid: readonly Paid[],
  leftOut: readonly LeftOut[],
): Decided<'EarningsAccrued'>[] {
  const lines = paid
    .filter(({ amount }) => amount > 0)
    .map((line) => ({
      ...lineOf(campaign, line),
      ...feeTaken({ terms: campaign.terms, tally: line.clip.tally }, line.amount, line.cost),
    }));
  return inParts(lines).map((part, nth) => ({
    type: 'EarningsAccrued',
    data: {
      ...ofCampaign(campaign),
      total: part.reduce((sum, { amount }) => sum + amount, 0),
      lines: part,
      ...feesOfLines(campaign.terms, part),
      leftOut: nth === 0 ? [...leftOut] : [],
    },
  }));
}

/** Lines are of plain ASCII, so that their length is their size. */
function inParts(lines: readonly AccrualLine[]): AccrualLine[][] {
  const parts: AccrualLine[][] = [];
  let room = 0;
  for (const line of lines) {
    const bytes = JSON.stringify(line).length + 1;
    if (bytes > room) {
      parts.push([]);
      room = MOST_BYTES_PER_EVENT;
    }
    parts.at(-1)!.push(line);
    room -= bytes;
  }
  return parts;
}

function lineOf(campaign: Campaign, { clip, due, amount, room }: Due): AccrualLine {
  const { clipId, creatorId, views } = clip;
  if (!views.highWater)
    throw new Error(`The clip "${clipId}" is due money without an observation.`);
  return {
    clipId,
    creatorId,
    fromViews: paidUpTo(clip, campaign),
    toViews: views.highWater.views,
    due,
    amount,
    observation: views.highWater.id,
    basis: { ...basisOf(clip, campaign), ...(room !== undefined && { creatorRoom: room }) },
  };
}

function reversed(campaign: Campaign, over: readonly Due[]): Decided<'EarningsReversed'>[] {
  if (over.length === 0) return [];
  const lines = over.map((line) => ({
    ...reversalOf(campaign, line),
    ...feeReturned({ terms: campaign.terms, tally: line.clip.tally }, -line.due),
  }));
  return [
    {
      type: 'EarningsReversed',
      data: {
        ...ofCampaign(campaign),
        total: -total(over),
        lines,
        ...feesOfLines(campaign.terms, lines),
        by: BY_SETTLEMENT,
      },
    },
  ];
}

function reversalOf(campaign: Campaign, { clip, due }: Due): ReversalLine {
  const { clipId, creatorId, views } = clip;
  const { first } = views;
  const seen = `${first?.views} views at ${first?.observedAt} (${first?.id})`;
  const reason = countsAnew(clip, campaign.terms)
    ? `the clip was posted on ${clip.postedAt}, so that views count from the first observation: ${seen}`
    : `an earlier first observation arrived: ${seen}`;
  return { clipId, creatorId, amount: -due, reason, basis: basisOf(clip, campaign) };
}

function basisOf(clip: ClipEntry, { terms }: Campaign): SettlementBasis {
  const old = countsAnew(clip, terms);
  const { flat, bonus } = extrasOf(terms, clip.views, old);
  return {
    views: clip.views.highWater?.views ?? 0,
    baseline: baselineOf(terms, clip.views, old),
    earned: earnedBy(clip, terms),
    voided: clip.tally.voided,
    had: netOf(clip.tally),
    ...(flat > 0 && { flat }),
    ...(bonus > 0 && { bonus }),
  };
}

const emptied = (campaign: Campaign, unpaid: number): Decided<'CampaignBudgetExhausted'> => ({
  type: 'CampaignBudgetExhausted',
  data: { ...ofCampaign(campaign), budget: budgetOf(campaign), unpaid },
});

const ofCampaign = ({ campaignId, terms: { currency } }: Campaign) => ({ campaignId, currency });
