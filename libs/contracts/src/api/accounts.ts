import { z } from 'zod';
import { EntityId, Instant } from '../events/common.js';
import { Platform } from '../platform.js';

export const AccountAnswer = z
  .object({
    accountId: z.uuid().describe("The creator's claim to the account."),
    creatorId: EntityId,
    platform: Platform,
    handle: z.string().nullable(),
    externalId: z.string().nullable(),
    status: z.enum(['CLAIMED', 'VERIFIED', 'RELEASED']),
    code: z.string(),
    proof: z.enum(['code', 'admin']).nullable(),
    contested: z.boolean().describe('Another creator has proved to own it: an admin decides.'),
    sentence: z.string().describe('What to do next, for its creator.'),
    claimedAt: Instant,
    verifiedAt: Instant.nullable(),
    reason: z.string().nullable().describe('Why it was released; null while it was not.'),
  })
  .meta({ id: 'Account' });
export type AccountAnswer = z.infer<typeof AccountAnswer>;

export const AccountsAnswer = z
  .object({ items: z.array(AccountAnswer), next: z.string().nullable() })
  .meta({ id: 'Accounts' });
