export * from './classic.js';
export * from './dollar-hours.js';
export * from './due-clip.js';
export * from './plan-run.js';
