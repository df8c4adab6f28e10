create table runs (
  run_id         text primary key,
  slot           timestamptz not null,
  policy         text not null,
  started_at     timestamptz not null,
  candidates     integer not null,
  requested      integer not null,
  recorded       integer not null default 0,
  failed         integer not null default 0,
  cost_micro_usd bigint not null default 0,
  last_outcome_at timestamptz
);
create index runs_by_start on runs (started_at desc);

-- Outcomes by the hour they came in: the 24 h of /status, and the totals of /metrics.
create table outcomes (
  hour     timestamptz not null,
  platform text not null,
  -- 'recorded', 'cached', or why the look failed
  result   text not null,
  count    bigint not null,
  primary key (hour, platform, result)
);

create table batches (
  hour            timestamptz not null,
  platform        text not null,
  source          text not null,
  status          text not null,
  count           bigint not null,
  looks           bigint not null,
  cost_micro_usd  bigint not null,
  duration_ms     bigint not null,
  primary key (hour, platform, source, status)
);

create table open_looks (
  request_id   uuid primary key,
  platform     text not null,
  requested_at timestamptz not null
);
create index open_looks_by_age on open_looks (requested_at);

create table campaigns (
  campaign_id  text primary key,
  brand_id     text not null,
  name         text not null,
  currency     text not null,
  status       text not null,
  budget       bigint not null,
  accrued      bigint not null default 0,
  reversed     bigint not null default 0,
  launched_at  timestamptz not null,
  ends_at      timestamptz,
  exhausted_at timestamptz
);

create table payouts (
  payout_id text primary key,
  currency  text not null,
  amount    bigint not null,
  status    text not null,
  times_paid integer not null default 0
);
