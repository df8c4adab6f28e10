import { Controller, Get, Inject } from '@nestjs/common';
import type { AnyEvent } from '@cliptally/contracts';
import { EventTraceAnswer, EventsAnswer } from '@cliptally/contracts/api';
import { LogSearch } from '@cliptally/event-store';
import { Ask, Operation, type Asked } from './operation.js';
import { cursorOf, isPosition, placeIn } from './paging.js';
import { Problem, badRequest, notFound } from './problem.js';
import { EventsQuery, type Nothing } from './schemas.js';
import { LOG_SEARCH } from './tokens.js';

const OLDER = 'events before';
const NEWER = 'events after';
/** Positions on each side of an event in which what it belongs to is searched. */
const NEAR = 20_000;
const MOST_RELATED = 500;

/** The log as people read it: found, and with its causes and consequences. */
@Controller('events')
export class EventsController {
  constructor(@Inject(LOG_SEARCH) private readonly search: LogSearch | null) {}

  @Get()
  @Operation({
    summary:
      'Find events, newest first; a search reads a part of the log, and its cursors lead on in both directions',
    roles: ['admin'],
    status: 200,
    query: EventsQuery,
    answer: EventsAnswer,
    refusals: ['log_elsewhere'],
  })
  async list(@Ask() { query }: Asked<Nothing, EventsQuery>): Promise<EventsAnswer> {
    const { limit, cursor, position, types, from, to, ...filter } = query;
    const place = placeOf(cursor, position);
    const page = await this.#log().page(
      {
        ...filter,
        types,
        from: from ? new Date(from) : undefined,
        to: to ? new Date(to) : undefined,
      },
      place,
      limit,
    );
    const { events, searched, complete } = page;
    const backwards = 'before' in place;
    // On the side that was searched there may be more; on the other one there is where it began.
    const older = backwards ? (complete ? null : searched.from) : searched.from;
    const newer = backwards ? place.before - 1 : complete ? null : searched.to;
    return {
      items: events.toReversed(),
      next: older === null || older <= 1 ? null : cursorOf(older, OLDER),
      previous: newer === null || newer >= Number.MAX_SAFE_INTEGER - 1 ? null : cursorOf(newer, NEWER), // prettier-ignore
      searched,
    };
  }

  @Get(':position')
  @Operation({
    summary: 'Show an event with its causes, and what else has its correlation',
    roles: ['admin'],
    status: 200,
    answer: EventTraceAnswer,
    refusals: ['log_elsewhere'],
  })
  async show(@Ask() { params }: Asked): Promise<EventTraceAnswer> {
    const log = this.#log();
    const position = positionIn(params);
    const event = await log.at(position);
    if (!event) throw notFound(`There is no event at position ${position}.`);
    const causes = await log.causesOf(event);
    const { nodes, searched, more } = await log.related(event, { within: NEAR, limit: MOST_RELATED }); // prettier-ignore
    return { event, causes, related: nodes, consequences: consequencesOf(event, nodes), searched, more }; // prettier-ignore
  }

  #log(): LogSearch {
    if (this.search) return this.search;
    throw new Problem(
      409,
      'log_elsewhere',
      'The log of this installation is in KurrentDB: its own browser searches events there.',
    );
  }
}

export function positionIn(params: Record<string, string>): number {
  const text = params['position']!;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badRequest('"position" in the address must be a position of the log: a whole number.', [
    { field: 'position', message: 'must be a whole number' },
  ]);
}

function placeOf(
  cursor: string | undefined,
  position: number | undefined,
): { before: number } | { after: number } {
  // prettier-ignore
  if (cursor === undefined) return { before: position === undefined ? Number.MAX_SAFE_INTEGER : position + 1 }; // prettier-ignore
  try {
    return { after: placeIn(cursor, isPosition, NEWER)! };
  } catch {
    return { before: placeIn(cursor, isPosition, OLDER)! };
  }
}

/** Those that name it as their cause, and those that name these. They come after it. */
function consequencesOf(
  event: AnyEvent,
  nodes: readonly Pick<AnyEvent, 'id' | 'causationId' | 'position'>[],
): string[] {
  // prettier-ignore
  const found = new Set([event.id]);
  for (const { id, causationId, position } of nodes)
    if (position > event.position && found.has(causationId)) found.add(id);
  found.delete(event.id);
  return [...found];
}
