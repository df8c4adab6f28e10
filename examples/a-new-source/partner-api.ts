/**
 * A source: a partner gives statistics of TikTok clips by `GET /statistics?ids=1,2`, for $0.0002 a
 * clip. It answers in the call itself, so `OfficialApi` has the rest of what a source needs.
 */
import { OfficialApi, failed, getJson } from '@cliptally/scraper';
import type { Collected, Scrape, ScrapeResult } from '@cliptally/scraper';

interface Answer {
  items?: Record<string, { plays?: unknown; likes?: unknown }>;
  error?: string;
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

export class PartnerApi extends OfficialApi {
  readonly name = 'partner-api';
  readonly platform = 'tiktok';
  /** Calls a minute, by all scrapers together. */
  readonly perMinute = 60;
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    super();
    this.#url = url;
    this.#key = key;
  }

  /** Millionths of a US dollar. */
  expectedCostMicroUsd(clips: number): number {
    return clips * 200;
  }

  async collect(_run: string, scrapes: readonly Scrape[], signal: AbortSignal): Promise<Collected> {
    const url = new URL('/statistics', this.#url);
    // A batch may hold a clip twice.
    const ids = [...new Set(scrapes.map(({ videoId }) => videoId))];
    url.searchParams.set('ids', ids.join(','));
    // Without `items` the answer says nothing of any clip: getJson throws a SourceFault, and the
    // scraper asks the next source, or asks again later. `spent`: it is of no use to ask again.
    const { items } = await getJson<Answer>(
      'The partner',
      url,
      { authorization: `Bearer ${this.#key}` }, // Never in the address, which ends up in logs.
      signal,
      (answer) => ({
        whole: typeof answer?.items === 'object' && answer.items !== null,
        reason: answer?.error,
        spent: answer?.error === 'credit_used_up',
      }),
    );
    return {
      results: scrapes.map(({ videoId }) => resultOf(items![videoId])),
      silent: false,
      status: 'succeeded',
      costMicroUsd: this.expectedCostMicroUsd(ids.length),
    };
  }
}

/** One result for each scrape. A count that is absent is unknown, and never zero. */
function resultOf(item: { plays?: unknown; likes?: unknown } | undefined): ScrapeResult {
  if (item === undefined) return failed('not_found', 'the partner does not know it');
  const { plays, likes } = item;
  if (!isCount(plays)) return failed('no_view_field', 'plays is no whole number');
  const figures = { views: plays as number, metric: 'viewCount' };
  return { kind: 'observed', figures: isCount(likes) ? { ...figures, likes: likes as number } : figures }; // prettier-ignore
}
