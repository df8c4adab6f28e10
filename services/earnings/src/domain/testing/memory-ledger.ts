import type { Campaign } from '../campaign.js';
import type { ClipEntry } from '../clip.js';
import { record, type Ledger, type LedgerFact } from '../ledger.js';
import type { Payout } from '../payout.js';
import type { Settlement } from '../settlement.js';
import type { StatementLine } from '../statement.js';

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
    if (
      'campaignId' in fact.data &&
      ledger.campaigns.size > 0 &&
      !ledger.campaign(fact.data.campaignId)
    )
      continue;
    record(ledger, fact);
  }
  const campaign = [...ledger.campaigns.values()][0]!;
  const clips = [...ledger.entries].flatMap(([clipId, own]) => {
    const entry = own.get(campaign.campaignId);
    return entry ? [[clipId, entry] as const] : [];
  });
  return { campaign, clips: new Map(clips), scrapesOutstanding: state?.scrapesOutstanding ?? 0 };
}
