import { addLine, type Balance } from '../balance.js';
import type { Campaign } from '../campaign.js';
import type { ClipEntry } from '../clip.js';
import type { Fact } from '../fact.js';
import { record, type Ledger, type LedgerFact } from '../ledger.js';
import type { Payout, PayoutFact } from '../payout.js';
import type { Settlement } from '../settlement.js';
import { withSums, type StatementLine } from '../statement.js';
import { submitted } from './facts.js';

/** The ledger in maps. */
export class MemoryLedger implements Ledger {
  readonly campaigns = new Map<string, Campaign>();
  readonly entries = new Map<string, Map<string, ClipEntry>>();
  readonly payouts = new Map<string, Payout>();
  readonly lines: StatementLine[] = [];

  campaign(campaignId: string): Campaign | null {
    return this.campaigns.get(campaignId) ?? null;
  }
  keepCampaign(campaign: Campaign): void {
    this.campaigns.set(campaign.campaignId, campaign);
  }
  entry(clipId: string, campaignId: string): ClipEntry | null {
    return this.entries.get(clipId)?.get(campaignId) ?? null;
  }
  entriesOf(clipId: string): Iterable<ClipEntry> {
    return [...(this.entries.get(clipId)?.values() ?? [])];
  }
  keepEntry(entry: ClipEntry): void {
    const own = this.entries.get(entry.clipId) ?? new Map<string, ClipEntry>();
    this.entries.set(entry.clipId, own.set(entry.campaignId, entry));
  }
  payout(payoutId: string): Payout | null {
    return this.payouts.get(payoutId) ?? null;
  }
  keepPayout(payout: Payout): void {
    this.payouts.set(payout.payoutId, payout);
  }
  addLine(line: StatementLine): void {
    this.lines.push(line);
  }
}

/** One campaign after these facts; those of other campaigns change nothing. */
export function settlementAfter(state: Settlement | null, facts: Iterable<LedgerFact>): Settlement {
  const ledger = new MemoryLedger();
  if (state) ledger.keepCampaign(state.campaign);
  for (const entry of state?.clips.values() ?? []) ledger.keepEntry(entry);
  for (const fact of facts) {
    if ('campaignId' in fact.data && ledger.campaigns.size > 0 && !ledger.campaign(fact.data.campaignId)) continue;
    record(ledger, fact);
  }
  const campaign = [...ledger.campaigns.values()][0]!;
  const clips = [...ledger.entries].flatMap(([clipId, own]) => {
    const entry = own.get(campaign.campaignId);
    return entry ? [[clipId, entry] as const] : [];
  });
  return { campaign, clips: new Map(clips), looksOutstanding: state?.looksOutstanding ?? 0 };
}

export type MoneyFact = Fact<'EarningsAccrued' | 'EarningsReversed'> | PayoutFact;
export type StatementScope = { clipId: string } | { creatorId: string } | { campaignId: string };

/** A statement from the money alone: clips that the facts do not submit are submitted before their first line. */
export function statementOf(
  scope: StatementScope,
  facts: Iterable<MoneyFact | Fact<'CampaignLaunched'>>,
): (StatementLine & { sum: number })[] {
  const ledger = new MemoryLedger();
  for (const fact of facts) {
    if ('lines' in fact.data && ledger.campaign(fact.data.campaignId)) {
      const { campaignId, lines } = fact.data;
      for (const { clipId, creatorId } of lines)
        if (!ledger.entry(clipId, campaignId)) record(ledger, submitted(clipId, { creatorId, campaignId }));
    }
    record(ledger, fact);
  }
  return withSums(
    ledger.lines.filter((line) =>
      Object.entries(scope).every(([field, value]) => (line as unknown as Record<string, unknown>)[field] === value),
    ),
  );
}

/** The balance after one more line. */
export const post = (balance: Balance, line: StatementLine): Balance => ({
  ...addLine(balance, line),
  validating: line.kind === 'accrued' ? [...balance.validating, { until: line.availableAt, amount: line.amount }] : balance.validating,
});
