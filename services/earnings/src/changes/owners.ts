import type { AnyEvent } from '@cliptally/contracts';
import type { Owners } from '../domain/change.js';
import type { Queries } from '../queries/queries.js';

/** Whose the things are that these events name, by three look-ups in the tables. */
export async function ownersOf(events: readonly AnyEvent[], tables: Queries): Promise<Owners> {
  const clipIds = new Set<string>();
  const campaignIds = new Set<string>();
  const linkIds = new Set<string>();
  for (const { data } of events) {
    if ('clipId' in data) clipIds.add(data.clipId);
    if ('campaignId' in data) campaignIds.add(data.campaignId);
    if ('linkId' in data) linkIds.add(data.linkId);
  }
  type Whose = { campaignId: string; creatorId: string };
  const entries = await tables.rows<Whose & { clipId: string }>(
    'select clip_id as "clipId", campaign_id as "campaignId", creator_id as "creatorId" from entries where clip_id = any($1) order by clip_id, campaign_id',
    [...clipIds],
  );
  const links = await tables.rows<Whose & { linkId: string }>(
    'select link_id as "linkId", campaign_id as "campaignId", creator_id as "creatorId" from short_links where link_id = any($1)',
    [...linkIds],
  );
  for (const { campaignId } of [...entries, ...links]) campaignIds.add(campaignId);
  const campaigns = await tables.rows<{ id: string; brand: string }>(
    'select campaign_id as id, brand_id as brand from campaigns where campaign_id = any($1)',
    [...campaignIds],
  );
  const byClip = Map.groupBy(entries, ({ clipId }) => clipId);
  const byLink = new Map(links.map((link) => [link.linkId, link]));
  const brands = new Map(campaigns.map(({ id, brand }) => [id, brand]));
  return {
    brandOf: (campaignId) => brands.get(campaignId) ?? null,
    entriesOf: (clipId) => byClip.get(clipId) ?? [],
    linkOf: (linkId) => byLink.get(linkId) ?? null,
  };
}
