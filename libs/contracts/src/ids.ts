import { createHash } from 'node:crypto';

/**
 * Namespace of every id that Cliptally derives; fixed for ever, or redeliveries would stop being
 * recognised.
 */
const NAMESPACE = Buffer.from('6f1d6a0cb5b94f0f9a8e5d1c2a7e4b30', 'hex');
/** A UUID that begins with an instant, as version 7 does and {@link idOfTime}. */
const WITH_TIME = /^[0-9a-f]{8}-[0-9a-f]{4}-[78]/;

type Part = string | number;

const hashOf = (parts: readonly Part[]): Buffer =>
  createHash('sha1').update(NAMESPACE).update(JSON.stringify(parts)).digest().subarray(0, 16);

function uuid(bytes: Buffer, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * A UUID (version 5) that depends on its parts alone. A repeated step derives the same event
 * id, and the event store then recognises the repetition: this is how "exactly once" is made here.
 */
export const derivedId = (...parts: Part[]): string => uuid(hashOf(parts), 5);

/**
 * As {@link derivedId}, but the id (version 8) begins with an instant to the millisecond, and 74
 * bits depend on the parts. Ids of one time stand together in an index, however large it is: made
 * for what there is most of. `time` must be the same in each repetition of the step: an instant, or
 * the id of what caused it, whose own beginning is taken over. Of an id that has none, a version 5
 * is derived.
 */
export function idOfTime(time: Date | string, ...parts: Part[]): string {
  const hash = hashOf(parts);
  if (time instanceof Date) hash.writeUIntBE(time.getTime(), 0, 6);
  else if (WITH_TIME.test(time)) hash.write(time.slice(0, 8) + time.slice(9, 13), 'hex');
  else return uuid(hash, 5);
  return uuid(hash, 8);
}

/** The id of the one outcome a tracking request may have, be it ViewsRecorded or ScrapeFailed. */
export const outcomeId = (requestId: string): string => idOfTime(requestId, 'outcome', requestId);
