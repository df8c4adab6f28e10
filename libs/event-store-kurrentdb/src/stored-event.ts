import { CATEGORIES, type AnyEvent, type EventType, type NewEvent } from '@cliptally/contracts';
import {
  eventTypeFilter,
  jsonEvent,
  streamNameFilter,
  type FilterOptions,
  type JSONEventData,
  type Position,
} from '@kurrent/kurrentdb-client';
import type { ReadAllOptions } from '@cliptally/event-store';
import type { Recorded } from './connection.js';

/**
 * What KurrentDB keeps beside type and data. Sessions of appends take texts only; the names with $
 * are KurrentDB's own.
 */
interface Metadata {
  version: string;
  time: string;
  $correlationId: string;
  $causationId: string;
}

type Proposed = JSONEventData<{
  type: string;
  data: Record<string, unknown>;
  metadata: Metadata & Record<string, unknown>;
}>;

export function proposedOf({
  id,
  type,
  version,
  time,
  correlationId,
  causationId,
  data,
}: NewEvent): Proposed {
  const metadata = {
    version: String(version),
    time,
    $correlationId: correlationId,
    $causationId: causationId,
  };
  return jsonEvent({ id, type, data, metadata });
}

/**
 * Bytes that the server counts for an event, and a little more: its data, its metadata as a
 * protobuf Struct, its type.
 */
export function sizeOf({ type, correlationId, causationId }: NewEvent, data: string): number {
  return (
    Buffer.byteLength(data) +
    Buffer.byteLength(type) +
    Buffer.byteLength(correlationId) +
    Buffer.byteLength(causationId) +
    128
  );
}

/** The event as it was written. */
export function eventOf(recorded: Recorded): AnyEvent {
  const { id, type, streamId, revision, data, isJson } = recorded;
  const metadata = recorded.metadata as Partial<Metadata> | undefined;
  if (!isJson || metadata?.version === undefined)
    throw new Error(
      `The event ${type} ${id} of the stream "${streamId}" was not written by Cliptally. Streams named ${CATEGORIES.join('-, ')}- belong to it alone: give it a KurrentDB of its own, or rename the other streams.`,
    );
  return {
    id,
    type,
    version: Number(metadata.version),
    stream: streamId,
    revision: Number(revision),
    position: positionOf(recorded),
    time: metadata.time,
    correlationId: metadata.$correlationId,
    causationId: metadata.$causationId,
    data,
  } as unknown as AnyEvent;
}

/**
 * The commit position, which for every event that a session writes is also its prepare position.
 */
export function positionOf({ id, position }: Recorded): number {
  const commit = Number(position?.commit ?? -1n);
  if (!Number.isSafeInteger(commit) || commit < 0)
    throw new Error(
      `The event ${id} came without its position, as from servers before KurrentDB 25.1: at least 25.1 is needed.`,
    );
  return commit;
}

export const clientPositionOf = (position: number): Position => ({
  commit: BigInt(position),
  prepare: BigInt(position),
});

/** Considered events between two checkpoints of a filtered subscription. */
const SEARCH_WINDOW = 1_000;

/**
 * The part of the filter that the server takes over. It knows prefixes of one property at a time;
 * whatever else is asked for is left to {@link wanted}. It always leaves out KurrentDB's own
 * events, whose streams begin with $.
 */
export function serverFilter(
  { types, streamPrefix }: ReadAllOptions,
  more: Pick<FilterOptions, 'checkpointReached'> = {},
) {
  const window = { ...more, maxSearchWindow: SEARCH_WINDOW };
  if (types && !streamPrefix) return eventTypeFilter({ ...window, prefixes: [...types] });
  return streamNameFilter({
    ...window,
    prefixes: streamPrefix ? [streamPrefix] : CATEGORIES.map((category) => `${category}-`),
  });
}

/** Whether an event that passed the server's filter is one that was asked for. */
export function wanted(
  { type, streamId }: Recorded,
  { types, streamPrefix }: ReadAllOptions,
): boolean {
  return (
    (!types || types.includes(type as EventType)) &&
    (!streamPrefix || streamId.startsWith(streamPrefix)) &&
    CATEGORIES.some((category) => streamId.startsWith(`${category}-`))
  );
}
