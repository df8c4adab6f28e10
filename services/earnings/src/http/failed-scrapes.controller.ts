import { Controller, Get, Inject, Post } from '@nestjs/common';
import { derivedId } from '@cliptally/contracts';
import { Commands, type ScrapeRequest } from '../commands/commands.js';
import { Tables } from '../queries/tables.js';
import type { FoundFailedScrape } from '../queries/found-rows.js';
import {
  ClipAnswer,
  FailedScrapesAnswer,
  ScrapeRequestAnswer,
  RetriedScrapesAnswer,
} from '@cliptally/contracts/api';
import { decideConfirmation } from '../domain/clip-restoration.js';
import { shownClip } from './clip-answers.js';
import { scrapeRequestFor } from './scrape-request.js';
import { Ask, Operation, type Asked } from './operation.js';
import { isText, pageOf, placeIn } from './paging.js';
import { badRequest, notFound, refusalOf } from './problem.js';
import { FailedScrapesQuery, Nothing, RetryScrapes } from './schemas.js';
import { failedScrapeView } from './views.js';

/** Failed scrapes, and how a person retries them: each once, however often that is asked for. */
@Controller('failed-scrapes')
export class FailedScrapesController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
  ) {}

  @Get()
  @Operation({
    summary: 'Clips whose newest scrape failed',
    roles: ['admin'],
    status: 200,
    query: FailedScrapesQuery,
    answer: FailedScrapesAnswer,
  })
  async failed(@Ask() { query }: Asked<Nothing, FailedScrapesQuery>) {
    const { rows, next } = await this.#page(query);
    return { items: rows.map(failedScrapeView), next };
  }

  @Post('retry')
  @Operation({
    summary: 'Retry failed scrapes by their ids, or, page by page, all that may succeed next time',
    roles: ['admin'],
    status: 202,
    body: RetryScrapes,
    answer: RetriedScrapesAnswer,
  })
  async retryMany(@Ask() { body, commandId }: Asked<RetryScrapes>) {
    const { ids, ...which } = body;
    if (ids && (which.platform ?? which.reason ?? which.cursor) !== undefined)
      throw badRequest(
        'Name failed scrapes by their ids, or by platform and reason, not by both.',
        [{ field: 'ids', message: 'stands alone' }],
      );
    // A clip that is gone is not scraped again, unless somebody names it or the reason.
    const retryable = ids || which.reason ? undefined : true;
    const { rows, next } = ids
      ? { rows: await this.tables.failedScrapes({ ids }), next: null }
      : await this.#page({ ...which, retryable });
    const unknown = (ids ?? []).filter((id) => !rows.some((row) => row.request_id === id));
    const asked = await Promise.all(rows.map((row) => this.#retry(row)));
    const scrapes = asked.flatMap((one) => ('scrape' in one ? [one.scrape] : []));
    await this.commands.track(commandId, scrapes);
    const items = [
      ...asked.map((one) =>
        'scrape' in one
          ? { id: one.id, requestId: one.scrape.requestId, code: null, detail: null }
          : one,
      ),
      ...unknown.map((id) => ({
        id,
        requestId: null,
        code: 'not_found',
        detail: unknownScrape(id),
      })),
    ];
    return { items, next };
  }

  @Post(':id/retry')
  @Operation({
    summary: 'Retry a failed scrape',
    roles: ['admin'],
    status: 202,
    answer: ScrapeRequestAnswer,
    refusals: ['clip_state', 'clip_retired'],
  })
  async retry(@Ask() { params, commandId }: Asked) {
    const [row] = await this.tables.failedScrapes({ ids: [params['id']!] });
    if (!row) throw notFound(unknownScrape(params['id']!));
    const scrape = await this.#retryOf(row);
    await this.commands.track(commandId, [scrape]);
    return { requestId: scrape.requestId };
  }

  @Post(':id/confirm')
  @Operation({
    summary: 'Confirm a figure that no rule could believe: it becomes an observation',
    roles: ['admin'],
    status: 200,
    body: Nothing,
    answer: ClipAnswer,
    refusals: ['no_figure'],
  })
  async confirm(@Ask() { caller, params, commandId }: Asked) {
    const id = params['id']!;
    const [failed] = await this.tables.failedScrapes({ ids: [id] });
    if (!failed) throw notFound(unknownScrape(id));
    const clipId = failed.clip_id;
    const done = await this.commands.clip(commandId, clipId, async (_, __, snapshot) => {
      const [row] = await snapshot.failedScrapes({ ids: [id] });
      if (!row) throw notFound(unknownScrape(id));
      const { platform, request_id: requestId, reason, source, figure } = row;
      return decideConfirmation(
        { clipId, platform, requestId, reason, source, figure },
        { by: caller.subject, as: derivedId('confirmed', requestId) },
      );
    });
    return shownClip(this.tables, clipId, done, 200, caller);
  }

  async #page({
    limit,
    cursor,
    ...which
  }: FailedScrapesQuery & { retryable?: boolean | undefined }) {
    const rows = await this.tables.failedScrapes({
      ...which,
      after: placeIn(cursor, isText, 'failed-scrapes'),
      limit: limit + 1,
    });
    return pageOf(rows, limit, (row) => row.clip_id, 'failed-scrapes');
  }

  /**
   * Its id follows from the scrape that failed: who asks twice, asks for one. If that fails too, it
   * is another.
   */
  async #retryOf(row: FoundFailedScrape): Promise<ScrapeRequest> {
    const scrape = await scrapeRequestFor(this.tables, row.clip_id);
    return { ...scrape, requestId: derivedId('look again', row.request_id) };
  }

  async #retry(row: FoundFailedScrape): Promise<{ id: string; scrape: ScrapeRequest } | Refusal> {
    const id = row.request_id;
    try {
      return { id, scrape: await this.#retryOf(row) };
    } catch (error) {
      const problem = refusalOf(error);
      if (!problem) throw error;
      return { id, requestId: null, code: problem.code, detail: problem.message };
    }
  }
}

interface Refusal {
  id: string;
  requestId: null;
  code: string;
  detail: string;
}

const unknownScrape = (id: string): string =>
  `There is no failed scrape "${id}": its clip has been scraped again since.`;
