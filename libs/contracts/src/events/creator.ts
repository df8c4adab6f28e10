import { z } from 'zod';
import { Platform } from '../platform.js';
import { Label, Text } from '../text.js';
import { EntityId } from './common.js';

/** What a platform calls an account: its handle without "@", and its id, which never changes. */
export const AccountName = z.object({
  handle: Text.min(1).max(200).nullable(),
  externalId: Text.min(1).max(200).nullable(),
});
export type AccountName = z.infer<typeof AccountName>;

const ofClaim = { creatorId: EntityId, claimId: z.uuid(), platform: Platform };

/**
 * A creator says that an account is its own. Who controls the account proves it by `code`, in the
 * account's bio or in the caption of one of its clips.
 */
export const AccountClaimed = z.object({
  ...ofClaim,
  ...AccountName.shape,
  code: Label,
  by: Label,
});

/**
 * The account is the creator's: a source has read its code, or an admin has said so. It has every
 * name that is known from then on.
 */
export const AccountVerified = z.object({
  ...ofClaim,
  ...AccountName.shape,
  proof: z.enum(['code', 'admin']),
  by: Label,
});

/** The account is the creator's no more. `verified`: it was until now. */
export const AccountReleased = z.object({
  ...ofClaim,
  ...AccountName.shape,
  verified: z.boolean(),
  reason: Text.min(1).max(500),
  by: Label,
});

/**
 * In one append with AccountVerified or AccountReleased, to a stream of each name of the account: a
 * decision that did not know of its owner is refused. `creatorId` is null if it has none any more.
 */
export const AccountOwnerChanged = z.object({
  accountId: z.uuid(),
  platform: Platform,
  claimId: z.uuid(),
  creatorId: EntityId.nullable(),
});
