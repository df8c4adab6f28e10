import { failed, type Look, type LookResult } from '../domain/batch.js';
import { SourceFault, type Collected, type Source } from './source.js';

interface Item {
  id: string;
  snippet?: { publishedAt?: string };
  statistics?: { viewCount?: string; likeCount?: string; commentCount?: string };
}

const number = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined);

/**
 * `videos.list` of the YouTube Data API v3: 50 ids for one unit of a free daily quota. Nothing is started that could be found again: a
 * repeated call costs a unit and no money.
 */
export class YouTubeDataApi implements Source {
  readonly name = 'youtube-data-api';
  readonly platform = 'youtube';
  readonly maxBatch = 50;
  readonly #key: string;
  readonly #baseUrl: string;

  constructor({ apiKey, baseUrl = 'https://www.googleapis.com' }: { apiKey: string; baseUrl?: string }) {
    this.#key = apiKey;
    this.#baseUrl = baseUrl;
  }

  maxCostMicroUsd(): number {
    return 0;
  }
  async start(): Promise<string> {
    return 'videos.list';
  }
  async find(): Promise<string | null> {
    return null;
  }

  async collect(_run: string, looks: readonly Look[], signal: AbortSignal): Promise<Collected> {
    const url = new URL('/youtube/v3/videos', this.#baseUrl);
    url.search = new URLSearchParams({
      part: 'statistics,snippet',
      id: looks.map(({ videoId }) => videoId).join(','),
      maxResults: '50',
    }).toString();
    // The key travels in a header: addresses end up in logs.
    const response = await fetch(url, { headers: { 'x-goog-api-key': this.#key }, signal }).catch(
      (error: Error & { cause?: { code?: string } }) => {
        throw new SourceFault(`YouTube: ${error.message}`, { code: error.cause?.code }, { cause: error });
      },
    );
    const body = (await response.json().catch(() => null)) as { items?: Item[]; error?: { errors?: { reason?: string }[] } } | null;
    if (!response.ok || !body?.items) {
      const reason = body?.error?.errors?.[0]?.reason;
      const type = reason === 'quotaExceeded' || reason === 'dailyLimitExceeded' ? 'not-enough-usage-to-run-paid-actor' : reason;
      const status = response.ok ? 502 : response.status;
      throw new SourceFault(`YouTube answered ${response.status}${reason ? ` (${reason})` : ''}.`, {
        status,
        type,
        retryAfter: Number(response.headers.get('retry-after')) || undefined,
      });
    }
    const items = new Map(body.items.map((item) => [item.id, item]));
    return { results: looks.map(({ videoId }) => resultOf(items.get(videoId))), status: 'succeeded', costMicroUsd: 0 };
  }
}

/** An id that is absent from a healthy answer is gone, or was never there. */
function resultOf(item: Item | undefined): LookResult {
  if (!item) return failed('not_found', 'absent from videos.list');
  const views = number(item.statistics?.viewCount);
  if (views === undefined) return failed('no_view_field', 'no statistics.viewCount');
  const [likes, comments, posted] = [number(item.statistics?.likeCount), number(item.statistics?.commentCount), item.snippet?.publishedAt];
  return {
    kind: 'seen',
    figures: {
      views,
      // The same number as the actors' viewCount: a clip may change between the two.
      metric: 'viewCount',
      ...(likes === undefined ? {} : { likes }),
      ...(comments === undefined ? {} : { comments }),
      ...(posted && !Number.isNaN(Date.parse(posted)) ? { postedAt: new Date(posted).toISOString() } : {}),
    },
  };
}
