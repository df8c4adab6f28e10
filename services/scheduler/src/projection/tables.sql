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
  spent       bigint not null
);

create table clips (
  clip_id          text primary key,
  platform         text not null,
  url              text not null,
  submitted_at     timestamptz not null,
  posted_at        timestamptz,
  retired          boolean not null default false,
  last_look_at     timestamptz,
  last_views       bigint,
  previous_look_at timestamptz,
  previous_views   bigint,
  -- Newest look of any outcome; a clip whose looks fail must not be asked for at every tick.
  last_tried_at    timestamptz,
  failures         integer not null default 0
);

create table entries (
  clip_id     text not null,
  campaign_id text not null,
  creator_id  text not null,
  status      text not null,
  approved_at timestamptz,
  primary key (clip_id, campaign_id)
);
create index entries_approved on entries (campaign_id, clip_id) where status = 'APPROVED';

-- Looks that were requested and have no outcome yet: their clips are not asked for again.
create table open_looks (
  request_id   uuid primary key,
  clip_id      text not null,
  requested_at timestamptz not null
);
create index open_looks_by_clip on open_looks (clip_id);

-- Views an hour since posting, as first looks saw them: what to expect of a clip that was never looked at.
create table first_looks (
  platform text primary key,
  looks    bigint not null,
  velocity double precision not null
);

-- What answered looks have really cost of late, by platform and source.
create table look_costs (
  platform       text not null,
  source         text not null,
  looks          double precision not null,
  cost_micro_usd double precision not null,
  primary key (platform, source)
);

-- What accounts that pay for looks last said of their billing cycle, and what was billed since.
create table accounts (
  account             text primary key,
  cycle_starts_at     timestamptz not null,
  cycle_ends_at       timestamptz not null,
  used_micro_usd      bigint not null,
  limit_micro_usd     bigint not null,
  state               text not null,
  since_micro_usd     bigint not null
);

-- What sources have billed, by day: the spent part of a billing cycle.
create table usage (
  day            date primary key,
  cost_micro_usd bigint not null
);

create table runs (
  run_id     text primary key,
  started_at timestamptz not null,
  requested  integer not null,
  estimated_cost_micro_usd bigint not null,
  demand     double precision,
  age_cap_hours double precision
);
create index runs_by_start on runs (started_at);

-- Payouts that wait for a decision: the clips of their creators get a look before it.
create table open_payouts (
  payout_id    text primary key,
  creator_id   text not null,
  requested_at timestamptz not null
);
create index open_payouts_by_creator on open_payouts (creator_id);
