import type { AnyEvent } from '@cliptally/contracts';

/** Columns of an event as numbers and texts that need no further parsing but the JSON. */
export const EVENT_COLUMNS = `position::float8, stream, revision, id::text, type, version, (extract(epoch from time) * 1000)::float8 as time,
  correlation_id, causation_id, data`;

export interface EventRow {
  position: number;
  stream: string;
  revision: number;
  id: string;
  type: string;
  version: number;
  time: number;
  correlation_id: string;
  causation_id: string;
  data: unknown;
}

/** The event as it was written. */
export function eventOf(row: EventRow): AnyEvent {
  return {
    id: row.id,
    type: row.type,
    version: row.version,
    stream: row.stream,
    revision: row.revision,
    position: row.position,
    time: new Date(row.time).toISOString(),
    correlationId: row.correlation_id,
    causationId: row.causation_id,
    data: row.data,
  } as AnyEvent;
}
