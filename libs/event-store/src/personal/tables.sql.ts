/**
 * Beside the log, with a backup of its own: what is in the log for ever is read with these keys
 * alone. A creator who was erased keeps a row without a key, so that it never gets another one.
 */
export const PERSONAL_TABLES = `
create schema if not exists personal;
create table if not exists personal.keys (
  key_id   uuid primary key,
  -- creator:ID, clip:ID or link:ID.
  subject  text not null unique,
  -- The operator's key that it is wrapped with; both are null once it is destroyed.
  ring_key text,
  wrapped  bytea,
  -- When everything that an erasure has to do was done.
  erased_at timestamptz,
  constraint keys_whole check ((ring_key is null) = (wrapped is null))
);
create index if not exists keys_by_ring on personal.keys (ring_key) where wrapped is not null;`;
