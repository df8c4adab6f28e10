import { z } from 'zod';
import { Currency, Minor } from '../money.js';
import { EntityId } from './common.js';

const ofPayout = { payoutId: EntityId, creatorId: EntityId };

export const PayoutRequested = z.object({ ...ofPayout, currency: Currency, amount: Minor.min(1) });
export const PayoutApproved = z.object({ ...ofPayout, by: z.string() });
export const PayoutRejected = z.object({ ...ofPayout, reason: z.string().min(1).max(500), by: z.string() });
/** `externalReference` is the bank's, PayPal's or Stripe's own name for the transfer. */
export const PayoutPaid = z.object({ ...ofPayout, externalReference: z.string().min(1).max(200), by: z.string() });
export const PayoutFailed = z.object({ ...ofPayout, reason: z.string().min(1).max(500), by: z.string() });
