import type { AnyEvent } from '@cliptally/contracts';

/**
 * Columns of an event as numbers and texts that need no further parsing but the JSON; `eventOf`
 * reads them by their order.
 */
export const EVENT_COLUMNS = `position::float8, stream, revision, id::text, type, version, round(date_part('epoch', time) * 1000) as time,
  correlation_id, causation_id, data`;

/**
 * Asked for as an array: by names, the rows would cost more than the events made of them. `data` is
 * null if an archive has it.
 */
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
    time: isoOf(row[6]),
    correlationId: row[7],
    causationId: row[8],
    data: row[9],
  } as AnyEvent;
}

/**
 * The newest second that was asked for, as far as its milliseconds: `toISOString` for each event
 * takes a seventh of the reading.
 */
let second = NaN;
let text = '';

function isoOf(instant: number): string {
  const asked = Math.floor(instant / 1000);
  if (asked !== second) [second, text] = [asked, new Date(asked * 1000).toISOString().slice(0, -4)];
  return `${text}${String(instant - asked * 1000).padStart(3, '0')}Z`;
}
