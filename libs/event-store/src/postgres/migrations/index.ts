import { LOG } from './0001-log.sql.js';
import { APPEND_RIGHTS } from './0002-append-rights.sql.js';
import { BRAND_STREAMS } from './0003-brand-streams.sql.js';
import { PROJECTION_STREAMS } from './0004-projection-streams.sql.js';
import { ARCHIVE_TYPES } from './0005-archive-types.sql.js';

/** In order. A migration that was released never changes; a new one is added at the end. */
export const MIGRATIONS: readonly { name: string; sql: string }[] = [
  { name: '0001_log', sql: LOG },
  { name: '0002_append_rights', sql: APPEND_RIGHTS },
  { name: '0003_brand_streams', sql: BRAND_STREAMS },
  { name: '0004_projection_streams', sql: PROJECTION_STREAMS },
  { name: '0005_archive_types', sql: ARCHIVE_TYPES },
];
