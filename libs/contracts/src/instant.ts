/**
 * The newest instant that was read: events of one batch share theirs, and to read it takes as long
 * as much else that is done with an event.
 */
let [text, ms] = ['', NaN];

/** Milliseconds since 1970 of an instant in ISO 8601; NaN if it is none. */
export function instantMs(instant: string): number {
  if (instant !== text) [text, ms] = [instant, Date.parse(instant)];
  return ms;
}
