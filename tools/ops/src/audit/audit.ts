import { Campaigns } from './campaigns.js';
import type { CampaignFold } from './campaign.js';
import { endOf, partsOf } from './creator.js';
import {
  addressOf,
  decidedAtOf,
  textOf,
  type Cut,
  type Fact,
  type Finding,
  type Positions,
  type RawEvent,
  type Report,
} from './events.js';
import { FundingAudit } from './funding.js';
import { Order, Pairs } from './log.js';
import { Payouts } from './payouts.js';
import { SkippedEvents, type Skipped } from './skipped-events.js';
import { Submissions } from './submissions.js';
import { Window } from './trail.js';

export interface AuditOptions {
  positions?: Positions;
  /**
   * Configured minimum of a payout by currency, in minor units; else the greatest `minPayout` of
   * the creator's campaigns.
   */
  minimums?: Readonly<Record<string, number>>;
  /**
   * Facts that are kept to judge decisions that were made on an older state; what was decided
   * further back is not recomputed.
   */
  window?: number;
}

export interface Audit {
  /** In the order of the log; empty for a sound one. */
  findings: Finding[];
  events: number;
  campaigns: number;
  /**
   * Lines of accruals and reversals that were computed anew from the prefix that they were decided
   * at.
   */
  lines: number;
  payoutDecisions: number;
  /** Lines that could not be, and why. */
  notRecomputed: { undated: number; tooOld: number };
  /** Events that people have had projections leave out, and have not taken back. */
  skipped: readonly Skipped[];
  /** Each campaign as the log leaves it, by the auditor's own fold. */
  folds: ReadonlyMap<string, CampaignFold>;
}

/** After a fault everything that rests on it is wrong too: more than these help nobody. */
const MOST_FINDINGS = 1_000;

const OF_CLIP =
  /^(Clip(Submitted|Approved|Rejected|Held|Released|TrackingRequested)|ViewsRecorded|ViewFieldChanged|ScrapeFailed)$/;
const OF_CAMPAIGN = /^(Campaign\w+|EarningsAccrued|EarningsReversed|ClipSettlementFailed)$/;
const OF_PAYOUT =
  /^(Payout(AccountSet|Requested|Approved|Rejected|Paid|Failed)|CreatorEarningsReversed)$/;

/**
 * Checks a whole log against docs/money.md, in one pass: every decision about money is made anew
 * from the prefix of the log that it says it was made at. Shares no code with the services. Events
 * of types that it does not know are counted and ordered, and mean nothing to it.
 */
export async function auditEvents(
  events: AsyncIterable<RawEvent> | Iterable<RawEvent>,
  { positions = 'auto', minimums = {}, window: size = 200_000 }: AuditOptions = {},
): Promise<Audit> {
  const findings: Finding[] = [];
  const report: Report = (event, what, expected, found, see = []) => {
    if (findings.length >= MOST_FINDINGS) return;
    const { id, type, stream, revision, position } = event;
    const show = (value: unknown) =>
      typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
    const others = see.map((one) => (typeof one === 'string' ? one : addressOf(one)));
    findings.push({
      what,
      expected: show(expected),
      found: show(found),
      event: { id, type, stream, revision, position },
      see: others,
    });
  };
  let ordinal = 0;
  let dense = true;
  /** What prefix an event says it was decided at; null, with a finding, if there is none. */
  const cutOf = (event: RawEvent, before: number): Cut | null => {
    const decidedAt = decidedAtOf(event);
    if (decidedAt === undefined || decidedAt === null) {
      report(
        event,
        'decidedAt is no position',
        'a whole number from 0 up',
        event.data['decidedAt'],
      );
      return null;
    }
    // In a log whose positions are bytes no event is as near to the beginning as its number: such a
    // decision counts events.
    const by =
      positions === 'ordinal' || (positions === 'auto' && !dense && decidedAt < before)
        ? 'ordinal'
        : 'position';
    if (decidedAt < (by === 'ordinal' ? before : event.position)) return { by, value: decidedAt };
    report(
      event,
      'decidedAt is not before its own event',
      `a position before ${event.position}`,
      decidedAt,
    );
    return null;
  };
  const window = new Window(size);
  const order = new Order(report);
  const pairs = new Pairs(report);
  const campaigns = new Campaigns({ window, report, cutOf });
  const submissions = new Submissions(report);
  const skipped = new SkippedEvents();
  const funding = new FundingAudit(report, (campaignId) => campaigns.foldOf(campaignId));
  const payouts = new Payouts({ window, report, cutOf, minimums });

  for await (const event of events) {
    ordinal++;
    if (event.position !== ordinal) dense = false;
    const fact: Fact = { event, place: { position: event.position, ordinal } };
    order.take(event);
    pairs.take(fact);
    submissions.take(event);
    skipped.take(event);
    funding.take(fact);
    if (OF_CLIP.test(event.type)) campaigns.takeOfClip(fact);
    else if (OF_CAMPAIGN.test(event.type)) campaigns.take(fact);
    else if (OF_PAYOUT.test(event.type)) payouts.take(fact);
    const terms = campaigns.termsOf(textOf(event.data, 'campaignId'));
    if (event.type === 'CampaignEnded' && terms) payouts.ended({ ...fact, event: endOf(event, terms) }); // prettier-ignore
    if (event.type !== 'EarningsAccrued' && event.type !== 'EarningsReversed') continue;
    for (const [creatorId, part] of partsOf(event, terms))
      payouts.earned(creatorId, { ...fact, event: part });
  }
  campaigns.end();
  pairs.end();
  submissions.end();
  funding.end();
  findings.sort((a, b) => a.event.position - b.event.position);
  const folds = campaigns.folds();
  return {
    findings,
    events: ordinal,
    campaigns: folds.size,
    lines: campaigns.recomputed,
    payoutDecisions: payouts.decisions,
    notRecomputed: { undated: campaigns.undated, tooOld: campaigns.tooOld + payouts.tooOld },
    skipped: skipped.all(),
    folds,
  };
}
