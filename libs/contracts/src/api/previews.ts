import { z } from 'zod';
import { ClipId, Count, Instant } from '../events/common.js';
import { Minor } from '../money.js';
import { Platform } from '../platform.js';

export const ClipPreviewAnswer = z
  .object({
    kind: z
      .enum(['clip', 'short_link', 'none'])
      .describe('A short link is followed when it is submitted.'),
    clip: z
      .object({
        clipId: ClipId,
        platform: Platform,
        videoId: z.string().describe('Its id on its platform.'),
        url: z.url().describe('Its canonical address.'),
      })
      .nullable()
      .describe('The clip that the link is; null if it is none, or not known yet.'),
    refusal: z
      .object({ code: z.string(), detail: z.string() })
      .nullable()
      .describe('Why a submission would be refused; null if it would not be.'),
  })
  .meta({ id: 'ClipPreview' });
export type ClipPreviewAnswer = z.infer<typeof ClipPreviewAnswer>;

export const CampaignPreviewAnswer = z
  .object({
    faults: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .describe('Everything that a launch would be refused for; nothing else is said then.'),
    sentences: z.array(z.string()).describe('What the terms promise.'),
    pays: z
      .array(
        z.object({
          views: Count,
          platforms: z.array(Platform).describe('They have this rate.'),
          rate: Minor,
          amount: Minor,
          limitedBy: z
            .enum(['min_views', 'cap', 'budget'])
            .nullable()
            .describe('What keeps the amount from being views times rate.'),
        }),
      )
      .describe('What so many counted views of one clip pay.'),
    viewsInBudget: Count.nullable().describe(
      'Views that use up the budget at the standard rate; null at a rate of 0.',
    ),
    expectedEnd: z
      .object({ at: Instant, by: z.enum(['budget', 'date']) })
      .nullable()
      .describe('When the campaign is over at `viewsPerDay`; null without it.'),
  })
  .meta({ id: 'CampaignPreview' });
export type CampaignPreviewAnswer = z.infer<typeof CampaignPreviewAnswer>;
