import { Instant, isText as isKeepable } from '@cliptally/contracts';
import { badRequest } from './problem.js';

/**
 * A cursor: where a list goes on, as text that a caller passes back unread. It names its list, so
 * that a cursor of another list is refused.
 */
export const cursorOf = (place: unknown, list: string): string =>
  Buffer.from(JSON.stringify([list, place])).toString('base64url');

/** Reads a cursor back; `check` says whether it is of this list's form. Throws a 400 problem. */
export function placeIn<T>(
  cursor: string | undefined,
  check: (place: unknown) => place is T,
  list: string,
): T | null {
  if (cursor === undefined) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const place: unknown = Array.isArray(read) && read[0] === list ? read[1] : undefined;
    // What was not written by us exactly so is no cursor, whatever can be read from it.
    if (check(place) && cursorOf(place, list) === cursor) return place;
  } catch {
    // Falls through to the same answer.
  }
  throw badRequest(
    'The cursor is not one of this list: pass "next" of the page before, as it is.',
    [{ field: 'cursor', message: 'is not known' }],
  );
}

const MOST_LINES = 2 ** 31 - 1;

export const isText = (place: unknown): place is string =>
  typeof place === 'string' && place !== '' && place.length <= 200 && isKeepable(place);
export const isInstantAndId = (place: unknown): place is [string, string] =>
  Array.isArray(place) &&
  place.length === 2 &&
  Instant.safeParse(place[0]).success &&
  isText(place[1]);
export const isTwoTexts = (place: unknown): place is [string, string] =>
  Array.isArray(place) && place.length === 2 && place.every(isText);
export const isScoreAndId = (place: unknown): place is [string, string] =>
  isTwoTexts(place) && /^-?\d{1,3}(\.\d+)?$/.test(place[0]);
export const isPosition = (place: unknown): place is number =>
  Number.isSafeInteger(place) && (place as number) >= 0;
export const isPositionAndLine = (place: unknown): place is [number, number] =>
  Array.isArray(place) && place.length === 2 && place.every(isPosition) && place[1]! <= MOST_LINES;

/**
 * A page and the cursor of the next one; one row more than the limit was read to know whether there
 * is one.
 */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  place: (row: T) => unknown,
  list: string,
): { rows: T[]; next: string | null } {
  const shown = rows.slice(0, limit);
  return { rows: shown, next: rows.length > limit ? cursorOf(place(shown.at(-1)!), list) : null };
}
