export { exportLog, verifyExport, type Verification } from './export.js';
export * from './memory/memory-event-store.js';
export * from './open-event-store.js';
export * from './port.js';
export { archiveLog, moveArchive, type ArchiveOptions } from './postgres/archive.js';
export { ArchiveUnreadable } from './postgres/archive-reader.js';
export * from './postgres/pool.js';
export * from './postgres/postgres-event-store.js';
export { isTransient } from './transient.js';
