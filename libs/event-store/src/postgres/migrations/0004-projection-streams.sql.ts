import { requireNames } from './require-names.sql.js';

/** Projections have streams, of the events that people have had them skip. */
export const PROJECTION_STREAMS = requireNames([
  'campaign', 'clip', 'tracking-run', 'payout', 'scrape-batch', 'source-usage', 'short-link',
  'unique-payout-id', 'submission-day', 'creator', 'account', 'brand', 'projection',
]); // prettier-ignore
