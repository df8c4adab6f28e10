import { z } from 'zod';
import { ClipId, Count, Instant } from '../events/common.js';

export const ObservationsAnswer = z
  .object({
    clipId: ClipId,
    items: z.array(
      z.object({
        observation: z.uuid(),
        observedAt: Instant,
        views: Count,
        likes: Count.nullable().describe('Null if they are hidden.'),
        comments: Count.nullable().describe('Null if they are hidden.'),
        otherSource: z
          .boolean()
          .describe(
            'Of another source or view field than the one before: what differs is no movement.',
          ),
      }),
    ),
  })
  .meta({ id: 'Observations' });
export type ObservationsAnswer = z.infer<typeof ObservationsAnswer>;
