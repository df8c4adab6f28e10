import { categoryOf, type NewEvent } from '@cliptally/contracts';
import { EventTooLarge, MAX_EVENT_BYTES, WrongExpectedRevision, type ExpectedRevision, type StreamAppend } from './port.js';

/** The data of each event as JSON, in the order given; refuses what no store may take, before anything is written. */
export function serialise(appends: readonly StreamAppend[]): string[] {
  const seen = new Set<string>();
  const streams = new Set<string>();
  const data: string[] = [];
  for (const { stream, events, expected } of appends) {
    categoryOf(stream);
    if (streams.has(stream) && expected !== 'any')
      throw new RangeError(`The stream "${stream}" stands twice in one append; then only "any" can be expected of it.`);
    streams.add(stream);
    if (events.length === 0) throw new RangeError(`Nothing to append to "${stream}": give at least one event.`);
    for (const event of events) {
      if (seen.has(event.id)) throw new RangeError(`The event id ${event.id} stands twice in one append.`);
      seen.add(event.id);
      data.push(serialiseOne(event));
    }
  }
  return data;
}

function serialiseOne(event: NewEvent): string {
  const json = JSON.stringify(event.data);
  // PostgreSQL's jsonb cannot hold U+0000; no store accepts it, so that stores stay interchangeable.
  if (json.includes('\\u0000'))
    throw new RangeError(`The event ${event.type} ${event.id} holds the character U+0000, which cannot be stored.`);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_EVENT_BYTES) throw new EventTooLarge(event.type, event.id, bytes);
  return json;
}

/**
 * Checks what a writer expected against the stream's last revision (-1: no stream). Events of the same append that are
 * there already are counted out: a writer who repeats itself still stands where it stood.
 */
export function checkExpected(stream: string, expected: ExpectedRevision, last: number, alreadyThere: number): void {
  const before = last - alreadyThere;
  const fits =
    expected === 'any' ||
    (expected === 'exists' && last >= 0) ||
    (expected === 'none' && before === -1) ||
    (typeof expected === 'number' && before === expected);
  if (!fits) throw new WrongExpectedRevision(stream, expected, last);
}
