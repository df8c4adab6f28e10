import type { CampaignFold } from './campaign.js';
import {
  SETTLEMENT,
  amountOf,
  millis,
  textOf,
  type Line,
  type RawEvent,
  type Report,
} from './events.js';
import { judgeLines, judgeReversal, linesByClip, type Lines } from './judge-lines.js';
import { mustWait, settlementOf, type Settlement } from './settlement.js';

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

export const isSettlement = ({ type, data }: RawEvent): boolean =>
  type === 'EarningsAccrued' ||
  type === 'CampaignBudgetExhausted' ||
  (type === 'EarningsReversed' && data['by'] === SETTLEMENT);
