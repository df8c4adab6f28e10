import type { Screen } from '../app/screen.js';

/** Screens that each role has: where an amount comes from. */
export const why: readonly Screen[] = [];
