import { PostgresEventStore, preparePersonalKeys } from '@cliptally/event-store';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { GRANTS } from './grants.sql.js';
import { logRights } from './log-rights.sql.js';
import { ROLES, type Role } from './roles.js';

export { ROLES, type Role };

/**
 * A role that nothing has made, and for which there is no password to make it with; shown as one
 * sentence.
 */
export class RoleMissing extends Error {
  override readonly name = 'RoleMissing';
  readonly expected = true;
  constructor(role: Role) {
    super(
      `The database has no role "${role}", and ${passwordVariable(role)} is not set to make it with.`,
    );
  }
}

export const passwordVariable = <R extends Role>(role: R) =>
  `${role.toUpperCase() as Uppercase<R>}_PASSWORD` as const;

/**
 * Brings the log's tables to the newest form and gives every service's role its rights, beside
 * running services and as often as one likes. `url` is that of the owner. A role with a password is
 * made, or given that password; one without must be there already.
 */
export async function migrate(
  url: string,
  passwords: Partial<Record<Role, string>>,
): Promise<void> {
  await PostgresEventStore.migrate(url);
  await preparePersonalKeys(url);
  const db = new Client({ connectionString: url, application_name: 'cliptally-migrate' });
  await db.connect();
  try {
    await db.query('begin');
    // Two of them at once would stumble over each other's grants.
    await db.query(`select pg_advisory_xact_lock(hashtext('cliptally.grants'), 4)`);
    for (const role of ROLES) await ensureRole(db, role, passwords[role]);
    await db.query(GRANTS);
    await db.query(logRights());
    await db.query('commit');
  } finally {
    await db.end();
  }
}

async function ensureRole(db: Client, role: Role, password: string | undefined): Promise<void> {
  const { rowCount } = await db.query('select from pg_roles where rolname = $1', [role]);
  if (password === undefined) {
    if (rowCount === 0) throw new RoleMissing(role);
    return;
  }
  const verb = rowCount === 0 ? 'create' : 'alter';
  await db.query(
    `${verb} role ${escapeIdentifier(role)} login password ${escapeLiteral(password)}`,
  );
}
