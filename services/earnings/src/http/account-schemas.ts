import { EntityId, Platform, Text } from '@cliptally/contracts';
import { z } from 'zod';
import { page } from './schemas.js';

/** An account as its creator names it. */
export const NewAccount = z.strictObject({
  platform: Platform,
  handle: Text.trim().min(1).max(300).optional(),
  externalId: Text.trim().min(1).max(100).optional(),
});
export const AccountConfirmation = z.strictObject({ takeOver: z.boolean().default(false) });
export const AccountRelease = z.strictObject({
  reason: Text.trim().max(500).default(''),
});
export const AccountsQuery = z.strictObject({
  ...page,
  creatorId: EntityId.optional(),
  platform: Platform.optional(),
  status: z.enum(['CLAIMED', 'VERIFIED', 'RELEASED']).optional(),
});
export const OwnAccountsQuery = AccountsQuery.omit({ creatorId: true });

export type NewAccount = z.output<typeof NewAccount>;
export type AccountConfirmation = z.output<typeof AccountConfirmation>;
export type AccountRelease = z.output<typeof AccountRelease>;
export type AccountsQuery = z.output<typeof AccountsQuery>;
export type OwnAccountsQuery = z.output<typeof OwnAccountsQuery>;
