export * from './export.js';
export * from './memory/memory-event-store.js';
export * from './open-event-store.js';
export * from './port.js';
export * from './postgres/pool.js';
export * from './postgres/postgres-event-store.js';
export { isTransient } from './transient.js';
