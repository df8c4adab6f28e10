import { z } from 'zod';
import { ClipId, Count, EntityId, Instant } from '../events/common.js';

export const ShortLinkAnswer = z
  .object({
    linkId: z.uuid(),
    campaignId: EntityId,
    creatorId: EntityId,
    url: z.url(),
    submittedUrl: z.string(),
    status: z
      .enum(['PENDING', 'WAITING', 'RESOLVED', 'REFUSED'])
      .describe('WAITING: a person has to say which clip it is.'),
    submittedAt: Instant,
    tries: Count,
    nextTryAt: Instant.nullable().describe('Null once it has ended.'),
    lastTryAt: Instant.describe('From this try on it waits for a person.'),
    waitsSince: Instant.nullable().describe('Since when it waits for a person.'),
    leadsTo: z.url().nullable().describe('The last address that it led to.'),
    reason: z.string().nullable().describe('Why it is no clip, as a fixed word.'),
    detail: z.string().nullable().describe('The same, as a sentence for its creator.'),
    clipId: ClipId.nullable().describe('The clip that it has become.'),
    location: z.string(),
  })
  .meta({ id: 'ShortLink' });
export type ShortLinkAnswer = z.infer<typeof ShortLinkAnswer>;

export const ShortLinksAnswer = z
  .object({ items: z.array(ShortLinkAnswer), next: z.string().nullable() })
  .meta({ id: 'ShortLinks' });
