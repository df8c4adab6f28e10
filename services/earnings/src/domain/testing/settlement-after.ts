import { record, type LedgerFact } from '../ledger.js';
import { MemoryLedger } from '../memory-ledger.js';
import type { Settlement } from '../settlement.js';

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
