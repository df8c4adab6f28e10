import type { CampaignFold, Entry } from './campaign.js';
import { feeBack, judgeFee } from './fees.js';
import { amountOf, linesOf, textOf, type Line, type RawEvent, type Report } from './events.js';
import type { Settlement } from './settlement.js';

/** Lines by clip, each with the event that it is in. */
export type Lines = Map<string, { line: Line; event: RawEvent }>;

export function linesByClip(events: readonly RawEvent[], report: Report): Lines {
  const lines: Lines = new Map();
  for (const event of events)
    for (const line of linesOf(event)) {
      const clipId = textOf(line, 'clipId');
      if (lines.has(clipId)) report(event, `${clipId} has two lines`, 'one line', 'two');
      lines.set(clipId, { line, event });
    }
  return lines;
}

/** Takes the clip's line out of those that are not judged yet; without one, `missing` says so. */
function lineOf(lines: Lines, clipId: string, missing: () => void) {
  const there = lines.get(clipId);
  lines.delete(clipId);
  if (!there) missing();
  return there;
}

const show = (value: unknown): string =>
  value === null || value === undefined ? 'nothing' : `${value as bigint | string}`;

export function judgeReversal(
  campaign: CampaignFold,
  expected: Settlement,
  lines: Lines,
  first: RawEvent,
  report: Report,
): void {
  for (const { entry, due } of expected.tooMuch) {
    const { clipId } = entry;
    const what = `${clipId} has more than it is owed, and nothing was taken back`;
    const there = lineOf(lines, clipId, () => report(first, what, `a reversal of ${due}`, 'none'));
    if (!there) continue;
    const amount = amountOf(there.line, 'amount');
    if (amount !== due)
      report(there.event, `the settlement takes back another amount of ${clipId}`, due, amount);
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

export function judgeLines(
  campaign: CampaignFold,
  expected: Settlement,
  lines: Lines,
  first: RawEvent,
  report: Report,
): void {
  for (const { entry, due, amount, cost, room } of expected.given) {
    const { clipId } = entry;
    const what = `${clipId} was due ${due} and has no line`;
    const there = lineOf(lines, clipId, () => report(first, what, `a line of ${amount}`, 'none'));
    if (!there) continue;
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
