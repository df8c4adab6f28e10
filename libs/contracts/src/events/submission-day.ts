import { z } from 'zod';
import { ClipId, EntityId } from './common.js';

/**
 * In one append with ClipSubmitted, where the campaign limits a creator's submissions in a day: the
 * stream has one for each, so that its expected revision refuses one too many.
 */
export const SubmissionCounted = z.object({
  campaignId: EntityId,
  creatorId: EntityId,
  /** Of UTC: of the submission, or of the short link that has led to the clip. */
  day: z.iso.date(),
  clipId: ClipId,
});
