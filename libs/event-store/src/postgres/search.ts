import { upcast, type AnyEvent, type EventType } from '@cliptally/contracts';
import type { Pool } from 'pg';
import { ArchiveReader } from '../archive/archive-reader.js';
import type { OpenTexts } from '../personal/seal.js';
import { EVENT_COLUMNS, eventOf, type EventRow } from './rows.js';

/** What events have to be like; what is left out may be anything. */
export interface LogFilter {
  types?: readonly EventType[] | undefined;
  stream?: string | undefined;
  /** Things that an event names, in its data or in a line of it. */
  campaignId?: string | undefined;
  clipId?: string | undefined;
  creatorId?: string | undefined;
  /** From the first instant on, and before the second. */
  from?: Date | undefined;
  to?: Date | undefined;
  /** Anywhere in the data, whatever the case. */
  text?: string | undefined;
}

export interface LogPage {
  /** In the order of the log. */
  events: AnyEvent[];
  /** Positions that were searched; more may lie beyond, also if `events` are few or none. */
  searched: { from: number; to: number };
  /** Whether all events on this side were searched. */
  complete: boolean;
}

/** An event of one correlation, without its data. */
export type LogNode = Pick<
  AnyEvent,
  'id' | 'type' | 'stream' | 'revision' | 'position' | 'time' | 'correlationId' | 'causationId'
>;

/** Rows that one search reads at most; data is read only if the filter asks for it. */
const MOST_ROWS = 200_000;
const MOST_ROWS_OF_DATA = 30_000;
/** Services' clocks differ: times do not grow with positions to the second. */
const CLOCKS_DIFFER_MS = 600_000;
const MOST_CAUSES = 20;

/**
 * Questions about the log in PostgreSQL that people have, each with bounded work: a range of
 * positions, by the primary key. The log has no index for them, which every append would pay for.
 */
export class LogSearch {
  readonly #pool: Pool;
  readonly #archive: ArchiveReader;
  readonly #open: OpenTexts;

  /** `pool` may read the tables of the log. Sealed texts are opened, and no search finds them. */
  constructor(pool: Pool, open: OpenTexts = async (value) => value) {
    this.#pool = pool;
    this.#open = open;
    this.#archive = new ArchiveReader(pool);
  }

  /** The newest events before a position, or the oldest after one. */
  async page(
    filter: LogFilter,
    place: { before: number } | { after: number },
    limit: number,
  ): Promise<LogPage> {
    const ends = await this.#ends();
    const [low, high] = await this.#within(filter, ends);
    const backwards = 'before' in place;
    const first = backwards ? low : Math.max(low, place.after + 1);
    const last = backwards ? Math.min(high, place.before - 1) : high;
    const most = needsData(filter) ? MOST_ROWS_OF_DATA : MOST_ROWS;
    const from = backwards && !filter.stream ? Math.max(first, last - most + 1) : first;
    const to = backwards || filter.stream ? last : Math.min(last, first + most - 1);
    const rows = from > to ? [] : await this.#rows(filter, from, to, backwards, limit);
    await this.#archive.fill(rows);
    const events = await this.#open(rows.map((row) => upcast(eventOf(row))));
    const full = rows.length === limit;
    if (backwards) {
      events.reverse();
      const searched = { from: full ? events[0]!.position : from, to };
      return { events, searched, complete: !full && from <= low };
    }
    const searched = { from, to: full ? events.at(-1)!.position : to };
    return { events, searched, complete: !full && to >= high };
  }

  /** Null if there is none. */
  async at(position: number): Promise<AnyEvent | null> {
    const rows = await this.#query('position = $1', [position]);
    return rows[0] ?? null;
  }

  /** Those that there are of these ids, in the order of the log. */
  async byIds(ids: readonly string[]): Promise<AnyEvent[]> {
    const known = ids.filter((id) => UUID.test(id));
    return known.length === 0 ? [] : this.#query('id = any($1::uuid[])', [known]);
  }

  /** What led to the event, nearest first: each event that the one before names as its cause. */
  async causesOf(event: AnyEvent): Promise<AnyEvent[]> {
    const causes: AnyEvent[] = [];
    const seen = new Set([event.id]);
    for (let at = event; causes.length < MOST_CAUSES;) {
      const [cause] = await this.byIds([at.causationId]);
      if (!cause || seen.has(cause.id)) break;
      seen.add(cause.id);
      causes.push(cause);
      at = cause;
    }
    return causes;
  }

  /**
   * Events near the event that have its correlation or name it as their cause, in the order of the
   * log. `more`: there are others within what was searched.
   */
  async related(
    { id, position, correlationId }: AnyEvent,
    { within, limit }: { within: number; limit: number },
  ): Promise<{ nodes: LogNode[]; searched: { from: number; to: number }; more: boolean }> {
    const { head } = await this.#ends();
    const [from, to] = [Math.max(1, position - within), Math.min(head, position + within)];
    const { rows } = await this.#pool.query<EventRow>({
      rowMode: 'array',
      text: `select ${EVENT_COLUMNS.replace(/,\s*data$/, ", '{}'::jsonb")} from events
             where position between $1 and $2 and (correlation_id = $3 or causation_id = $4)
             order by events.position limit $5`,
      values: [from, to, correlationId, id, limit + 1],
    });
    const nodes = rows.slice(0, limit).map((row): LogNode => {
      const { data: _, version: __, ...node } = eventOf(row);
      return node;
    });
    return { nodes, searched: { from, to }, more: rows.length > limit };
  }

  async #query(where: string, values: unknown[]): Promise<AnyEvent[]> {
    const { rows } = await this.#pool.query<EventRow>({
      rowMode: 'array',
      text: `select ${EVENT_COLUMNS} from events where ${where} order by events.position`,
      values,
    });
    await this.#archive.fill(rows);
    return this.#open(rows.map((row) => upcast(eventOf(row))));
  }

  async #rows(
    filter: LogFilter,
    from: number,
    to: number,
    backwards: boolean,
    limit: number,
  ): Promise<EventRow[]> {
    const values: unknown[] = [from, to, limit];
    const parts = conditionsOf(filter, (value) => `$${values.push(value)}`);
    // Of one stream, its own index has the order.
    const order = filter.stream ? 'revision' : 'events.position';
    const { rows } = await this.#pool.query<EventRow>({
      rowMode: 'array',
      text: `select ${EVENT_COLUMNS} from events where ${['position between $1 and $2', ...parts].join(' and ')}
             order by ${order} ${backwards ? 'desc' : 'asc'} limit $3`,
      values,
    });
    return rows;
  }

  async #ends(): Promise<{ head: number }> {
    const { rows } = await this.#pool.query<{ head: number }>(
      'select coalesce(max(position), 0)::float8 as head from events',
    );
    return rows[0]!;
  }

  /** Positions outside which no event can be of the time. */
  async #within({ from, to }: LogFilter, { head }: { head: number }): Promise<[number, number]> {
    const low = from ? await this.#positionAt(from.getTime() - CLOCKS_DIFFER_MS, head) : 1;
    const high = to ? await this.#positionAt(to.getTime() + CLOCKS_DIFFER_MS, head) : head;
    return [Math.max(1, low), Math.min(head, high)];
  }

  /** By halving: the first position that is not before the instant; `head` + 1 if none is. */
  async #positionAt(instant: number, head: number): Promise<number> {
    let [low, high] = [1, head + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { rows } = await this.#pool.query<{ time: Date }>(
        'select time from events where position = $1',
        [middle],
      );
      if (rows[0] && rows[0].time.getTime() < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const needsData = ({ campaignId, clipId, creatorId, text }: LogFilter): boolean =>
  [campaignId, clipId, creatorId, text].some((one) => one !== undefined);

/** `add` puts a value in and gives its name. */
function conditionsOf(filter: LogFilter, add: (value: unknown) => string): string[] {
  const { types, stream, from, to, text, campaignId, clipId, creatorId } = filter;
  const named = (field: string, id: string) =>
    `(data ->> '${field}' = ${add(id)} or data @> ${add(JSON.stringify({ lines: [{ [field]: id }] }))}::jsonb)`;
  return [
    types && `type = any(${add(types)})`,
    stream !== undefined && `stream = ${add(stream)}`,
    from && `time >= ${add(from)}`,
    to && `time < ${add(to)}`,
    campaignId !== undefined && `(data ->> 'campaignId' = ${add(campaignId)} or data -> 'campaignIds' ? ${add(campaignId)})`,
    clipId !== undefined && named('clipId', clipId),
    creatorId !== undefined && named('creatorId', creatorId),
    text !== undefined && `position(lower(${add(text)}) in lower(data::text)) > 0`,
  ].filter((part) => typeof part === 'string'); // prettier-ignore
}
