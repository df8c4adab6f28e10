export const TABLES = `
create table runs (
  run_id         text primary key,
  position       bigint not null,
  slot           timestamptz not null,
  policy         text not null,
  started_at     timestamptz not null,
  candidates     integer not null,
  requested      integer not null,
  -- candidates that nothing but a limit kept from being chosen; null if the run did not say
  due            integer,
  recorded       integer not null,
  failed         integer not null,
  cost_micro_usd bigint not null,
  last_outcome_at timestamptz,
  -- from the run's start to each of its outcomes, summed
  waited_ms      bigint not null,
  -- minor units by currency that were accrued while this was the newest run
  earned         jsonb not null
);
create index runs_by_position on runs (position);
create index runs_by_start on runs (started_at);

-- What happened by the hour, for as long as rates and forecasts reach back ...
create table outcome_hours (
  hour     timestamptz not null,
  platform text not null,
  -- 'recorded', 'cached', or why the scrape failed
  result   text not null,
  scrapes  bigint not null,
  primary key (hour, platform, result)
);

create table cost_hours (
  hour           timestamptz primary key,
  cost_micro_usd bigint not null
);

create table duration_hours (
  hour     timestamptz not null,
  platform text not null,
  -- index of the upper bound; one more than the last bound: above all of them
  bucket   smallint not null,
  batches  bigint not null,
  duration_ms bigint not null,
  primary key (hour, platform, bucket)
);

create table accrual_hours (
  hour        timestamptz not null,
  campaign_id text not null,
  amount      bigint not null,
  primary key (hour, campaign_id)
);

-- ... and since the beginning: the counters of /metrics.
create table outcome_totals (
  platform text not null,
  result   text not null,
  scrapes  bigint not null,
  primary key (platform, result)
);

-- Which fields views were read from, without what only repeats the cache.
create table view_fields (
  platform     text not null,
  field        text not null,
  observations bigint not null,
  primary key (platform, field)
);

-- The newest scrapes of each platform that asked a source, one a row: alerts weigh so many
-- attempts, however long they took.
create table attempts (
  platform text not null,
  position bigint not null,
  at       timestamptz not null,
  result   text not null,
  primary key (platform, position)
);

create table duration_totals (
  platform    text not null,
  bucket      smallint not null,
  batches     bigint not null,
  duration_ms bigint not null,
  primary key (platform, bucket)
);

-- What sources billed, by day: a billing cycle is made of days.
create table usage_days (
  day            date not null,
  platform       text not null,
  source         text not null,
  status         text not null,
  batches        bigint not null,
  cost_micro_usd bigint not null,
  primary key (day, platform, source, status)
);

create table open_requests (
  request_id   uuid primary key,
  clip_id      text not null,
  platform     text not null,
  requested_at timestamptz not null
);
create index open_requests_by_age on open_requests (requested_at);
create index open_requests_by_clip on open_requests (clip_id);

create table campaigns (
  campaign_id  text primary key,
  brand_id     text not null,
  name         text not null,
  currency     text not null,
  status       text not null,
  -- submitted, whatever became of them
  clips        integer not null,
  budget       bigint not null,
  accrued      bigint not null,
  reversed     bigint not null,
  -- platform fees that the budget bears, and those that creators bear
  fees_on_top  bigint not null,
  fees_withheld bigint not null,
  launched_at  timestamptz not null,
  -- the planned end, or an earlier actual one
  ends_at      timestamptz,
  exhausted    boolean not null,
  -- clips whose settlement has failed and neither succeeded nor become needless since: { reason,
  -- since } by clip
  failures     jsonb not null,
  -- since the beginning
  settlement_failures bigint not null
);

create table clips (
  clip_id     text primary key,
  platform    text not null,
  url         text,
  retired     text,
  -- by campaign: { creatorId, status, held, earned }, in the campaign's minor units
  entries     jsonb not null,
  views       bigint,
  -- views an hour between the last two observations
  growth      bigint not null,
  observed_at timestamptz,
  last_outcome_at timestamptz,
  -- the newest observations: [seconds since 1970, views]
  curve       jsonb not null,
  -- the last outcome, if it is a failure and the clip is not retired
  failed_at   timestamptz,
  failure     jsonb
);
create index clips_by_growth on clips (growth desc, clip_id) where retired is null;
create index clips_that_fail on clips (failed_at desc, clip_id) where failure is not null;

-- What waits for a person: one row a submission, hold or appeal, until it is decided.
create table waiting (
  id    text primary key,
  kind  text not null,
  since timestamptz not null
);
create index waiting_by_kind on waiting (kind, since);

create table payouts (
  payout_id  text primary key,
  currency   text not null,
  amount     bigint not null,
  status     text not null,
  -- when it took this status
  changed_at timestamptz not null,
  times_paid integer not null,
  -- minor units beyond what its creator had earned when it was paid; 0 again if it comes back
  overpaid   bigint not null
);

-- What the lines of accruals and reversals give each creator, beside what was paid.
create table creators (
  creator_id text primary key,
  -- by currency: { accrued, reversed, withheld, paid }, in minor units
  money      jsonb not null
);

-- Events that people have had projections skip.
create table skips (
  event_id   text not null,
  projection text not null,
  position   bigint not null,
  type       text not null,
  reason     text not null,
  skipped_at timestamptz not null,
  -- null until somebody has reviewed it: 'stays' or 'taken_back'
  reviewed   text,
  primary key (event_id, projection)
);

-- The newest events of each kind, without the long lists that some carry.
create table newest (
  kind     text not null,
  position bigint not null,
  time     timestamptz not null,
  type     text not null,
  data     jsonb not null,
  primary key (kind, position)
);
`;
