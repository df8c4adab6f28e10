export type { OpenDatabase } from './connection.js';
export { ROLES, RoleMissing, migrate, type Role } from './database.js';
export { APPENDS, READS } from './log-rights.js';
export { operate } from './operate.js';
