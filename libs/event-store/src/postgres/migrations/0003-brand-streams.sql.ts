import { requireNames } from './require-names.sql.js';

/** Brands have streams of their own, of what they have paid in. */
export const BRAND_STREAMS = requireNames([
  'campaign', 'clip', 'tracking-run', 'payout', 'scrape-batch', 'source-usage', 'short-link',
  'unique-payout-id', 'submission-day', 'creator', 'account', 'brand',
]); // prettier-ignore
