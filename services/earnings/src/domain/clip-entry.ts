import type { AnomalyFound, EntryStatus, HoldCode, Platform } from '@cliptally/contracts';
import type { ViewSummary } from './view-fields.js';
import type { Fact } from './fact.js';

/** `by` of holds and releases that follow from what a campaign asks of a clip. */
export const BY_ELIGIBILITY = 'cliptally:eligibility';

/** What a clip was given in one campaign. Amounts are minor units. */
export interface Tally {
  accrued: number;
  reversed: number;
  /** The part of `reversed` that lowers the entitlement for good. */
  voided: number;
  /** `toViews` of the last accrual; null before the first. */
  paidUpTo: number | null;
  /** The view field of that accrual, if it was changed to that. */
  paidIn?: string;
  /** Platform fees of its lines, less what went back; of brand and creator alike. */
  fees: number;
}

export type { EntryStatus };

/** A clip's entry in one campaign: one row. */
export interface ClipEntry {
  clipId: string;
  platform: Platform;
  campaignId: string;
  creatorId: string;
  /** Whether the campaign lets its clips earn nowhere else. */
  exclusive: boolean;
  status: EntryStatus;
  hold: { reason: string; reviewAt: string; anomaly?: AnomalyFound; code?: HoldCode } | null;
  /** Why a reviewer rejected it; null while it is not rejected. */
  rejection: { reason: string; at: string } | null;
  /** What a reviewer has seen and released: it does not hold the clip again. */
  cleared: { at: string; rules: string[] } | null;
  /** What its creator said of a rejection or a hold, and the answer. */
  appeal: Appeal | null;
  /** Why the whole clip is gone: it is scraped rarely, and keeps what it has earned. */
  retired: 'not_found' | 'private' | null;
  submittedAt: string;
  /** The earliest date of its post that a source has said. */
  postedAt: string | null;
  approvedAt: string | null;
  views: ViewSummary;
  tally: Tally;
  /**
   * Since when `dueOf` is not 0; null while it is. Settlements read the entries where it is
   * set.
   */
  unsettledSince: string | null;
}

export interface Appeal {
  at: string;
  text: string;
  answer: { granted: boolean; reason: string; at: string } | null;
}

export type ClipFact = Fact<
  | 'ClipSubmitted'
  | 'ClipApproved'
  | 'ClipRejected'
  | 'ClipHeld'
  | 'ClipReleased'
  | 'ClipAppealed'
  | 'ClipAppealAnswered'
  | 'ClipRetired'
  | 'ClipRestored'
  | 'ViewsRecorded'
  | 'ViewFieldChanged'
>;
