import { FULL_GUARD, NEAR_END_WEIGHT, NO_GUARD, type GuardMode } from '../budget-guard.js';
import type { Weigh } from '../due-clip.js';
import { classic } from './classic.js';
import { decayingDollarHours } from './decaying-dollar-hours.js';
import { dollarHours } from './dollar-hours.js';

/** How a tracking run ranks clips, and how it guards the budgets of campaigns. */
export interface Policy {
  weigh: Weigh;
  guard: GuardMode;
}

export const POLICIES = {
  'decaying-dollar-hours': { weigh: decayingDollarHours, guard: FULL_GUARD },
  'dollar-hours': { weigh: dollarHours, guard: NEAR_END_WEIGHT },
  classic: { weigh: classic, guard: NO_GUARD },
} as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;
export const DEFAULT_POLICY: PolicyName = 'decaying-dollar-hours';
