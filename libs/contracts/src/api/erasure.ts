import { z } from 'zod';
import { EntityId, Instant } from '../events/common.js';
import { ErasureReason } from '../events/payout.js';
import { EventAnswer } from './explorer.js';

export const NewErasure = z.strictObject({
  reason: ErasureReason.describe('Why, as a fixed word: a sentence about a person would stay.'),
  forfeit: z
    .boolean()
    .default(false)
    .describe('Whether the creator gives up the money that it has; else it has to be paid first.'),
  keepTaxProfile: z
    .boolean()
    .default(false)
    .describe('Whether the tax profile stays, sealed, because the law asks for it.'),
});

export const ErasureAnswer = z
  .object({
    creatorId: EntityId,
    erasedAt: Instant.nullable().describe('Since when; null if it is not in the tables yet.'),
  })
  .meta({ id: 'Erasure' });
export type ErasureAnswer = z.infer<typeof ErasureAnswer>;

export const PersonalDataAnswer = z
  .object({
    items: z.array(EventAnswer).describe('Events about the creator, stream by stream.'),
    next: z.string().nullable().describe('Cursor of the next page; null if there is none.'),
  })
  .meta({ id: 'PersonalData' });
export type PersonalDataAnswer = z.infer<typeof PersonalDataAnswer>;
