import type { Weigh } from '../due-clip.js';
import { PARAMETERS } from '../parameters.js';
import { decayingDollarHours } from './decaying-dollar-hours.js';
import { classic, dollarHours } from './yardsticks.js';

/** How a tracking run ranks clips. */
export interface Policy {
  weigh: Weigh;
  /** Factor, less one, of scores in campaigns whose budget may be gone; 0 for none. */
  nearEnd: number;
}

export const POLICIES = {
  'decaying-dollar-hours': { weigh: decayingDollarHours, nearEnd: PARAMETERS.nearEnd },
  'dollar-hours': { weigh: dollarHours, nearEnd: 0 },
  classic: { weigh: classic, nearEnd: 0 },
} as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;
export const DEFAULT_POLICY: PolicyName = 'decaying-dollar-hours';
