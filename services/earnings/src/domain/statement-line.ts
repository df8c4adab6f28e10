import type { SettlementBasis } from '@cliptally/contracts';
import type { PayoutStatus } from './payout.js';

/** `amount` is what the line adds to the creator's outstanding money, in minor units. */
interface Line {
  eventId: string;
  time: string;
  creatorId: string;
  currency: string;
  amount: number;
}

export interface AccruedLine extends Line {
  kind: 'accrued';
  campaignId: string;
  clipId: string;
  /**
   * What the clip was owed; more than `amount` if the end of the budget allowed a share only.
   */
  due: number;
  fromViews: number;
  toViews: number;
  /** Minor units per thousand views. */
  rate: number;
  /** The clip has now earned as much as the campaign pays for one clip. */
  capReached: boolean;
  /** Id of the ViewsRecorded event that `toViews` rests on. */
  observation: string;
  availableAt: string;
  /** What `due` is computed from; null in lines of version 1. */
  basis: SettlementBasis | null;
}

/** `amount` is below 0. */
export interface ReversedLine extends Line {
  kind: 'reversed';
  campaignId: string;
  clipId: string;
  reason: string;
  by: string;
  /** If the settlement itself took it back: what the amount is computed from. */
  basis: SettlementBasis | null;
}

/**
 * `amount` takes from what is outstanding when the payout is requested, and gives it back when it
 * is rejected, fails or comes back.
 */
export interface PayoutLine extends Line {
  kind: 'payout';
  payoutId: string;
  status: PayoutStatus;
  reserved: number;
  paid: number;
  /** The reason, or the reference of the transfer. */
  note: string | null;
}

/**
 * The platform fee of a line, or what of it goes back. Withheld, it takes from the creator's
 * outstanding money (`amount` is below 0); on top, it is of the campaign alone, and `amount` is
 * what it adds to what the campaign has spent.
 */
export interface FeeLine extends Line {
  kind: 'fee_withheld' | 'fee_on_top';
  campaignId: string;
  clipId: string;
  basisPoints: number;
  /** Fees of the clip less what went back, before this line. */
  had: number;
  /** What the clip has: the fee is of that. */
  of: number;
  /** Of an accrual: when what it takes from would have become available. */
  availableAt: string | null;
}

export type StatementLine = AccruedLine | ReversedLine | FeeLine | PayoutLine;

/** Lines that a creator's and a clip's statement leaves out, and those that a campaign's does. */
export const NOT_OF_CREATOR: StatementLine['kind'] = 'fee_on_top';
export const NOT_OF_CAMPAIGN: StatementLine['kind'] = 'fee_withheld';
