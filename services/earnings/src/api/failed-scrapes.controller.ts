import { Controller, Get, Inject, Post } from '@nestjs/common';
import { derivedId, type Platform, type ScrapeFailure } from '@cliptally/contracts';
import { Commands, type LookRequest } from '../commands.js';
import { Tables, type FailedScrapeRow } from '../queries.js';
import { FailedLooksAnswer, LookAnswer, LooksAgainAnswer } from '@cliptally/contracts/api';
import { lookAt } from './look.js';
import { Ask, Operation, type Asked } from './operation.js';
import { isText, pageOf, placeIn } from './paging.js';
import { badRequest, notFound, refusalOf } from './problem.js';
import { FailedLooksQuery, LooksAgain } from './schemas.js';
import { failedScrapeView } from './views.js';

// A type, as what a request brings is cast to it.
type Which = {
  limit: number;
  cursor?: string;
  platform?: Platform;
  reason?: ScrapeFailure;
};

/**
 * Looks that brought no count, and how a person sends them again. A failed look is sent again once,
 * however often that is asked for.
 */
@Controller('failed-scrapes')
export class FailedScrapesController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
  ) {}

  @Get()
  @Operation({
    summary: 'Clips whose newest look failed',
    roles: ['admin'],
    status: 200,
    query: FailedLooksQuery,
    answer: FailedLooksAnswer,
  })
  async failed(@Ask() { query }: Asked) {
    const { rows, next } = await this.#page(query as Which);
    return { items: rows.map(failedScrapeView), next };
  }

  @Post('retry')
  @Operation({
    summary:
      'Look again at some clips whose look failed, or, page by page, at all whose look may bring a count next time',
    roles: ['admin'],
    status: 202,
    body: LooksAgain,
    answer: LooksAgainAnswer,
  })
  async retryMany(@Ask() { body, commandId }: Asked) {
    const { ids, ...which } = body as { ids?: string[] } & Which;
    if (ids && (which.platform ?? which.reason ?? which.cursor) !== undefined)
      throw badRequest('Name failed looks by their ids, or by platform and reason, not by both.', [
        { field: 'ids', message: 'stands alone' },
      ]);
    // What is gone stays gone, unless somebody says that it shall be looked at all the same.
    const retryable = ids || which.reason ? undefined : true;
    const { rows, next } = ids
      ? { rows: await this.tables.failedScrapes({ ids }), next: null }
      : await this.#page({ ...which, retryable });
    const unknown = (ids ?? []).filter((id) => !rows.some((row) => row.request_id === id));
    const asked = await Promise.all(rows.map((row) => this.#again(row)));
    const looks = asked.flatMap((one) => ('look' in one ? [one.look] : []));
    await this.commands.track(commandId, looks);
    const items = [
      ...asked.map((one) =>
        'look' in one
          ? { id: one.id, requestId: one.look.requestId, code: null, detail: null }
          : one,
      ),
      ...unknown.map((id) => ({ id, requestId: null, code: 'not_found', detail: unknownLook(id) })),
    ];
    return { items, next };
  }

  @Post(':id/retry')
  @Operation({
    summary: 'Look again at a clip whose look failed',
    roles: ['admin'],
    status: 202,
    answer: LookAnswer,
    refusals: ['clip_state', 'clip_retired'],
  })
  async retry(@Ask() { params, commandId }: Asked) {
    const [row] = await this.tables.failedScrapes({ ids: [params['id']!] });
    if (!row) throw notFound(unknownLook(params['id']!));
    const look = { ...(await lookAt(this.tables, row.clip_id)), requestId: againId(row) };
    await this.commands.track(commandId, [look]);
    return { requestId: look.requestId };
  }

  async #page({ limit, cursor, ...which }: Which & { retryable?: boolean | undefined }) {
    const rows = await this.tables.failedScrapes({
      ...which,
      after: placeIn(cursor, isText, 'failed-scrapes'),
      limit: limit + 1,
    });
    return pageOf(rows, limit, (row) => row.clip_id, 'failed-scrapes');
  }

  async #again(row: FailedScrapeRow): Promise<{ id: string; look: LookRequest } | Refusal> {
    const id = row.request_id;
    try {
      return { id, look: { ...(await lookAt(this.tables, row.clip_id)), requestId: againId(row) } };
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

/**
 * It follows from the look that failed: who asks twice, asks for one look, which is bought once.
 * When that fails too, it is another.
 */
const againId = (row: FailedScrapeRow): string => derivedId('look again', row.request_id);

const unknownLook = (id: string): string =>
  `There is no failed look "${id}": its clip has been looked at again since.`;
