import { z } from 'zod';
import { RatePerThousand } from '../events/campaign.js';
import { Count, EntityId, Instant } from '../events/common.js';
import { Currency, Minor } from '../money.js';
import { Platform } from '../platform.js';

const hours = z.number().nullable();

/** What a creator wants to know of a campaign before it submits a clip. */
export const CatalogueEntryAnswer = z
  .object({
    campaignId: EntityId,
    name: z.string(),
    status: z.enum(['ACTIVE', 'PAUSED', 'ENDED']),
    currency: Currency,
    ratePerThousand: RatePerThousand,
    platforms: z.array(Platform).nullable().describe('Which it takes; null for all.'),
    startsAt: Instant,
    endsAt: Instant.nullable(),
    remaining: Minor,
    daysLeft: z
      .number()
      .nullable()
      .describe('Until its end, or until its budget is gone at this pace; null for no end.'),
    clips: Count.describe('Approved.'),
    clipsPaid: Count,
    creatorsPaid: Count,
    medianReviewHours: hours.describe('From a submission to its decision; null before the first.'),
    medianPayoutHours: hours.describe(
      "From a request to the payment of its creators' payouts; null before the first.",
    ),
    terms: z.array(z.string()).describe('A sentence each.'),
  })
  .meta({ id: 'CatalogueEntry' });
export type CatalogueEntryAnswer = z.infer<typeof CatalogueEntryAnswer>;

export const CatalogueAnswer = z
  .object({ items: z.array(CatalogueEntryAnswer), next: z.string().nullable() })
  .meta({ id: 'Catalogue' });

const Rank = z.object({
  rank: z.int().min(1).describe('Equal figures have one rank, and the next one is left out.'),
  creatorId: EntityId.nullable().describe('Null if the campaign does not show it to creators.'),
  own: z.boolean().describe('Whether it is the caller.'),
  clips: Count,
  views: Count.describe('The largest counts of its clips that are paid for.'),
  earned: z.int().describe('Accrued less reversed, in minor units.'),
});
export const LeaderboardAnswer = z
  .object({
    campaignId: EntityId,
    currency: Currency,
    creators: Count,
    items: z.array(Rank),
    next: z.string().nullable(),
  })
  .meta({ id: 'Leaderboard' });
export type LeaderboardAnswer = z.infer<typeof LeaderboardAnswer>;
