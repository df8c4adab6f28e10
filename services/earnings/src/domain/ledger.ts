import { evolveCampaign, type Campaign, type CampaignFact } from './campaign.js';
import { reverse, reversedLines } from './clip-reversal.js';
import { accrue, evolveEntry, type ClipEntry, type ClipFact } from './clip.js';
import { withFees } from './fee-lines.js';
import { evolvePayout, type Payout, type PayoutFact } from './payout.js';
import { payoutLine } from './payout-line.js';
import { accruedLines, type StatementLine } from './statement.js';

type EntryFact = CampaignFact | ClipFact;
export type LedgerFact = EntryFact | PayoutFact;

/**
 * What the fold reads and changes: maps in memory for the tests of the rules, rows of PostgreSQL in
 * the product.
 */
export interface Ledger {
  campaign(campaignId: string): Campaign | null;
  keepCampaign(campaign: Campaign, fact: CampaignFact): void;
  entry(clipId: string, campaignId: string): ClipEntry | null;
  /** In all campaigns. */
  entriesOf(clipId: string): Iterable<ClipEntry>;
  /** Called only if the entry has changed. */
  keepEntry(entry: ClipEntry, fact: EntryFact): void;
  payout(payoutId: string): Payout | null;
  keepPayout(payout: Payout, fact: PayoutFact): void;
  /** `nth` counts the lines of one event from 0. */
  addLine(line: StatementLine, nth: number): void;
}

/**
 * Takes one more fact into the ledger, in log order: campaigns, clips, payouts and the lines of
 * statements all follow from here, in the product as in the tests. Throws if the log speaks of
 * something that it has not begun.
 */
export function record(ledger: Ledger, fact: LedgerFact): void {
  if (isPayoutFact(fact)) recordPayout(ledger, fact);
  else if (isClipFact(fact)) recordClip(ledger, fact);
  else recordCampaign(ledger, fact);
}

const CLIP_FACTS: ReadonlySet<string> = new Set<ClipFact['type']>([
  'ClipSubmitted', 'ClipApproved', 'ClipRejected', 'ClipHeld', 'ClipReleased', 'ClipAppealed', 'ClipAppealAnswered', 'ClipRetired', 'ClipRestored', 'ViewsRecorded', 'ViewFieldChanged',
]); // prettier-ignore
const isPayoutFact = (fact: LedgerFact): fact is PayoutFact => 'payoutId' in fact.data;
export const isClipFact = <F extends { type: string }>(fact: F): fact is F & ClipFact =>
  CLIP_FACTS.has(fact.type);

function recordCampaign(ledger: Ledger, fact: CampaignFact): void {
  const { campaignId } = fact.data;
  const campaign = evolveCampaign(ledger.campaign(campaignId), fact);
  const entryOf = (clipId: string) => entryIn(ledger, clipId, campaignId);
  const add = (line: StatementLine, nth: number) => ledger.addLine(line, nth);
  if (fact.type === 'EarningsAccrued') {
    const lines = accruedLines(fact, campaign.terms, (clipId) => entryOf(clipId).tally);
    withFees(fact, lines).forEach(add);
    for (const line of fact.data.lines) {
      const entry = entryOf(line.clipId);
      change(ledger, fact, entry, accrue(entry, line, campaign, fact.time));
    }
  } else if (fact.type === 'EarningsReversed') {
    withFees(fact, reversedLines(fact)).forEach(add);
    for (const line of fact.data.lines) {
      const entry = entryOf(line.clipId);
      change(ledger, fact, entry, reverse(entry, line, fact.data.by, campaign, fact.time));
    }
  }
  ledger.keepCampaign(campaign, fact);
}

function recordClip(ledger: Ledger, fact: ClipFact): void {
  const { data } = fact;
  const entries = !('campaignId' in data)
    ? ledger.entriesOf(data.clipId)
    : fact.type === 'ClipSubmitted'
      ? [ledger.entry(data.clipId, data.campaignId)]
      : [entryIn(ledger, data.clipId, data.campaignId)];
  for (const before of entries) {
    const { campaignId } = 'campaignId' in data ? data : before!;
    change(ledger, fact, before, evolveEntry(before, fact, campaignIn(ledger, campaignId)));
  }
}

function recordPayout(ledger: Ledger, fact: PayoutFact): void {
  const before = ledger.payout(fact.data.payoutId);
  ledger.addLine(payoutLine(fact, before), 0);
  ledger.keepPayout(evolvePayout(before, fact), fact);
}

function change(ledger: Ledger, fact: EntryFact, before: ClipEntry | null, after: ClipEntry): void {
  if (after !== before) ledger.keepEntry(after, fact);
}

function campaignIn(ledger: Ledger, campaignId: string): Campaign {
  const campaign = ledger.campaign(campaignId);
  if (!campaign)
    throw new Error(`The log speaks of a campaign "${campaignId}" that was never launched.`);
  return campaign;
}

function entryIn(ledger: Ledger, clipId: string, campaignId: string): ClipEntry {
  const entry = ledger.entry(clipId, campaignId);
  if (!entry)
    throw new Error(
      `The log speaks of the clip "${clipId}" in the campaign "${campaignId}", where it was never submitted.`,
    );
  return entry;
}
