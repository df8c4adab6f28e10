import { z } from 'zod';
import { ClipId, EntityId, Instant } from '../events/common.js';
import { Platform } from '../platform.js';

/** The clip by which a claim is checked, and what a scrape has read of it so far. */
const AccountCheck = z.object({
  clipId: ClipId,
  scrapedAt: Instant.nullable().describe('Of its newest observation; null before the first.'),
  read: z
    .enum(['nothing', 'this_account', 'another_account'])
    .describe('Whose account the clip is on; "nothing" until a scrape has said it.'),
});

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
    places: z.array(z.enum(['bio', 'caption'])).describe('Where the code can be read.'),
    check: AccountCheck.nullable().describe(
      'Of a claim that waits; null for others, and while no clip of its creator can be read.',
    ),
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
