import { LOG } from './0001-log.sql.js';
import { BRAND_STREAMS } from './0003-brand-streams.sql.js';

/** In order. A migration that was released never changes; a new one is added at the end. */
export const MIGRATIONS: readonly { name: string; sql: string }[] = [
  { name: '0001_log', sql: LOG },
  { name: '0003_brand_streams', sql: BRAND_STREAMS },
];
