import type { CampaignFold, Entry } from './campaign.js';
import { limited, type Due } from './creator-limit.js';
import { costOf, feeBack, judgeFee, refundOf, splitOf } from './fees.js';
import {
  SETTLEMENT,
  amountOf,
  linesOf,
  millis,
  textOf,
  type Line,
  type RawEvent,
  type Report,
} from './events.js';

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
function mustWait(
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

/**
 * All settlement events of one append, and the clips that were held in it. A settlement of very
 * many lines has several EarningsAccrued.
 */
export interface Append {
  accrued: RawEvent[];
  reversed: RawEvent[];
  exhausted: RawEvent[];
  /** Before the settlement's own events, and after them. */
  heldBefore: Set<string>;
  heldAfter: Set<string>;
}

/** Lines by clip, each with the event that it is in. */
type Lines = Map<string, { line: Line; event: RawEvent }>;

function linesByClip(events: readonly RawEvent[], report: Report): Lines {
  const lines: Lines = new Map();
  for (const event of events)
    for (const line of linesOf(event)) {
      const clipId = textOf(line, 'clipId');
      if (lines.has(clipId)) report(event, `${clipId} has two lines`, 'one line', 'two');
      lines.set(clipId, { line, event });
    }
  return lines;
}

const show = (value: unknown): string =>
  value === null || value === undefined ? 'nothing' : `${value as bigint | string}`;

/**
 * Compares an append with what the rules give from the state that it was decided on. Gives the
 * number of lines that were recomputed. A hold that comes right after it, at the same time, is of
 * the same append or of another one, and only one of the two explains the settlement.
 */
export function judgeSettlement(campaign: CampaignFold, append: Append, report: Report): number {
  const said: Parameters<Report>[] = [];
  const lines = judge(campaign, append, append.heldBefore, (...finding) => void said.push(finding));
  if (said.length === 0) return lines;
  if (append.heldAfter.size > 0) {
    let sound = true;
    judge(campaign, append, append.heldBefore.union(append.heldAfter), () => (sound = false));
    if (sound) return lines;
  }
  for (const finding of said) report(...finding);
  return lines;
}

function judge(
  campaign: CampaignFold,
  append: Append,
  held: ReadonlySet<string>,
  report: Report,
): number {
  const { accrued, reversed, exhausted } = append;
  const first = [...reversed, ...accrued, ...exhausted][0]!;
  if (!campaign.terms) {
    report(first, 'the campaign was not launched at decidedAt', 'a launched campaign', 'none');
    return 0;
  }
  if (campaign.status === 'PAUSED') {
    report(
      first,
      'a paused campaign settles nothing',
      'no settlement until it is resumed',
      'a settlement',
    );
    return 0;
  }
  const given = linesByClip(accrued, report);
  const back = linesByClip(reversed, report);
  const absent = absentOf(campaign, accrued, held, given, report);
  const expected = settlementOf(campaign, absent);
  const wait = mustWait(campaign, expected, millis(first.time));
  if (wait)
    report(
      first,
      'the settlement had to wait',
      `no settlement: ${wait}`,
      `a settlement at ${first.time}`,
    );
  judgeReversal(campaign, expected, new Map(back), first, report);
  judgeLines(campaign, expected, new Map(given), accrued[0] ?? first, report);
  judgeExhausted(campaign, expected, exhausted, accrued.at(-1) ?? first, report);
  return given.size + back.size;
}

function absentOf(
  campaign: CampaignFold,
  accrued: readonly RawEvent[],
  held: ReadonlySet<string>,
  given: Lines,
  report: Report,
): Set<string> {
  const absent = new Set(held);
  for (const event of accrued) {
    for (const one of Array.isArray(event.data['leftOut'])
      ? (event.data['leftOut'] as Line[])
      : []) {
      const clipId = textOf(one, 'clipId');
      absent.add(clipId);
      const entry = campaign.entries.get(clipId);
      if (!entry?.accrues || campaign.due(entry) === 0n)
        report(
          event,
          `leftOut names ${clipId}, which was due nothing`,
          'only clips that were due something',
          clipId,
        );
      if (given.has(clipId))
        report(event, `leftOut names ${clipId}, which has a line`, 'a line or leftOut', 'both');
    }
  }
  // Without an EarningsAccrued nothing can say who was left out: then those whose decision has
  // failed may be.
  if (accrued.length === 0) for (const clipId of campaign.failed) absent.add(clipId);
  return absent;
}

function judgeReversal(
  campaign: CampaignFold,
  expected: Settlement,
  lines: Lines,
  first: RawEvent,
  report: Report,
): void {
  for (const { entry, due } of expected.tooMuch) {
    const there = lines.get(entry.clipId);
    lines.delete(entry.clipId);
    if (!there) {
      report(
        first,
        `${entry.clipId} has more than it is owed, and nothing was taken back`,
        `a reversal of ${due}`,
        'none',
      );
      continue;
    }
    const amount = amountOf(there.line, 'amount');
    if (amount !== due)
      report(
        there.event,
        `the settlement takes back another amount of ${entry.clipId}`,
        due,
        amount,
      );
    judgeBasis(campaign, entry, there.line, there.event, report);
    const fee = { right: feeBack(campaign, entry, due), of: entry.had - due };
    judgeFee(campaign, entry, { ...there, ...fee }, report);
  }
  for (const [clipId, { line, event }] of lines)
    report(
      event,
      `the settlement takes back what ${clipId} is owed`,
      'no reversal',
      `a reversal of ${amountOf(line, 'amount')}`,
    );
}

function judgeLines(
  campaign: CampaignFold,
  expected: Settlement,
  lines: Lines,
  first: RawEvent,
  report: Report,
): void {
  for (const { entry, due, amount, cost, room } of expected.given) {
    const { clipId } = entry;
    const there = lines.get(clipId);
    lines.delete(clipId);
    if (!there) {
      report(first, `${clipId} was due ${due} and has no line`, `a line of ${amount}`, 'none');
      continue;
    }
    const { line, event } = there;
    const check = (what: string, right: unknown, found: unknown) => {
      if (show(right) !== show(found))
        report(event, `${what} of ${clipId} is another`, right, found);
    };
    check('due', due, amountOf(line, 'due'));
    check('amount', amount, amountOf(line, 'amount'));
    const { seen, start, field } = campaign.entitlement(entry);
    check('toViews', seen!.views, line['toViews']);
    if (!seen!.ids.includes(textOf(line, 'observation')))
      report(
        event,
        `${clipId} rests on another observation`,
        seen!.ids.join(' or '),
        line['observation'],
      );
    if (entry.settledViews !== null && entry.settledField === field)
      check('fromViews', entry.settledViews, line['fromViews']);
    else if (show(line['fromViews']) !== '0') check('fromViews', start, line['fromViews']);
    judgeBasis(campaign, entry, line, event, report, room ?? null);
    const of = entry.had + amount;
    const right = campaign.terms?.fee?.onTop ? cost - amount : campaign.feeOn(of) - entry.fees;
    judgeFee(campaign, entry, { line, event, right, of }, report);
  }
  for (const [clipId, { line, event }] of lines) {
    const entry = campaign.entries.get(clipId);
    const why = !entry
      ? 'is not in the campaign'
      : entry.held
        ? 'is held'
        : entry.accrues
          ? 'is due nothing'
          : 'is not approved';
    report(
      event,
      `${clipId} ${why} and has a line`,
      'no line',
      `a line of ${amountOf(line, 'amount')}`,
    );
  }
}

function judgeBasis(
  campaign: CampaignFold,
  entry: Entry,
  line: Line,
  event: RawEvent,
  report: Report,
  room: bigint | null = null,
): void {
  const basis = line['basis'] as Record<string, unknown> | null | undefined;
  if (!basis) {
    report(
      event,
      `the line of ${entry.clipId} does not say what it is computed from`,
      'a basis',
      'none',
    );
    return;
  }
  const { earned, views, baseline, flat, bonus, field } = campaign.entitlement(entry);
  const right: Record<string, bigint | string> = {
    ...((field !== '' || 'field' in basis) && { field }),
    ...((flat > 0n || 'flat' in basis) && { flat }),
    ...((bonus > 0n || 'bonus' in basis) && { bonus }),
    ...(room !== null && { creatorRoom: room }),
    views,
    baseline,
    earned,
    voided: entry.voided,
    had: entry.had,
  };
  for (const [name, value] of Object.entries(right))
    if (show(value) !== show(basis[name]))
      report(event, `basis.${name} of ${entry.clipId} is another`, value, basis[name]);
}

function judgeExhausted(
  campaign: CampaignFold,
  expected: Settlement,
  said: readonly RawEvent[],
  last: RawEvent,
  report: Report,
): void {
  const [exhausted] = said;
  if (!exhausted) {
    if (expected.exhausts)
      report(
        last,
        'the budget ends with this settlement',
        'CampaignBudgetExhausted in the same append',
        'none',
      );
    return;
  }
  if (!expected.exhausts) {
    const why = `${expected.remaining} remaining before, ${expected.sum} due`;
    report(
      exhausted,
      'the budget does not end with this settlement',
      why,
      'CampaignBudgetExhausted',
    );
    return;
  }
  const unpaid = amountOf(exhausted.data, 'unpaid');
  if (unpaid !== expected.unpaid)
    report(exhausted, 'unpaid is not what the settlement left unpaid', expected.unpaid, unpaid);
  const budget = amountOf(exhausted.data, 'budget');
  if (budget !== campaign.budget)
    report(exhausted, 'budget is not that of the campaign', campaign.budget, budget);
}

/** A person takes back at most what the clip has. */
export function judgeReversalByPerson(
  campaign: CampaignFold,
  event: RawEvent,
  report: Report,
): number {
  const taken = new Map<string, bigint>();
  for (const line of linesOf(event)) {
    const clipId = textOf(line, 'clipId');
    const sum = (taken.get(clipId) ?? 0n) + amountOf(line, 'amount');
    taken.set(clipId, sum);
    const entry = campaign.entries.get(clipId);
    const had = entry?.had ?? 0n;
    const right = entry ? feeBack(campaign, entry, sum) : 0n;
    if (entry) judgeFee(campaign, entry, { line, event, right, of: had - sum }, report);
    if (sum > had) report(event, `more is taken back than ${clipId} has`, `at most ${had}`, sum);
  }
  return linesOf(event).length;
}

export const isSettlement = ({ type, data }: RawEvent): boolean =>
  type === 'EarningsAccrued' ||
  type === 'CampaignBudgetExhausted' ||
  (type === 'EarningsReversed' && data['by'] === SETTLEMENT);
