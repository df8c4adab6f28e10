import { classic } from './classic.js';
import { decayingDollarHours, decayingDollarsWaiting } from './decaying-dollar-hours.js';
import { dollarHours, dollarsWaiting } from './dollar-hours.js';
import type { Estimate, Policy } from './due-clip.js';

/** A way to weigh clips, and what it believes to be waiting. */
export interface WayToWeigh {
  score: Policy;
  waiting: Estimate;
}

export const POLICIES = {
  'dollar-hours': { score: dollarHours, waiting: dollarsWaiting },
  'decaying-dollar-hours': { score: decayingDollarHours, waiting: decayingDollarsWaiting },
  // It had no notion of what waits; tables and the edge of a budget use our estimate.
  classic: { score: classic, waiting: dollarsWaiting },
} as const satisfies Record<string, WayToWeigh>;
export type PolicyName = keyof typeof POLICIES;
