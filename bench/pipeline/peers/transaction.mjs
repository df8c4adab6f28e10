/**
 * What each peer does for one scrape, as one would write it without a log: in one transaction it
 * reads the clip, inserts the observation once, pays what is due within the budget under row locks,
 * and updates creator and campaign. Each statement is prepared; the campaign is locked last, since
 * everybody waits for it.
 */
const CREATORS = 2_000;
/** Millionths of a currency unit for each view; the campaigns never run out of money. */
const PER_VIEW = 1_000;

const TABLES = `
  create table campaigns (campaign_id text primary key, budget bigint not null, spent bigint not null default 0) with (fillfactor = 50);
  create table creators (creator_id text primary key, balance bigint not null default 0) with (fillfactor = 80);
  create table clips (
    clip_id text primary key, campaign_id text not null references campaigns, creator_id text not null references creators,
    views bigint, paid bigint not null default 0
  ) with (fillfactor = 80);
  create table observations (
    request_id text primary key, clip_id text not null, views bigint not null,
    observed_at timestamptz not null default clock_timestamp(), added_at timestamptz not null
  );
  create table ledger (
    line bigint generated always as identity primary key, campaign_id text not null, creator_id text not null,
    clip_id text not null, request_id text not null, amount bigint not null
  );`;

export const clipOf = (n) => `youtube-${String(n).padStart(11, 'c')}`;

/** `clips` clips, by turns in `campaigns` campaigns. */
export async function prepare(pool, clips, campaigns) {
  await pool.query(TABLES);
  await pool.query(
    `insert into campaigns (campaign_id, budget) select 'campaign-' || n, 9e15 from generate_series(0, $1 - 1) n`,
    [campaigns],
  );
  await pool.query(
    `insert into creators (creator_id) select 'creator-' || n from generate_series(0, $1 - 1) n`,
    [CREATORS],
  );
  await pool.query(
    `insert into clips (clip_id, campaign_id, creator_id)
     select 'youtube-' || lpad(n::text, 11, 'c'), 'campaign-' || n % $2, 'creator-' || n % $3 from generate_series(0, $1 - 1) n`,
    [clips, campaigns, CREATORS],
  );
  await pool.query('analyze');
}

const OBSERVE = `
  with clip as (select * from clips where clip_id = $2 for update),
  observation as (
    insert into observations (request_id, clip_id, views, added_at) values ($1, $2, $3, to_timestamp($4::float8 / 1000))
    on conflict do nothing returning request_id
  )
  select campaign_id, creator_id, paid from clip, observation`;
const PAY = `
  with campaign as (
    update campaigns set spent = spent + least($2::bigint, budget - spent) where campaign_id = $1
    returning new.spent - old.spent as amount
  ),
  line as (
    insert into ledger (campaign_id, creator_id, clip_id, request_id, amount)
    select $1, $3, $4, $5, amount from campaign where amount <> 0
  ),
  creator as (update creators set balance = balance + amount from campaign where creator_id = $3)
  update clips set views = $6, paid = paid + amount from campaign where clip_id = $4`;

/** Nothing is done if the job was done before. */
async function scrape(client, { requestId, clipId, addedAt }, views) {
  const { rows } = await client.query({
    name: 'observe',
    text: OBSERVE,
    values: [requestId, clipId, views, addedAt],
  });
  if (rows.length === 0) return;
  const [{ campaign_id: campaign, creator_id: creator, paid }] = rows;
  const due = Math.max(0, Math.floor((views * PER_VIEW) / 1_000) - Number(paid));
  await client.query({
    name: 'pay',
    text: PAY,
    values: [campaign, due, creator, clipId, requestId, views],
  });
}

/** One scrape, whose source answers at once, in a transaction of its own. */
export async function scrapeAlone(pool, job, views) {
  const client = await pool.connect();
  let broken;
  try {
    await client.query('begin');
    await scrape(client, job, views);
    await client.query('commit');
  } catch (error) {
    broken = error;
    throw error;
  } finally {
    client.release(broken);
  }
}
