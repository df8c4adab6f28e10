import type { ClientBase } from 'pg';

/**
 * Beside the log, not in it and no projection: addresses and secrets must be able to go, and a
 * rebuild must send nothing (docs/decisions/0019).
 */
export const SCHEMA = 'earnings_webhooks';

export const TABLES = `
create schema if not exists ${SCHEMA};

-- Up to where webhooks were queued, and in which store's log.
create table if not exists place (
  one      boolean primary key default true check (one),
  store    text not null,
  position bigint not null
);

create table if not exists endpoints (
  endpoint_id   text primary key,
  -- Null: the operator's.
  brand_id      text,
  -- standard, slack, discord or email.
  form          text not null,
  url           text not null,
  types         text[] not null,
  -- ENABLED, DISABLED by a person, or DEAD: switched off for its failures.
  status        text not null,
  reason        text,
  created_at    timestamptz not null,
  changed_at    timestamptz not null,
  -- It gets what comes after; what was before it may have by a replay.
  from_position bigint not null,
  failures      integer not null default 0,
  failing_since timestamptz,
  rests_until   timestamptz,
  last_success_at timestamptz
);
create index if not exists endpoints_by_age on endpoints (created_at desc, endpoint_id desc);

create table if not exists secrets (
  endpoint_id text not null references endpoints,
  secret      text not null,
  -- The command that made it.
  made_by     uuid not null,
  created_at  timestamptz not null,
  -- Of one that was replaced.
  expires_at  timestamptz,
  primary key (endpoint_id, secret)
);

create table if not exists deliveries (
  endpoint_id    text not null references endpoints,
  webhook_id      text not null,
  type           text not null,
  -- Where its event is in the log; webhooks of one stream are sent in the order of positions.
  position       bigint not null,
  stream         text not null,
  revision       integer not null,
  -- Of a webhook that no event stands behind; else it is read from the log.
  payload        jsonb,
  -- PENDING, DELIVERED, or FAILED: not tried any more.
  status         text not null,
  attempts       integer not null default 0,
  queued_at      timestamptz not null,
  first_tried_at timestamptz,
  next_try_at    timestamptz not null,
  ended_at       timestamptz,
  last_status    integer,
  last_fault     text,
  primary key (endpoint_id, webhook_id)
);
create index if not exists deliveries_pending on deliveries (endpoint_id, stream, position) where status = 'PENDING';
create index if not exists deliveries_by_age on deliveries (endpoint_id, queued_at desc, webhook_id desc);
create index if not exists deliveries_ended on deliveries (ended_at) where ended_at is not null;

-- Parts of the log that an endpoint wants again.
create table if not exists replays (
  replay_id   uuid primary key,
  endpoint_id text not null references endpoints,
  from_time   timestamptz not null,
  to_time     timestamptz not null,
  position    bigint not null,
  until       bigint not null
);`;

/**
 * Until the transaction ends, no endpoint begins to hear of the log: where it begins is the end of
 * the log at that moment.
 */
export const lockEndpoints = (db: ClientBase) =>
  db.query('select pg_advisory_xact_lock(hashtext($1), 3)', [SCHEMA]);
