export * from './due-clip.js';
export * from './learned.js';
export * from './parameters.js';
export * from './planner.js';
export * from './policies.js';
export * from './score.js';
export * from './scrape-budget.js';
export * from './tracking-run.js';
export { nextCheckAt, type AgeCap } from './urgency.js';
