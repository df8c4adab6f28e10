export const TABLES = `
create table campaigns (
  campaign_id text primary key,
  brand_id    text not null,
  status      text not null,
  launched_at timestamptz not null,
  -- Last revision of the campaign's stream: what the next append expects.
  revision    integer not null,
  -- What the budget still allows; settlements read only campaigns that have something left.
  remaining   bigint not null,
  state       jsonb not null
);
create index campaigns_by_brand on campaigns (brand_id, launched_at desc, campaign_id);

create table clips (
  clip_id     text primary key,
  platform    text not null,
  url         text not null,
  revision    integer not null,
  views       bigint,
  observed_at timestamptz,
  -- Who posted it and how many follow that account, by the newest observation that says it.
  author      text,
  followers   bigint,
  -- What a scrape last saw of its post, and the codes of account claims among it.
  post        jsonb,
  codes       jsonb,
  -- How many there were of those in "observations".
  observation_count integer not null,
  -- Of the newest observation; and since when its source is not that of the one before.
  source      text,
  source_changed_at timestamptz,
  -- What views are read from, by the newest observation or by a person since.
  view_field  text,
  -- What those of the newest observation were read from.
  observed_field text,
  -- When its creator last asked for its restoration.
  restoration_asked_at timestamptz,
  -- Whether "engagement" counts it.
  engagement_counted boolean not null
);

create index clips_with_codes on clips (platform) where codes is not null;

-- Clips by their likes per view when they were first large enough to be judged: what is usual on a
-- platform is learned from it (usual-engagement.ts).
create table engagement (
  platform text not null,
  band     integer not null,
  clips    bigint not null,
  primary key (platform, band)
);

-- The newest observations, without those that only repeat one from the cache: what the anomaly
-- rules judge by. A row has a few of them, and the rows of a clip are written over in turn
-- (observation-rows.ts), in place where the page has room.
create table observations (
  clip_id text not null,
  place   integer not null,
  -- Observations of the clip that came before.
  first   integer not null,
  -- Arrays of JSON, with commas between them.
  observations text not null,
  primary key (clip_id, place)
) with (fillfactor = 70);

create table entries (
  clip_id      text not null,
  campaign_id  text not null,
  creator_id   text not null,
  status       text not null,
  submitted_at timestamptz not null,
  -- Id of the event that submitted it.
  submission   uuid not null,
  -- What the clip is owed (below 0: was given too much); settlements read the entries where it is
  -- not 0.
  due          bigint not null,
  platform     text not null,
  held         boolean not null,
  retired      boolean not null,
  -- When it is decided on by itself, or its hold is reviewed.
  review_at    timestamptz,
  -- Of an appeal without an answer.
  appealed_at  timestamptz,
  -- Of the observation that the highest count comes from: what is settled goes on with its trace.
  correlation_id text,
  -- Position from which on it has to be checked what its campaign asks of its post; null if that is
  -- nothing.
  check_position bigint,
  state        jsonb not null,
  primary key (clip_id, campaign_id)
);
create index entries_to_check on entries (check_position) where check_position is not null;
create index entries_to_review on entries (review_at) where review_at is not null;
create index entries_appealed on entries (appealed_at) where appealed_at is not null;
create index entries_pending on entries (submitted_at) where status = 'PENDING';
create index entries_pending_of on entries (campaign_id, creator_id) where status = 'PENDING';
create index entries_unsettled on entries (campaign_id) where due <> 0;
create index entries_by_campaign on entries (campaign_id, clip_id);
create index entries_by_creator on entries (creator_id, submitted_at desc, clip_id);

-- How many submissions a creator has made on a day of UTC, in campaigns that limit them.
create table submission_days (
  campaign_id text not null,
  creator_id  text not null,
  day         date not null,
  submissions bigint not null,
  primary key (campaign_id, creator_id, day)
);

-- Submissions by short links that could not be followed at first: those that wait, and the
-- outcome of the others.
create table short_links (
  link_id        text primary key,
  campaign_id    text not null,
  creator_id     text not null,
  status         text not null,
  submitted_at   timestamptz not null,
  next_try_at    timestamptz,
  revision       integer not null,
  correlation_id text not null,
  state          jsonb not null
);
create index short_links_to_try on short_links (next_try_at) where next_try_at is not null;
create index short_links_waiting on short_links (submitted_at) where status = 'WAITING';
create index short_links_by_campaign on short_links (campaign_id, submitted_at desc, link_id desc);
create index short_links_by_creator on short_links (creator_id, submitted_at desc, link_id desc);

-- Scrapes that were requested and have no outcome yet.
create table outstanding_scrapes (
  request_id  uuid not null,
  campaign_id text not null,
  primary key (request_id, campaign_id)
);
create index outstanding_scrapes_by_campaign on outstanding_scrapes (campaign_id);

-- Every line of every statement: accruals (amount above 0), reversals (below 0), platform fees, and
-- each step of a payout, with what it takes from the creator's outstanding money or gives back. A
-- payout has no campaign and no clip. Fees on top are of campaigns alone, fees withheld of creators.
create table ledger (
  position     bigint not null,
  line         integer not null,
  event_id     uuid not null,
  time         timestamptz not null,
  kind         text not null,
  campaign_id  text,
  clip_id      text,
  creator_id   text not null,
  currency     text not null,
  amount       bigint not null,
  -- Of an accrual: when its validation period is over.
  available_at timestamptz,
  -- The rest of the line, by its kind.
  detail       jsonb not null,
  primary key (position, line)
);
create index ledger_by_campaign on ledger (campaign_id, position, line) where campaign_id is not null;
create index ledger_by_clip on ledger (clip_id, position, line) where clip_id is not null;
create index ledger_by_creator on ledger (creator_id, position, line);
-- Lines come in the order of time: what a year has is in few blocks.
create index ledger_by_time on ledger using brin (time);
create index ledger_validating on ledger (creator_id, currency, available_at) where available_at is not null;

-- The sums of a creator's lines.
create table balances (
  creator_id text not null,
  currency   text not null,
  totals     jsonb not null,
  primary key (creator_id, currency)
);

create table payouts (
  payout_id  text primary key,
  creator_id text not null,
  currency   text not null,
  status     text not null,
  position   bigint not null,
  -- Of its last step.
  changed_at timestamptz not null,
  state      jsonb not null
);
create index payouts_waiting on payouts (changed_at) where status in ('REQUESTED', 'APPROVED');
create index payouts_by_creator on payouts (creator_id, currency, position);
-- What has to be carried out.
create index payouts_approved on payouts (position) where status = 'APPROVED';
create table payout_accounts (
  creator_id text primary key,
  provider   text not null,
  account    text not null,
  set_at     timestamptz not null
);
-- Creators whose personal texts no key opens any more.
create table erased_creators (
  creator_id text primary key,
  erased_at  timestamptz not null,
  tax_profile_kept boolean not null
);
create table payout_streams (
  creator_id text primary key,
  revision   integer not null
);

-- What scrapes have cost, by day of UTC, and the views that were paid for on it.
create table scrape_days (
  day            date not null,
  platform       text not null,
  source         text not null,
  batches        bigint not null,
  scrapes        bigint not null,
  recorded       bigint not null,
  cost_micro_usd bigint not null,
  primary key (day, platform, source)
);
create table paid_view_days (
  day   date primary key,
  views bigint not null
);
-- What accounts with sources last said of their billing cycle.
create table scrape_accounts (
  account     text primary key,
  measured_at timestamptz not null,
  data        jsonb not null
);
create table tracking_runs (
  run_id     text primary key,
  position   bigint not null,
  started_at timestamptz not null,
  data       jsonb not null
);
create index tracking_runs_newest on tracking_runs (position desc);

-- Claims of creators to accounts of platforms.
create table accounts (
  claim_id    text primary key,
  creator_id  text not null,
  platform    text not null,
  status      text not null,
  code        text not null,
  claimed_at  timestamptz not null,
  -- Of its last event.
  position    bigint not null,
  state       jsonb not null
);
create index accounts_by_creator on accounts (creator_id, claimed_at, claim_id);
create index accounts_claimed on accounts (claimed_at, claim_id) where status = 'CLAIMED';
create index accounts_by_position on accounts (position);
create table creator_streams (
  creator_id text primary key,
  revision   integer not null
);
-- Who has each name of an account; null if nobody has it any more.
create table account_owners (
  account_id text primary key,
  revision   integer not null,
  claim_id   text not null,
  creator_id text
);

-- What brands have paid in, and the budgets of their campaigns, in minor units.
create table brand_funding (
  brand_id  text not null,
  currency  text not null,
  funded    bigint not null,
  committed bigint not null,
  primary key (brand_id, currency)
);
create table brand_payments (
  brand_id  text not null,
  reference text not null,
  currency  text not null,
  amount    bigint not null,
  by        text not null,
  paid_at   timestamptz not null,
  primary key (brand_id, reference)
);
create index brand_payments_by_reference on brand_payments (reference);
-- What has gone back of a payment. Those of one payment take at most the payment.
create table brand_refunds (
  brand_id    text not null,
  refund_id   text not null,
  reference   text not null,
  currency    text not null,
  amount      bigint not null,
  by          text not null,
  refunded_at timestamptz not null,
  undone_at   timestamptz,
  primary key (brand_id, refund_id)
);
create table brand_streams (
  brand_id text primary key,
  revision integer not null
);

-- Clips whose newest scrape failed, until one succeeds.
create table failed_scrapes (
  clip_id   text primary key,
  -- Of the newest scrape.
  request_id uuid not null,
  platform  text not null,
  reason    text not null,
  detail    text,
  retryable boolean not null,
  attempts  integer not null,
  -- Scrapes that have failed in a row.
  failures  integer not null,
  failed_at timestamptz not null,
  source    text not null,
  -- What nobody could believe, if that is the reason.
  figure    jsonb,
  -- Since when every scrape that says anything says that the clip is gone, and when and why it was
  -- retired.
  gone_since timestamptz,
  retired   text,
  retired_at timestamptz
);
`;
