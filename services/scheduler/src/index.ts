export { openScheduler, runIdOf, Scheduler, type RunResult, type SchedulerOptions } from './scheduler.js';
export { DEFAULT_SETTINGS, type SchedulerSettings } from './settings.js';
export { schedulerProjection } from './projection/scheduler-projection.js';
