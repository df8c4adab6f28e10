import { z } from 'zod';
import { Currency, Minor } from '../money.js';
import { Label, Text } from '../text.js';
import { DecidedAt, EntityId } from './common.js';

const ofPayout = { payoutId: EntityId, creatorId: EntityId };
const decided = { decidedAt: DecidedAt };

/** Who carries payouts out: a person with a bank or PayPal (manual), or Stripe by itself. */
export const PayoutProvider = z.enum(['manual', 'stripe']);
export type PayoutProvider = z.infer<typeof PayoutProvider>;

/**
 * Where a creator's money goes: a connected account (`acct_...`) at Stripe, or what the person who
 * pays knows the creator by.
 */
export const PayoutDestination = z.object({
  provider: PayoutProvider,
  account: Text.min(1).max(200),
});
export type PayoutDestination = z.infer<typeof PayoutDestination>;

/** Holds for payouts that are asked for from now on, and for those without a destination. */
export const PayoutAccountSet = z.object({
  creatorId: EntityId,
  ...PayoutDestination.shape,
  by: Label,
});

/**
 * What allowed a request, in minor units: `available` at that time, of it `kept` by campaigns in
 * which the creator has not earned their minimum yet, and the `minimum` of a payout.
 */
const RequestBasis = z.object({ available: Minor, kept: Minor, minimum: Minor });

export const PayoutRequested = z.object({
  ...ofPayout,
  currency: Currency,
  amount: Minor.min(1),
  /**
   * Null up to version 2: the greatest minimum of the campaigns was the least to ask for, of all
   * that was available.
   */
  basis: RequestBasis.nullable().default(null),
  /** Paid by hand outside and recorded afterwards, in one append with its end: no minimum holds. */
  outside: z.boolean().default(false),
  /** Where the creator's money went then, and where this payout goes; absent: nobody had said. */
  destination: PayoutDestination.optional(),
  ...decided,
});
/**
 * `destination` is fixed by the approval, so that a payout is never carried out by two providers:
 * it is that of the request, if that has one. Absent: manual, to whom is known.
 */
export const PayoutApproved = z.object({
  ...ofPayout,
  destination: PayoutDestination.optional(),
  by: Label,
  ...decided,
});
export const PayoutRejected = z.object({
  ...ofPayout,
  reason: Text.min(1).max(500),
  by: Label,
  ...decided,
});
/** `externalReference` is the bank's, PayPal's or Stripe's own name for the transfer. */
export const PayoutPaid = z.object({
  ...ofPayout,
  externalReference: Text.min(1).max(200),
  by: Label,
  ...decided,
});
/** The transfer did not arrive, or came back after it was paid. */
export const PayoutFailed = z.object({
  ...ofPayout,
  reason: Text.min(1).max(500),
  by: Label,
  ...decided,
});

/**
 * In one append with EarningsReversed, once for each creator of its lines: a payout decision that
 * did not know of the reversal is refused by the expected revision of the creator's payout stream.
 * `amount` is the sum of the creator's lines.
 */
export const CreatorEarningsReversed = z.object({
  creatorId: EntityId,
  campaignId: EntityId,
  currency: Currency,
  amount: Minor.min(1),
  /** Id of the EarningsReversed event. */
  reversal: z.uuid(),
});

/** Why a creator is erased: a fixed word, because a sentence about a person would stay. */
export const ErasureReason = z.enum(['requested', 'inactive', 'terminated', 'unlawful']);
export type ErasureReason = z.infer<typeof ErasureReason>;

/**
 * The keys that open the creator's personal texts are destroyed after this. It stands among the
 * creator's payouts, so that none of them is decided beside it; nothing new is decided after it.
 */
export const CreatorErased = z.object({
  creatorId: EntityId,
  reason: ErasureReason,
  /** What the creator had and gives up, by currency; the sums stay in the ledger. */
  forfeited: z.array(z.object({ currency: Currency, amount: z.int() })),
  /** Whether the tax profile stays, sealed, for as long as the law asks for it. */
  taxProfileKept: z.boolean(),
  by: Label,
});

/**
 * In one append with PayoutRequested, to a stream of the payout's own that must not exist: no two
 * payouts have one id.
 */
export const PayoutIdTaken = z.object(ofPayout);
