import type {
  CampaignStatus,
  EntryState,
  PayoutStatus,
  SettlementFailures,
} from '@cliptally/contracts';
import type { Point } from '../domain/curve.js';
import type { NewestKind } from '../domain/sentence.js';

/** Rows of the tables in tables.sql.ts, as JSON: instants are strings in ISO 8601. */

export interface RunRow {
  run_id: string;
  position: number;
  slot: string;
  policy: string;
  started_at: string;
  candidates: number;
  requested: number;
  due: number | null;
  recorded: number;
  failed: number;
  cost_micro_usd: number;
  last_outcome_at: string | null;
  waited_ms: number;
  earned: Record<string, number>;
}

export interface CampaignRow {
  campaign_id: string;
  brand_id: string;
  name: string;
  currency: string;
  status: CampaignStatus;
  clips: number;
  budget: number;
  accrued: number;
  reversed: number;
  fees_on_top: number;
  fees_withheld: number;
  launched_at: string;
  ends_at: string | null;
  exhausted: boolean;
  failures: SettlementFailures;
  settlement_failures: number;
}

export interface Failure {
  requestId: string;
  reason: string;
  detail: string | null;
  retryable: boolean;
  attempts: number;
  source: string;
  /** Failures since the last observation. */
  times: number;
}

export interface ClipRow {
  clip_id: string;
  platform: string;
  url: string | null;
  retired: string | null;
  entries: Record<string, EntryState & { creatorId: string; earned: number }>;
  views: number | null;
  growth: number;
  observed_at: string | null;
  last_outcome_at: string | null;
  curve: Point[];
  failed_at: string | null;
  failure: Failure | null;
}

export interface AttemptRow {
  platform: string;
  position: number;
  at: string;
  result: string;
}

export interface OpenRequestRow {
  request_id: string;
  clip_id: string;
  platform: string;
  requested_at: string;
}

export interface PayoutRow {
  payout_id: string;
  currency: string;
  amount: number;
  status: PayoutStatus;
  changed_at: string;
  times_paid: number;
  overpaid: number;
}

export interface CreatorMoney {
  accrued: number;
  reversed: number;
  /** Platform fees that the creator bears. */
  withheld: number;
  paid: number;
}

export interface CreatorRow {
  creator_id: string;
  money: Record<string, CreatorMoney>;
}

export interface NewestRow {
  kind: NewestKind;
  position: number;
  time: string;
  type: string;
  data: object;
}

export interface SkipRow {
  event_id: string;
  projection: string;
  position: number;
  type: string;
  reason: string;
  skipped_at: string;
  reviewed: 'stays' | 'taken_back' | null;
}

export interface WaitingRow {
  /** Its kind, its clip and its campaign. */
  id: string;
  kind: WaitingKind;
  since: string;
}
export type WaitingKind = 'submission' | 'hold' | 'appeal';

/** Known from its first event on, whichever that is. */
export const newClip = (clip_id: string, platform: string): ClipRow => ({
  clip_id, platform, url: null, retired: null, entries: {}, views: null, growth: 0,
  observed_at: null, last_outcome_at: null, curve: [], failed_at: null, failure: null,
}); // prettier-ignore
