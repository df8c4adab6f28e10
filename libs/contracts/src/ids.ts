import { createHash } from 'node:crypto';

/** Namespace of every id that Cliptally derives; fixed for ever, or redeliveries would stop being recognised. */
const NAMESPACE = Buffer.from('6f1d6a0cb5b94f0f9a8e5d1c2a7e4b30', 'hex');

/**
 * A UUID (version 5) that depends on its parts alone. Whoever repeats a step derives the same event id, and the event
 * store then recognises the repetition: this is how "exactly once" is made here.
 */
export function derivedId(...parts: (string | number)[]): string {
  const hash = createHash('sha1').update(NAMESPACE).update(JSON.stringify(parts)).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The id of the one outcome a tracking request may have, be it ViewsRecorded or ScrapeFailed. */
export const outcomeId = (requestId: string): string => derivedId('outcome', requestId);
