export { NO_GUARD } from './budget-guard.js';
export * from './due-clip.js';
export * from './first-scrapes.js';
export { nextCheckAt } from './gone-checks.js';
export * from './planner.js';
export { unrecordedAmount, velocityOf } from './policies/dollar-hours.js';
export * from './policies/index.js';
export * from './scrape-budget.js';
export type { AgeCap } from './urgency.js';
