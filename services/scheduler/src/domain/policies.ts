import { classic } from './classic.js';
import { CLOSING_ROUNDS, EDGE_WEIGHT, NO_CLOSING, type Closing } from './closing.js';
import { decayingDollarHours } from './decaying-dollar-hours.js';
import { dollarHours } from './dollar-hours.js';
import type { Policy } from './due-clip.js';

/** How clips are weighed, and what is done about budgets that are about to end. */
export interface WayToChoose {
  weigh: Policy;
  closing: Closing;
}

export const POLICIES = {
  'decaying-dollar-hours': { weigh: decayingDollarHours, closing: CLOSING_ROUNDS },
  'dollar-hours': { weigh: dollarHours, closing: EDGE_WEIGHT },
  classic: { weigh: classic, closing: NO_CLOSING },
} as const satisfies Record<string, WayToChoose>;
export type PolicyName = keyof typeof POLICIES;
export const DEFAULT_POLICY: PolicyName = 'decaying-dollar-hours';
