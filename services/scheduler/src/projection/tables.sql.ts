export const TABLES = `
create table campaigns (
  campaign_id text primary key,
  status      text not null,
  launched_at timestamptz not null,
  starts_at   timestamptz not null,
  -- The planned end or an earlier actual one.
  ends_at     timestamptz,
  tracking_days integer not null,
  currency    text not null,
  rates       jsonb not null,
  budget      bigint not null,
  spent       bigint not null,
  -- Basis points of earnings that the budget pays beside them.
  fee_on_top  integer not null,
  min_views   bigint not null,
  most_per_clip        bigint,
  most_per_creator     bigint,
  counts_from_approval boolean not null,
  -- What it wants to know of posts beside their figures.
  checks      jsonb
);

create table clips (
  clip_id              text primary key,
  platform             text not null,
  url                  text not null,
  submitted_at         timestamptz not null,
  posted_at            timestamptz,
  retired_at           timestamptz,
  last_observed_at     timestamptz,
  last_views           bigint,
  previous_observed_at timestamptz,
  previous_views       bigint,
  -- Newest outcome of either type, and the failures since the last observation.
  last_outcome_at      timestamptz,
  failures             integer not null,
  -- Of a clip that was gone in its last outcome: not before it is scraped again.
  check_at             timestamptz
);

create table entries (
  clip_id     text not null,
  campaign_id text not null,
  creator_id  text not null,
  status      text not null,
  held        boolean not null,
  approved_at timestamptz,
  -- Minor units, where the campaign has a cap.
  paid        bigint not null,
  primary key (clip_id, campaign_id)
);
create index entries_open on entries (campaign_id, clip_id) where status <> 'REJECTED';

-- Scrape requests without an outcome: the scheduler does not ask for their clips again.
create table open_requests (
  request_id   uuid primary key,
  clip_id      text not null,
  requested_at timestamptz not null
);
create index open_requests_by_clip on open_requests (clip_id);

-- Mean views an hour since posting, as first scrapes observed them.
create table first_scrapes (
  platform text primary key,
  scrapes  bigint not null,
  velocity double precision not null
);

-- What observations showed of clips that were expected to stand still.
create table standing_clips (
  platform text primary key,
  hours    double precision not null,
  gained   double precision not null
);

-- What recent answered scrapes have cost.
create table scrape_costs (
  platform       text not null,
  source         text not null,
  scrapes        double precision not null,
  cost_micro_usd double precision not null,
  primary key (platform, source)
);

-- The last report of each paying account on its billing cycle, and what sources have billed since.
create table accounts (
  account         text primary key,
  cycle_starts_at timestamptz not null,
  cycle_ends_at   timestamptz not null,
  used_micro_usd  bigint not null,
  limit_micro_usd bigint not null,
  state           text not null,
  since_micro_usd bigint not null
);

-- What sources have billed: the spent part of a billing cycle.
create table usage (
  day            date primary key,
  cost_micro_usd bigint not null
);

create table tracking_runs (
  run_id                   text primary key,
  started_at               timestamptz not null,
  requested                integer not null,
  estimated_cost_micro_usd bigint not null,
  demand                   double precision,
  age_cap_hours            double precision
);
create index tracking_runs_by_start on tracking_runs (started_at);

-- Payouts that nobody has decided on: a scrape of their creators' clips comes before.
create table open_payouts (
  payout_id    text primary key,
  creator_id   text not null,
  requested_at timestamptz not null
);
create index open_payouts_by_creator on open_payouts (creator_id);
`;
