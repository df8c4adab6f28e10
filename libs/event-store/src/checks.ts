import { categoryOf, instantMs, isText, type NewEvent } from '@cliptally/contracts';
import {
  EventTooLarge,
  MAX_EVENT_BYTES,
  WrongExpectedRevision,
  type ExpectedRevision,
  type StreamAppend,
} from './port.js';

/** A name travels in a header and in an index. */
const STREAM = /^[!-~]{1,200}$/;
/** As every store gives it back. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TYPE = /^[A-Za-z]{1,64}$/;
const TIME = /^(19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/;
const MOST_VERSION = 2 ** 15 - 1;
const MOST_REVISION = 2 ** 31 - 2;
/** Bytes: both causes travel in headers, percent-encoded, and there is room for 4 KiB of those. */
const MOST_CAUSE = 200;

/**
 * The data of each event as JSON, in the order given; refuses what no store may take, before
 * anything is written.
 */
export function serialise(appends: readonly StreamAppend[]): string[] {
  const seen = new Set<string>();
  const streams = new Set<string>();
  const data: string[] = [];
  for (const { stream, events, expected } of appends) {
    categoryOf(stream);
    if (!STREAM.test(stream))
      throw new RangeError(
        `The stream ${JSON.stringify(stream)} has no name of 1 to 200 printable ASCII characters.`,
      );
    if (
      typeof expected === 'number' &&
      !(Number.isInteger(expected) && expected >= -1 && expected <= MOST_REVISION)
    )
      throw new RangeError(
        `The expected revision of "${stream}" is ${expected}, which no stream can be at.`,
      );
    if (streams.has(stream) && expected !== 'any')
      throw new RangeError(
        `The stream "${stream}" appears twice in one append; then only "any" can be expected of it.`,
      );
    streams.add(stream);
    if (events.length === 0)
      throw new RangeError(`Nothing to append to "${stream}": give at least one event.`);
    for (const event of events) {
      if (seen.has(event.id))
        throw new RangeError(`The event id ${event.id} appears twice in one append.`);
      seen.add(event.id);
      data.push(serialiseOne(event));
    }
  }
  return data;
}

const isCause = (cause: string): boolean => isText(cause) && Buffer.byteLength(cause) <= MOST_CAUSE;

/**
 * The field of the envelope that no store may take, and what it must be; null if there is none.
 */
function faultIn({ id, type, version, time, correlationId, causationId }: NewEvent): string | null {
  if (!UUID.test(id)) return '"id" must be a UUID in lower case';
  if (!TYPE.test(type)) return '"type" must have 1 to 64 letters';
  if (!(Number.isInteger(version) && version >= 1 && version <= MOST_VERSION))
    return `"version" must be from 1 to ${MOST_VERSION}`;
  if (!TIME.test(time) || Number.isNaN(instantMs(time)))
    return '"time" must be an instant in UTC to the millisecond, from 1970 to 9999';
  if (!isCause(correlationId)) return `"correlationId" must be text of at most ${MOST_CAUSE} bytes`;
  if (!isCause(causationId)) return `"causationId" must be text of at most ${MOST_CAUSE} bytes`;
  return null;
}

function serialiseOne(event: NewEvent): string {
  const refused = (fault: string) =>
    new RangeError(
      `The event ${JSON.stringify(event.type)} ${JSON.stringify(event.id)} cannot be stored: ${fault}.`,
    );
  const fault = faultIn(event);
  if (fault !== null) throw refused(fault);
  const { data } = event;
  if (data === null || typeof data !== 'object' || Array.isArray(data))
    throw refused('"data" must be an object');
  const json = JSON.stringify(data);
  if (holdsUnkeepable(json))
    throw refused(
      `"${pathOfUnkeepable(data, 'data')}" must be whole Unicode characters, without U+0000`,
    );
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_EVENT_BYTES) throw new EventTooLarge(event.type, event.id, bytes);
  return json;
}

/**
 * JSON.stringify escapes exactly these; behind an odd number of backslashes it is an escaped
 * backslash and plain letters.
 */
const ESCAPED = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;
const holdsUnkeepable = (json: string): boolean =>
  (json.includes('\\u0000') || json.includes('\\ud')) && ESCAPED.test(json);

/** Where the first text is that cannot be kept, as `data.terms.name`. */
function pathOfUnkeepable(value: unknown, path: string): string | null {
  if (typeof value === 'string') return isText(value) ? null : path;
  if (value === null || typeof value !== 'object') return null;
  for (const [name, inner] of Object.entries(value)) {
    const found = isText(name) ? pathOfUnkeepable(inner, `${path}.${name}`) : `a name in ${path}`;
    if (found !== null) return found;
  }
  return null;
}

/**
 * Checks what a writer expected against the stream's last revision (-1: no stream). Events of the
 * same append that are there already are counted out: a writer who repeats itself is not
 * refused for its own events.
 */
export function checkExpected(
  stream: string,
  expected: ExpectedRevision,
  last: number,
  alreadyThere: number,
): void {
  const before = last - alreadyThere;
  const fits =
    expected === 'any' ||
    (expected === 'exists' && last >= 0) ||
    (expected === 'none' && before === -1) ||
    (typeof expected === 'number' && before === expected);
  if (!fits) throw new WrongExpectedRevision(stream, expected, last);
}
