import { videoIdFrom, type Platform } from '@cliptally/contracts';
import { ACTORS, type Actor } from '../domain/actors.js';
import type { Scrape, ScrapeResult } from '../domain/scrape.js';

export type Row = Record<string, unknown>;
export const actorOf = (platform: Platform): Actor =>
  ACTORS.find((actor) => actor.platform === platform)!;

export function scrapeOf(platform: Platform, url: string, metric: string | null = null): Scrape {
  const videoId = videoIdFrom(platform, url)!;
  const request = {
    requestId: videoId,
    runId: 'r',
    clipId: `${platform}-${videoId}`,
    platform,
    url,
    score: 1,
    campaignIds: ['c'],
  };
  return { request, videoId, metric, correlationId: 't' };
}
export const classOf = (result: ScrapeResult) =>
  result.kind === 'observed' ? (result.figures.roundedTo ? 'rounded' : 'ok') : result.reason;
