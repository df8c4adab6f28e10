import type { Fault } from './fault.js';
import { FUNDING } from './funding.js';
import { GUARDS } from './guards.js';
import { PAYOUTS } from './payouts.js';
import { SETTLEMENT_LINES } from './settlement-lines.js';
import { SETTLEMENTS } from './settlements.js';

/** What can be wrong with a log, each with what the auditor says first. */
export const FAULTS: Fault[] = [
  ...SETTLEMENT_LINES,
  ...SETTLEMENTS,
  ...GUARDS,
  ...PAYOUTS,
  ...FUNDING,
];
