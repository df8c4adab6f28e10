export { auditEvents, type Audit, type AuditOptions } from './audit.js';
export type { Finding, Positions, RawEvent } from './events.js';
export { readExport } from './read-export.js';
export { assertSound, reportOf, sentenceOf, standingsOf } from './report.js';
export { Counted, ExactlyOnce, type Once } from './exactly-once.js';
