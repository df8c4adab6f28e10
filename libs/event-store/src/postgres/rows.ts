import type { AnyEvent } from '@cliptally/contracts';

/** Columns of an event as numbers and texts that need no further parsing but the JSON; `eventOf` reads them by their places. */
export const EVENT_COLUMNS = `position::float8, stream, revision, id::text, type, version, round(date_part('epoch', time) * 1000) as time,
  correlation_id, causation_id, data`;

/** Asked for as an array: by names, the rows would cost more than the events made of them. `data` is null where an archive has it. */
export type EventRow = [
  position: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  version: number,
  time: number,
  correlationId: string,
  causationId: string,
  data: unknown,
];

/** The event as it was written. */
export function eventOf(row: EventRow): AnyEvent {
  return {
    id: row[3],
    type: row[4],
    version: row[5],
    stream: row[1],
    revision: row[2],
    position: row[0],
    time: new Date(row[6]).toISOString(),
    correlationId: row[7],
    causationId: row[8],
    data: row[9],
  } as AnyEvent;
}
