export * from './classic.js';
export * from './dollar-hours.js';
export * from './due-clip.js';
export * from './forced.js';
export * from './plan-run.js';
export * from './policies.js';
export * from './quota.js';
export * from './select.js';
