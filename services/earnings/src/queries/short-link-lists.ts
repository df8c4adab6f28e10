import type { PendingLink } from '../domain/short-link.js';
import type { FoundShortLink, Reader } from './found-rows.js';

export interface ShortLinkFilter {
  campaignId?: string | undefined;
  creatorId?: string | undefined;
  status?: string | undefined;
  after: [string, string] | null;
  limit: number;
}

/** Newest first; `after` is the last one of the page before. */
export async function shortLinksOf(
  queries: Reader,
  { campaignId, creatorId, status, after, limit }: ShortLinkFilter,
): Promise<PendingLink[]> {
  const rows = await queries.rows<{ state: PendingLink }>(
    `select state from short_links
     where ($1::text is null or campaign_id = $1) and ($2::text is null or creator_id = $2) and ($3::text is null or status = $3)
       and ($4::timestamptz is null or (submitted_at, link_id) < ($4, $5))
     order by submitted_at desc, link_id desc limit $6`,
    campaignId ?? null, creatorId ?? null, status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit,
  ); // prettier-ignore
  return rows.map(({ state }) => state);
}

/** The address of an erased creator's link is known to nobody. */
const OF_LIVING = 'creator_id not in (select creator_id from erased_creators)';

/** Links that wait for a person, and where they led to. */
export const shortLinksLeading = (queries: Reader): Promise<FoundShortLink[]> =>
  queries.rows(
    `select revision, correlation_id, state from short_links where status = 'WAITING' and state->>'leadsTo' is not null and ${OF_LIVING} order by link_id`,
  );

/** Links that have not ended, those first whose next try comes first. */
export const shortLinksToTry = (queries: Reader, limit: number): Promise<FoundShortLink[]> =>
  queries.rows(
    `select revision, correlation_id, state from short_links where next_try_at is not null and ${OF_LIVING} order by next_try_at, link_id limit $1`,
    limit,
  );
