import { badRequest } from './problem.js';

/** A place in a list, as text that a caller passes on unread. */
const cursorOf = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** Reads a cursor back; `check` says whether it is of this list's form. Throws a 400 problem. */
export function placeIn<T>(cursor: string | undefined, check: (place: unknown) => place is T): T | null {
  if (cursor === undefined) return null;
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (check(place)) return place;
  } catch {
    // Falls through to the same answer.
  }
  throw badRequest('The cursor is not one of this list: pass "next" of the page before, as it is.', [
    { field: 'cursor', message: 'is not known' },
  ]);
}

export const isText = (place: unknown): place is string => typeof place === 'string' && place.length <= 200;
export const isInstantAndId = (place: unknown): place is [string, string] =>
  Array.isArray(place) && place.length === 2 && isText(place[0]) && isText(place[1]) && !Number.isNaN(Date.parse(place[0]));
export const isPosition = (place: unknown): place is number => Number.isSafeInteger(place) && (place as number) >= 0;
export const isPositionAndLine = (place: unknown): place is [number, number] =>
  Array.isArray(place) && place.length === 2 && place.every((n) => Number.isSafeInteger(n) && n >= 0);

/** A page and the cursor of the next one; one row more than the limit was read to know whether there is one. */
export function pageOf<T>(rows: readonly T[], limit: number, place: (row: T) => unknown): { rows: T[]; next: string | null } {
  const shown = rows.slice(0, limit);
  return { rows: shown, next: rows.length > limit ? cursorOf(place(shown.at(-1)!)) : null };
}
