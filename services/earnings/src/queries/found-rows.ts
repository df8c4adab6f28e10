/** Rows that the earnings tables give, and how they are asked for. */
import type { Platform, ScrapeFailure } from '@cliptally/contracts';
import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import type { PendingLink } from '../domain/short-link.js';

export interface ClipRow {
  clip_id: string;
  platform: Platform;
  url: string;
  revision: number;
  views: number | null;
  observed_at: Date | null;
}

export interface ShortLinkRow {
  revision: number;
  correlation_id: string;
  state: PendingLink;
}

export interface ClipState {
  state: ClipEntry[];
  revision: number;
}

export interface CampaignRow {
  campaign_id: string;
  launched_at: Date;
  revision: number;
  state: Campaign;
}

export type LedgerScope = { campaign_id: string } | { clip_id: string } | { creator_id: string };

export interface FailedScrapeRow {
  clip_id: string;
  request_id: string;
  platform: Platform;
  reason: ScrapeFailure;
  detail: string | null;
  retryable: boolean;
  attempts: number;
  failures: number;
  failed_at: Date;
}

/** Which failed looks: all, but for what is named. */
export interface FailedScrapes {
  /** Of the requests that failed. */
  ids?: readonly string[] | undefined;
  platform?: Platform | undefined;
  reason?: ScrapeFailure | undefined;
  retryable?: boolean | undefined;
  /** A clip's id. */
  after?: string | null | undefined;
  limit?: number | undefined;
}
