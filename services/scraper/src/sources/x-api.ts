import type { Clock } from '@cliptally/contracts';
import { failed, observed, type Scrape, type ScrapeResult } from '../domain/scrape.js';
import { shownAs } from '../domain/observation-plausibility.js';
import type { Post as SeenPost } from '../domain/post.js';
import { count, instantOf } from '../domain/row.js';
import { getJson } from './get-json.js';
import { OfficialApi, type Collected } from './source.js';

interface Post {
  id: string;
  created_at?: string;
  text?: string;
  author_id?: string;
  public_metrics?: {
    impression_count?: unknown;
    like_count?: unknown;
    reply_count?: unknown;
    retweet_count?: unknown;
  };
}
interface Refusal {
  resource_id?: string;
  value?: string;
  type?: string;
  title?: string;
}

interface Answer {
  data?: Post[];
  errors?: Refusal[];
  type?: string;
  title?: string;
}

/**
 * Which posts were read, and paid for, on a UTC day. Gives those that were not, and remembers them.
 */
export type FirstReads = (day: string, postIds: readonly string[]) => Promise<string[]>;

export interface XApiOptions {
  token: string;
  clock: Clock;
  firstReads: FirstReads;
  baseUrl?: string | undefined;
  perMinute?: number;
  /** Price of a post's first read in a UTC day. */
  postMicroUsd?: number;
}

/**
 * `GET /2/tweets` of the X API v2: 100 posts a call, each paid once in a UTC day. A call is
 * repeated, not found again: repeats are free.
 */
export class XApi extends OfficialApi {
  readonly name = 'x-api';
  readonly platform = 'x';
  readonly perMinute: number;
  readonly #options: XApiOptions;
  readonly #postMicroUsd: number;

  constructor(options: XApiOptions) {
    super();
    this.#options = options;
    // 300 calls in 15 minutes.
    this.perMinute = options.perMinute ?? 20;
    this.#postMicroUsd = options.postMicroUsd ?? 5_000;
  }

  expectedCostMicroUsd(scrapes: number): number {
    return scrapes * this.#postMicroUsd;
  }

  async collect(_run: string, scrapes: readonly Scrape[], signal: AbortSignal): Promise<Collected> {
    const { token, clock, firstReads, baseUrl = 'https://api.x.com' } = this.#options;
    const url = new URL('/2/tweets', baseUrl);
    const ids = [...new Set(scrapes.map(({ videoId }) => videoId))];
    url.search = new URLSearchParams({
      ids: ids.join(','),
      'tweet.fields': 'public_metrics,created_at,author_id',
    }).toString();
    const body = await getJson(
      'X',
      url,
      { authorization: `Bearer ${token}` },
      signal,
      (answer: Answer | null) => ({
        whole: Array.isArray(answer?.data) || Array.isArray(answer?.errors),
        reason: answer?.title,
        spent: /\/(usage-capped|credits-depleted)$/.test(answer?.type ?? ''),
      }),
    );
    const posts = new Map((body.data ?? []).map((post) => [post.id, post]));
    const refusals = new Map(
      (body.errors ?? []).map((error) => [error.resource_id ?? error.value, error]),
    );
    const paid = await firstReads(clock.now().toISOString().slice(0, 10), [...posts.keys()]);
    return {
      results: scrapes.map(({ videoId }) => resultOf(posts.get(videoId), refusals.get(videoId))),
      silent: false,
      status: 'succeeded',
      costMicroUsd: paid.length * this.#postMicroUsd,
    };
  }
}

function resultOf(post: Post | undefined, refusal: Refusal | undefined): ScrapeResult {
  if (!post) {
    if (refusal?.type?.endsWith('/resource-not-found'))
      return failed('not_found', refusal.title ?? 'not found');
    if (refusal?.type?.endsWith('/not-authorized-for-resource'))
      return failed('private', refusal.title ?? 'not authorized');
    return failed('missing', refusal?.title ?? 'absent from the answer');
  }
  const metrics = post.public_metrics ?? {};
  const views = count(metrics.impression_count);
  if (views === undefined) return failed('no_view_field', 'no public_metrics.impression_count');
  const [likes, comments, shares] = [
    count(metrics.like_count),
    count(metrics.reply_count),
    count(metrics.retweet_count),
  ];
  const postedAt = instantOf(post.created_at);
  const figures = {
    views,
    metric: 'viewCount',
    ...(likes === undefined ? {} : { likes }),
    ...(comments === undefined ? {} : { comments }),
    ...(shares === undefined ? {} : { shares }),
    ...(postedAt === undefined ? {} : { postedAt }),
  };
  // Its views are those of the post that it repeats, and the API gives 0.
  const repeats = views === 0 && /^RT @\w+: /.test(post.text ?? '');
  return observed(figures, repeats ? 'repost' : shownAs({ ...post }), postOf(post));
}

/** Users are paid for each: their handles and bios are the actors' business. */
const postOf = ({ author_id: externalId, text }: Post): SeenPost => ({
  account: externalId ? { handle: null, externalId } : null,
  bio: null,
  caption: text === undefined ? null : { text, whole: true },
});
