import { checksOf, isSameAccount, type Platform, type SeenPost } from '@cliptally/contracts';
import { ERASED } from '@cliptally/event-store';
import type { Account } from '../domain/account.js';
import type { Campaign } from '../domain/campaign.js';
import type { PostFacts } from '../domain/eligibility.js';
import type { AccountOwnerRow } from '../projection/table-rows.js';
import type { Reader } from './found-rows.js';

export async function accountsById(
  reader: Reader,
  claimIds: readonly string[],
): Promise<Account[]> {
  const sql = 'select state from accounts where claim_id = any($1) order by claim_id';
  return (await reader.rows<{ state: Account }>(sql, claimIds)).map(({ state }) => state);
}

/** Claims of a creator, released ones included, in the order in which they were made. */
export async function accountsOf(reader: Reader, creatorId: string): Promise<Account[]> {
  const sql = 'select state from accounts where creator_id = $1 order by claimed_at, claim_id';
  return (await reader.rows<{ state: Account }>(sql, creatorId)).map(({ state }) => state);
}

export interface AccountFilter {
  creatorId?: string | undefined;
  platform?: Platform | undefined;
  status?: Account['status'] | undefined;
}

/** Oldest first; `after` is the last one of the page before. */
export async function accountPage(
  reader: Reader,
  { creatorId, platform, status }: AccountFilter,
  { after, limit }: { after: [string, string] | null; limit: number },
): Promise<Account[]> {
  const rows = await reader.rows<{ state: Account }>(
    `select state from accounts
     where ($1::text is null or creator_id = $1) and ($2::text is null or platform = $2) and ($3::text is null or status = $3)
       and ($4::timestamptz is null or (claimed_at, claim_id) > ($4, $5))
     order by claimed_at, claim_id limit $6`,
    creatorId ?? null, platform ?? null, status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit,
  ); // prettier-ignore
  return rows.map(({ state }) => state);
}

/** Who has the names of an account, as far as anybody ever had them. */
export const accountOwners = (
  reader: Reader,
  accountIds: readonly string[],
): Promise<AccountOwnerRow[]> =>
  reader.rows('select * from account_owners where account_id = any($1)', accountIds);

/** Of streams of creators; -1 for one that has none. */
export async function creatorRevisions(
  reader: Reader,
  creatorIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await reader.rows<{ creator_id: string; revision: number }>(
    'select creator_id, revision from creator_streams where creator_id = any($1)',
    creatorIds,
  );
  const found = new Map(rows.map((row) => [row.creator_id, row.revision]));
  return new Map(creatorIds.map((id) => [id, found.get(id) ?? -1]));
}

/** Claims whose code stands in a clip, and what was seen there. */
export async function provenClaims(
  reader: Reader,
): Promise<{ account: Account; post: SeenPost }[]> {
  const rows = await reader.rows<{ account: Account; post: SeenPost }>(
    `select distinct on (a.claim_id) a.state as account, c.post from accounts a
     join clips c on c.platform = a.platform and c.codes is not null and c.codes ? a.code
     where a.status = 'CLAIMED' and a.creator_id not in (select creator_id from erased_creators)
     order by a.claim_id, c.clip_id`,
  );
  return rows.map(({ account, post }) => ({ account, post: readable(post) }));
}

/** Names that no key opens any more are unknown, and no two of them are the same. */
function readable<P extends SeenPost | null>(post: P): P {
  const { handle, externalId } = post?.account ?? {};
  return handle === ERASED || externalId === ERASED ? { ...post, account: null } : post;
}

export interface ReadClip {
  claim_id: string;
  clip_id: string;
  observed_at: Date | null;
  post: SeenPost | null;
}

/** Clips of a creator on a platform that are checked for one of the account: the newest ones. */
const LOOKED_AT = 100;

/** By claim: the creator's clip that shows the account best, of it or else of its platform. */
export async function clipsToRead(
  reader: Reader,
  claimIds: readonly string[],
): Promise<Map<string, ReadClip>> {
  // Names are sealed in the tables: they are compared here.
  const rows = await reader.rows<ReadClip & { account: Account }>(
    `select a.claim_id, a.state as account, own.* from accounts a cross join lateral (
       select e.clip_id, c.observed_at, c.post from entries e join clips c using (clip_id)
       where e.creator_id = a.creator_id and e.platform = a.platform and e.status <> 'REJECTED' and not e.retired
       order by c.post is null desc, e.submitted_at desc, e.clip_id limit ${LOOKED_AT}) own
     where a.claim_id = any($1)`,
    claimIds,
  ); // prettier-ignore
  const best = new Map<string, ReadClip>();
  for (const { account, ...clip } of rows) {
    const isOfIt = clip.post?.account && isSameAccount(account, clip.post.account);
    if (isOfIt && !shows(best.get(clip.claim_id), account)) best.set(clip.claim_id, clip);
    else if (!best.has(clip.claim_id)) best.set(clip.claim_id, clip);
  }
  return best;
}

const shows = (clip: ReadClip | undefined, account: Account): boolean =>
  !!clip?.post?.account && isSameAccount(account, clip.post.account);

/** Entries that have to be checked since a position: their post, status or owner has changed. */
export const entriesToCheck = (
  reader: Reader,
  since: number,
): Promise<{ clip_id: string; campaign_id: string }[]> =>
  reader.rows(
    `select clip_id, campaign_id from entries where check_position > $1
     union
     select e.clip_id, e.campaign_id from accounts a join entries e using (creator_id)
     where a.position > $1 and e.check_position is not null
     order by clip_id, campaign_id`,
    since,
  );

/** By clip: what is known of its post, for a campaign that asks anything of it. */
export async function postFactsOf(
  reader: Reader,
  { campaignId, terms }: Pick<Campaign, 'campaignId' | 'terms'>,
  clipIds: readonly string[],
): Promise<Map<string, PostFacts>> {
  if (!checksOf(terms) || clipIds.length === 0) return new Map();
  const rows = await reader.rows<PostFacts & { clip_id: string }>(
    `select e.clip_id, c.post, (
       select coalesce(jsonb_agg(a.state), '[]') from accounts a
       where a.creator_id = e.creator_id and a.platform = e.platform and a.status = 'VERIFIED'
     ) as owned
     from entries e join clips c using (clip_id) where e.campaign_id = $1 and e.clip_id = any($2)`,
    campaignId,
    clipIds,
  );
  return new Map(
    rows.map(({ clip_id, post, owned }) => [clip_id, { post: readable(post), owned }]),
  );
}
