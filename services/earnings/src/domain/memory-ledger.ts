import type { Campaign } from './campaign.js';
import type { ClipEntry } from './clip.js';
import type { Ledger } from './ledger.js';
import type { Payout } from './payout.js';
import type { StatementLine } from './statement.js';

/** The ledger in maps: of a prefix of the log, and in tests. */
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
