/** What the queries give of the rows of the projection, and how they are asked for. */
import type { Platform, ScrapeFailure } from '@cliptally/contracts';
import type { ClipEntry } from '../domain/clip.js';
import type {
  CampaignRow,
  ClipRow,
  FailedScrapeRow,
  ShortLinkRow,
} from '../projection/table-rows.js';

export type FoundCampaign = Pick<
  CampaignRow<Date>,
  'campaign_id' | 'launched_at' | 'revision' | 'state'
>;

export type FoundClip = Pick<
  ClipRow<Date>,
  | 'clip_id'
  | 'platform'
  | 'url'
  | 'revision'
  | 'views'
  | 'observed_at'
  | 'source'
  | 'source_changed_at'
  | 'view_field'
  | 'restoration_asked_at'
>;

export type FoundShortLink = Pick<ShortLinkRow, 'revision' | 'correlation_id' | 'state'>;

export type FoundFailedScrape = FailedScrapeRow<Date> &
  Pick<ClipRow<Date>, 'views' | 'observed_at'>;

/** Entries of a clip, and the revision of its stream. */
export interface FoundEntries {
  state: ClipEntry[];
  revision: number;
}

/** Which lines of the ledger: those that have all of the named values. */
export type LedgerScope =
  { campaign_id: string } | { clip_id: string; creator_id?: string } | { creator_id: string };

/** Which failed scrapes: all, but for what is named. */
export interface FailedScrapesFilter {
  /** Of the requests that failed. */
  ids?: readonly string[] | undefined;
  platform?: Platform | undefined;
  reason?: ScrapeFailure | undefined;
  retryable?: boolean | undefined;
  /** A clip's id. */
  after?: string | null | undefined;
  limit?: number | undefined;
}

/** As much of the tables as a list reads. */
export interface Reader {
  rows<T extends object>(sql: string, ...values: unknown[]): Promise<T[]>;
}
