import { Controller, Get, Inject, Post } from '@nestjs/common';
import { EntityId } from '@cliptally/contracts';
import { ErasureAnswer, NewErasure, PersonalDataAnswer } from '@cliptally/contracts/api';
import type { EventStore } from '@cliptally/event-store';
import type { z } from 'zod';
import { Commands } from '../commands/commands.js';
import { Eraser } from '../erasure/eraser.js';
import { eventsOf, textsInClear, type DataPlace } from '../erasure/events-of.js';
import { erasedAt } from '../queries/erasures.js';
import { Tables } from '../queries/tables.js';
import { requireSelf } from './auth/ownership.js';
import { Ask, Operation, type Asked } from './operation.js';
import { pageOf, placeIn } from './paging.js';
import { notFound, Problem } from './problem.js';
import { DataQuery, type Nothing } from './schemas.js';
import { ERASER, STORE } from './tokens.js';

const LIST = 'data of a creator';

const isDataPlace = (place: unknown): place is DataPlace =>
  Array.isArray(place) &&
  place.length === 2 &&
  typeof place[0] === 'string' &&
  Number.isSafeInteger(place[1]);

/** What a person may ask of who keeps its data: to see them, and to have them erased. */
@Controller('creators')
export class ErasureController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(STORE) private readonly store: EventStore,
    @Inject(ERASER) private readonly eraser: Eraser | null,
  ) {}

  @Get(':id/data')
  @Operation({
    summary: 'Every event about a creator, with its texts, stream by stream',
    roles: ['admin', 'creator'],
    status: 200,
    query: DataQuery,
    answer: PersonalDataAnswer,
  })
  async data(@Ask() { caller, params, query }: Asked<Nothing, DataQuery>) {
    const creatorId = params['id']!;
    requireSelf(caller, { creatorId }, `The data of "${creatorId}"`);
    const { limit, cursor } = query;
    const found: { event: object; place: DataPlace }[] = [];
    const after = placeIn(cursor, isDataPlace, LIST) ?? undefined;
    for await (const one of eventsOf(this.store, this.tables, creatorId, after)) {
      found.push(one);
      if (found.length > limit) break;
    }
    const { rows, next } = pageOf(found, limit, ({ place }) => place, LIST);
    return { items: rows.map(({ event }) => event), next };
  }

  @Post(':id/erase')
  @Operation({
    summary:
      'Destroy the keys of what was said by and about a creator; sums stay. It cannot be undone',
    roles: ['admin'],
    status: 200,
    body: NewErasure,
    answer: ErasureAnswer,
    refusals: ['payout_under_way', 'money_due', 'texts_in_clear', 'sealing_off'],
  })
  async erase(@Ask() { caller, params, body, commandId }: Asked<z.output<typeof NewErasure>>) {
    const creatorId = params['id']!;
    if (!EntityId.safeParse(creatorId).success)
      throw notFound(`There is no creator "${creatorId}".`);
    if (!this.eraser)
      throw new Problem(
        409,
        'sealing_off',
        'Personal texts are not sealed here, so that no key can be destroyed: the operator sets PERSONAL_DATA_KEYS.',
      );
    const { visible } = await this.commands.erase(
      commandId,
      creatorId,
      { ...body, by: caller.subject },
      () => textsInClear(this.store, this.tables, creatorId),
    );
    // Else the service itself ends it, within a minute.
    if (visible) await this.eraser.erase();
    return { creatorId, erasedAt: await erasedAt(this.tables, creatorId) };
  }
}
