export { openScheduler, type SchedulerOptions } from './open-scheduler.js';
export { Scheduler, type TrackingRunResult } from './scheduler.js';
export { DEFAULT_SETTINGS, type SchedulerSettings } from './settings.js';
export { schedulerProjection } from './projection/scheduler-projection.js';
