import { shortened, type ClipTrackingRequested, type ScrapeFailure } from '@cliptally/contracts';
import { implausible, type Implausible, type Shown } from './observation-plausibility.js';
import type { Figures } from './figures.js';
import type { Post } from './post.js';

/**
 * One request to scrape a clip, the clip's own id on its platform, and its view field; null if it
 * has none yet.
 */
export interface Scrape {
  request: ClipTrackingRequested;
  videoId: string;
  metric: string | null;
  correlationId: string;
}

export type ScrapeResult =
  | { kind: 'observed'; figures: Figures; post?: Post | undefined }
  | { kind: 'failed'; reason: ScrapeFailure; detail: string; retryable: boolean; doubted?: Doubts };

/** Figures that nobody can believe, and why. */
export interface Doubts {
  figures: Figures;
  why: Implausible;
}

/**
 * Reasons that may pass by themselves; to ask again at once brings no clip back that is gone or
 * private.
 */
const RETRYABLE: ReadonlySet<ScrapeFailure> = new Set([
  'dead_letter',
  'blocked',
  'restricted',
  'missing',
  'unmatched',
  'source_failed',
  'source_timeout',
  'rate_limited',
  'quota_exhausted',
  'implausible',
]);

type Failed = Extract<ScrapeResult, { kind: 'failed' }>;

export const failed = (reason: ScrapeFailure, detail: string): Failed => ({
  kind: 'failed',
  reason,
  detail,
  retryable: RETRYABLE.has(reason),
});

/** An observation, if the figures can be believed. */
export function observed(figures: Figures, shown: Shown | null, post?: Post): ScrapeResult {
  const why = implausible(figures, shown);
  return why ? doubtful(figures, why) : { kind: 'observed', figures, ...(post && { post }) };
}

/** No observation, but kept. */
export const doubtful = (figures: Figures, why: Implausible): ScrapeResult => ({
  ...failed('implausible', why.detail),
  doubted: { figures, why },
});

/** Longest detail of a failure, in characters. */
const DETAIL_LENGTH = 500;

/** What ScrapeFailed says of a result, at `time`. */
export const failureOf = ({ reason, detail, retryable, doubted }: Failed, time: string) => ({
  reason,
  detail: shortened(detail, DETAIL_LENGTH),
  ...(doubted && { figure: { rule: doubted.why.rule, ...doubted.figures, observedAt: time } }),
  retryable,
});
