import { z } from 'zod';
import { Label, Text } from '../text.js';
import { figures, ofOutcome } from './scrape.js';

/** Why a scrape brought no observation. */
export const SCRAPE_FAILURES = [
  'not_found', 'private', 'restricted', 'blocked', 'no_view_field', 'unmatched', 'missing',
  'source_failed', 'source_timeout', 'rate_limited', 'quota_exhausted', 'rejected', 'dead_letter', 'implausible',
] as const; // prettier-ignore
export const ScrapeFailure = z.enum(SCRAPE_FAILURES);
export type ScrapeFailure = z.infer<typeof ScrapeFailure>;

/**
 * What a source gave and nobody can believe, by `rule`. It is no observation: it pays nothing, is
 * no baseline and fixes no view field, until a later scrape or a person confirms it.
 */
export const ImplausibleFigure = z.object({ rule: Label, ...figures });
export type ImplausibleFigure = z.infer<typeof ImplausibleFigure>;

/** `figure` is there if the reason is `implausible`. */
export const ScrapeFailed = z.object({
  ...ofOutcome,
  reason: ScrapeFailure,
  detail: Text.max(500).optional(),
  figure: ImplausibleFigure.optional(),
  retryable: z.boolean(),
  attempts: z.int().min(1),
});
