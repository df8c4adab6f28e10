import { failed, observed, type Scrape, type ScrapeResult } from '../domain/scrape.js';
import { shownAs } from '../domain/observation-plausibility.js';
import type { Post } from '../domain/post.js';
import { instantOf } from '../domain/row.js';
import { getJson } from './get-json.js';
import { OfficialApi, SourceFault, type Collected } from './source.js';

interface Item {
  id: string;
  snippet?: {
    publishedAt?: string;
    liveBroadcastContent?: string;
    channelId?: string;
    title?: string;
    description?: string;
  };
  statistics?: { viewCount?: string; likeCount?: string; commentCount?: string };
}

interface Channel {
  id: string;
  snippet?: { customUrl?: string; description?: string };
}

interface Answer<I> {
  items?: I[];
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
    const items = await this.#list<Item>(
      'videos',
      'statistics,snippet',
      scrapes.map(({ videoId }) => videoId),
      signal,
    );
    const asking = new Set(
      scrapes.flatMap(({ videoId, request }) =>
        request.checks?.account ? (items.get(videoId)?.snippet?.channelId ?? []) : [],
      ),
    );
    const channels = await this.#channels([...asking], signal);
    return {
      results: scrapes.map(({ videoId }) => resultOf(items.get(videoId), channels)),
      silent: false,
      status: 'succeeded',
      costMicroUsd: 0,
    };
  }

  /** They cost a unit more, and are only asked for if a request wants to know whose clip it is. */
  async #channels(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Channel>> {
    if (ids.length === 0) return new Map();
    // Without them the clips are seen all the same: their channels are unknown until later.
    return this.#list<Channel>('channels', 'snippet', ids, signal).catch((error: unknown) => {
      if (error instanceof SourceFault) return new Map<string, Channel>();
      throw error;
    });
  }

  async #list<I extends { id: string }>(
    what: 'videos' | 'channels',
    part: string,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<Map<string, I>> {
    const url = new URL(`/youtube/v3/${what}`, this.#baseUrl);
    url.search = new URLSearchParams({ part, id: [...new Set(ids)].join(',') }).toString();
    // The key travels in a header: addresses end up in logs.
    const headers = { 'x-goog-api-key': this.#key };
    const body = await getJson('YouTube', url, headers, signal, (answer: Answer<I> | null) => {
      const reason = answer?.error?.errors?.[0]?.reason;
      return {
        whole: Array.isArray(answer?.items),
        reason,
        spent: SPENT.includes(reason),
        busy: BUSY.includes(reason),
      };
    });
    return new Map(body.items!.map((item) => [item?.id, item]));
  }
}

/** An id that is absent from a healthy answer is gone, or was never there. */
function resultOf(item: Item | undefined, channels: ReadonlyMap<string, Channel>): ScrapeResult {
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
  return observed(figures, shownAs({ ...item.snippet }), postOf(item, channels));
}

function postOf({ snippet }: Item, channels: ReadonlyMap<string, Channel>): Post {
  const { channelId = null, title, description } = snippet ?? {};
  const channel = channelId === null ? undefined : channels.get(channelId)?.snippet;
  const handle = channel?.customUrl?.replace(/^@/, '') || null;
  return {
    account: channelId === null ? null : { handle, externalId: channelId },
    bio: channel?.description ?? null,
    caption:
      description === undefined ? null : { text: `${description}\n${title ?? ''}`, whole: true },
  };
}
