import {
  failed,
  type Scrape,
  type ScrapeResult,
} from '../../../services/scraper/src/domain/scrape.js';
import { count } from '../../../services/scraper/src/domain/row.js';
import { getJson } from '../../../services/scraper/src/sources/get-json.js';
import { OfficialApi, type Collected } from '../../../services/scraper/src/sources/source.js';
import { describeSource } from '../../../services/scraper/src/testing/source-contract.js';

/** `GET /counts?ids=...`: views of TikTok clips by their ids, for $0.0001 a clip. */
class CountsApi extends OfficialApi {
  readonly name = 'counts-api';
  readonly platform = 'tiktok';
  readonly perMinute = 60;

  constructor(
    private readonly key: string,
    private readonly baseUrl: string,
  ) {
    super();
  }

  expectedCostMicroUsd(clips: number): number {
    return clips * 100;
  }

  async collect(_run: string, scrapes: readonly Scrape[], signal: AbortSignal): Promise<Collected> {
    const url = new URL('/counts', this.baseUrl);
    const ids = [...new Set(scrapes.map(({ videoId }) => videoId))];
    url.searchParams.set('ids', ids.join(','));
    const headers = { 'x-api-key': this.key };
    // Without `counts` the answer says nothing of any clip: a fault of the whole call.
    const judge = (answer: { counts?: Record<string, unknown>; error?: string } | null) => ({
      whole: typeof answer?.counts === 'object' && answer.counts !== null,
      reason: answer?.error,
      spent: answer?.error === 'quota',
    });
    const { counts } = await getJson('Counts', url, headers, signal, judge);
    return {
      results: scrapes.map(({ videoId }) => resultOf(counts![videoId])),
      silent: false,
      status: 'succeeded',
      costMicroUsd: this.expectedCostMicroUsd(ids.length),
    };
  }
}

function resultOf(value: unknown): ScrapeResult {
  if (value === undefined) return failed('not_found', 'absent from the answer');
  const views = count(value);
  if (views === undefined) return failed('no_view_field', 'its count is no whole number');
  return { kind: 'observed', figures: { views, metric: 'viewCount' } };
}

describeSource({
  name: 'the recipe of a source',
  platform: 'tiktok',
  open: ({ url, secret }) => new CountsApi(secret, url),
  answer: ({ url }, viewsOf) => {
    const ids = url.searchParams.get('ids')!.split(',');
    const known = ids.filter((id) => viewsOf(id) !== null);
    return { counts: Object.fromEntries(known.map((id) => [id, viewsOf(id)])) };
  },
});
