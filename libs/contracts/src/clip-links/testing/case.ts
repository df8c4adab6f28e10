/**
 * What people paste, and what it is: a clip id, `short-link <url>`, or `refused <code>`.
 * A new form of link gets its line here first.
 */
export type Case = readonly [submitted: string, expected: string];
