import { failed, observed, type Scrape, type ScrapeResult } from '../domain/scrape.js';
import { shownAs } from '../domain/observation-plausibility.js';
import { instantOf } from '../domain/row.js';
import { getJson } from './get-json.js';
import { OfficialApi, type Collected } from './source.js';

interface Item {
  id: string;
  snippet?: { publishedAt?: string; liveBroadcastContent?: string };
  statistics?: { viewCount?: string; likeCount?: string; commentCount?: string };
}

interface Answer {
  items?: Item[];
  error?: { errors?: { reason?: string }[] };
}

/**
 * The reasons that stand for a day's units being used up; a new day begins at midnight Pacific
 * time.
 */
const SPENT: readonly unknown[] = ['quotaExceeded', 'dailyLimitExceeded'];
/** Too many calls in a short time, which Google says with 403 as well. */
const BUSY: readonly unknown[] = ['rateLimitExceeded', 'userRateLimitExceeded'];

const number = (text: unknown): number | undefined =>
  typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/**
 * `videos.list` of the YouTube Data API v3: 50 ids for one unit of a free daily account. Nothing is
 * started that could be found again: a repeated call costs a unit and no money.
 */
export class YouTubeDataApi extends OfficialApi {
  readonly name = 'youtube-data-api';
  readonly platform = 'youtube';
  readonly perMinute: number;
  readonly #key: string;
  readonly #baseUrl: string;

  constructor({
    apiKey,
    baseUrl = 'https://www.googleapis.com',
    perMinute = 300,
  }: {
    apiKey: string;
    baseUrl?: string | undefined;
    perMinute?: number;
  }) {
    super();
    this.#key = apiKey;
    this.#baseUrl = baseUrl;
    this.perMinute = perMinute;
  }

  expectedCostMicroUsd(): number {
    return 0;
  }

  async collect(_run: string, scrapes: readonly Scrape[], signal: AbortSignal): Promise<Collected> {
    const url = new URL('/youtube/v3/videos', this.#baseUrl);
    const ids = [...new Set(scrapes.map(({ videoId }) => videoId))];
    url.search = new URLSearchParams({ part: 'statistics,snippet', id: ids.join(',') }).toString();
    // The key travels in a header: addresses end up in logs.
    const body = await getJson(
      'YouTube',
      url,
      { 'x-goog-api-key': this.#key },
      signal,
      (answer: Answer | null) => {
        const reason = answer?.error?.errors?.[0]?.reason;
        return {
          whole: Array.isArray(answer?.items),
          reason,
          spent: SPENT.includes(reason),
          busy: BUSY.includes(reason),
        };
      },
    );
    const items = new Map(body.items!.map((item) => [item?.id, item]));
    return {
      results: scrapes.map(({ videoId }) => resultOf(items.get(videoId))),
      silent: false,
      status: 'succeeded',
      costMicroUsd: 0,
    };
  }
}

/** An id that is absent from a healthy answer is gone, or was never there. */
function resultOf(item: Item | undefined): ScrapeResult {
  if (!item) return failed('not_found', 'absent from videos.list');
  const views = number(item.statistics?.viewCount);
  if (views === undefined) return failed('no_view_field', 'no statistics.viewCount');
  const [likes, comments] = [
    number(item.statistics?.likeCount),
    number(item.statistics?.commentCount),
  ];
  const postedAt = instantOf(item.snippet?.publishedAt);
  const figures = {
    views,
    metric: 'viewCount',
    ...(likes === undefined ? {} : { likes }),
    ...(comments === undefined ? {} : { comments }),
    ...(postedAt === undefined ? {} : { postedAt }),
  };
  return observed(figures, shownAs({ ...item.snippet }));
}
