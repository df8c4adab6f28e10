import { checksOf, mergedChecks } from '@cliptally/contracts';
import type { ScrapeRequest } from '../commands/commands.js';
import type { Tables } from '../queries/tables.js';
import { isRetired } from '../domain/clip-restoration.js';
import { conflict, notFound } from './problem.js';

/** What a scrape of the clip is requested with; refuses if no campaign has a use for one. */
export async function scrapeRequestFor(
  tables: Tables,
  clipId: string,
): Promise<Omit<ScrapeRequest, 'requestId'>> {
  const { clip, all, terms } = await tables.snapshot(async (snapshot) => {
    const all = await snapshot.entriesOf(clipId);
    const terms = await snapshot.termsOf(all.map(({ campaignId }) => campaignId));
    return { clip: (await snapshot.clipRows([clipId]))[0], all, terms };
  });
  if (!clip || all.length === 0) throw notFound(`There is no clip "${clipId}".`);
  const entries = all.filter(({ status }) => status === 'APPROVED');
  if (entries.length === 0)
    throw conflict(
      'clip_state',
      `The clip "${clipId}" is approved in no campaign: there is nothing to scrape it for.`,
    );
  const retired = entries.find((entry) => entry.retired)?.retired;
  if (retired) throw isRetired(clipId, retired);
  const checks = mergedChecks(
    entries.flatMap(({ campaignId }) => checksOf(terms.get(campaignId)!) ?? []),
  );
  return {
    clipId,
    platform: clip.platform,
    url: clip.url,
    campaignIds: entries.map(({ campaignId }) => campaignId),
    ...(checks && { checks }),
  };
}
