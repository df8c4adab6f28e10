import { earnedFor, type Platform } from '@cliptally/contracts';
import { chanceOf, type DueClip, type Terms } from '../domain/index.js';
import type { CampaignRow } from '../projection/rows.js';
import { inDollars, type SchedulerSettings } from '../settings.js';

/** What the projection knows of a clip in a campaign; amounts in minor units. */
export interface EntryTerms {
  campaignId: string;
  held: boolean;
  pending: boolean;
  paid: number;
  paidToCreator: number;
  /** Views that it pays or will pay for; and those known that only a scrape makes it pay for. */
  counted: number;
  uncounted: number;
}

export type CampaignTerms = Pick<
  CampaignRow,
  | 'campaign_id'
  | 'currency'
  | 'rates'
  | 'budget'
  | 'spent'
  | 'fee_on_top'
  | 'min_views'
  | 'most_per_clip'
  | 'most_per_creator'
>;

/** Sets what the clip can still earn, in US dollars. A budget that is gone pays for no view. */
export function setTerms(
  clip: DueClip,
  entries: readonly EntryTerms[] | null,
  campaignOf: (campaignId: string) => CampaignTerms,
  weights: SchedulerSettings['weights'],
): void {
  const open = (campaignId: string) => {
    const { spent, budget } = campaignOf(campaignId);
    return spent < budget;
  };
  if (entries)
    clip.terms = entries
      .filter(({ campaignId }) => open(campaignId))
      .map((entry) => termsOf(entry, campaignOf(entry.campaignId), clip.platform, weights));
  clip.dollarsPerThousand = clip.campaignIds
    .filter(open)
    .map(campaignOf)
    .reduce((sum, one) => sum + inDollars(rateOf(one, clip.platform), one.currency, weights), 0);
}

const rateOf = ({ rates }: CampaignTerms, platform: Platform): number =>
  rates[platform] ?? rates.default;

function termsOf(
  entry: EntryTerms,
  campaign: CampaignTerms,
  platform: Platform,
  weights: SchedulerSettings['weights'],
): Terms {
  const { currency, min_views, most_per_clip, most_per_creator } = campaign;
  const rate = rateOf(campaign, platform);
  // A held clip reaches its cap unpaid.
  const had = Math.max(entry.paid, earnedFor(entry.counted, rate));
  const most = Math.min(
    most_per_clip === null ? Infinity : most_per_clip - had,
    most_per_creator === null ? Infinity : most_per_creator - entry.paidToCreator,
  );
  return {
    dollarsPerThousand: inDollars(rate, currency, weights),
    uncounted: entry.uncounted,
    minViews: min_views,
    most: most === Infinity ? Infinity : inDollars(Math.max(0, most), currency, weights),
    chance: chanceOf(entry),
  };
}
