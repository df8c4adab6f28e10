export { monitorProjection } from './projection/monitor-projection.js';
export { DOMAIN_METRICS } from './metrics/domain-metrics.js';
export type { UsageTerms } from './status/cost.js';
export type { StatusReport } from './status/status.js';
export {
  DEFAULT_USAGE,
  startMonitor,
  type MonitorOptions,
  type MonitorService,
} from './monitor.js';
