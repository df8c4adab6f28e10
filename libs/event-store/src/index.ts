export { checkExpected, serialise } from './checks.js';
export { copyLog, NotACopy, sealCopy, type CopyOptions, type CopyProgress } from './copy/copy.js';
export {
  chained,
  exportLog,
  hashOfLine,
  verifyExport,
  type Verification,
} from './export/export.js';
export * from './memory/memory-event-store.js';
export * from './open-event-store.js';
export { openBytes, sealBytes } from './personal/aead.js';
export { KeyNotOpened, PersonalKeys, preparePersonalKeys } from './personal/keys.js';
export { asStored, openerOf, PersonalStore } from './personal/personal-store.js';
export { ERASED, type OpenTexts } from './personal/seal.js';
export * from './port.js';
export {
  ARCHIVABLE,
  archiveLog,
  moveArchive,
  type ArchiveAges,
  type ArchiveOptions,
} from './archive/archive.js';
export { ArchiveUnreadable } from './archive/archive-reader.js';
export { arrayOf } from './postgres/array.js';
export { binaryArray, KINDS } from './postgres/binary-array.js';
export { MigrationMissing, MigrationUnknown } from './postgres/migrate.js';
export { SessionsNotKept, SessionsTooFew } from './postgres/require-sessions.js';
export * from './postgres/pool.js';
export * from './postgres/postgres-event-store.js';
export * from './postgres/search.js';
export { isTransient, whileConnecting } from './transient.js';
