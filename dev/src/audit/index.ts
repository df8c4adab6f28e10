export { auditEvents, type Audit, type AuditOptions } from './audit.js';
export type { Finding, Positions, RawEvent } from './events.js';
export { assertSound, reportOf, sentenceOf } from './report.js';
export { settlementOf } from './settlement.js';
