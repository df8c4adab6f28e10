export { monitorProjection } from './projection/monitor-projection.js';
export { DOMAIN_METRICS } from './metrics.js';
export type { StatusReport, UsageTerms } from './reading.js';
export {
  DEFAULT_USAGE,
  startMonitor,
  type MonitorOptions,
  type MonitorService,
} from './service.js';
