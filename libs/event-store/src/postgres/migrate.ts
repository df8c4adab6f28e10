import { Client } from 'pg';
import { MIGRATIONS } from './migrations/index.js';
import { requireSessions } from './require-sessions.js';

const TABLE = 'event_store_migrations';

/**
 * The tables are missing or older than this program, and its role is not the one that changes them;
 * shown as one sentence.
 */
export class MigrationMissing extends Error {
  override readonly name = 'MigrationMissing';
  readonly expected = true;
  constructor() {
    super(
      'The tables of the log are missing or of an older form, and this role may not change them: run tools/ops/dist/main.js migrate as their owner first.',
    );
  }
}

/** Another line of migrations has made the tables; shown as one sentence. */
export class MigrationUnknown extends Error {
  override readonly name = 'MigrationUnknown';
  readonly expected = true;
  constructor(name: string) {
    super(
      `The tables of the log were made by a migration "${name}" that this program does not know, so that it changes nothing: use an empty database, or the program that made them.`,
    );
  }
}

/**
 * Makes the migrations that are missing; safe to call from several processes at once. Throws
 * {@link MigrationMissing} and {@link MigrationUnknown}, SessionsNotKept and SessionsTooFew.
 */
export async function migrate(url: string): Promise<void> {
  await requireSessions(url);
  const db = new Client({ connectionString: url, application_name: 'cliptally-migrate' });
  await db.connect();
  try {
    if (await isCurrent(db)) return;
    // It ends with the connection. Who waited for it finds the migrations made.
    await db.query(`select pg_advisory_lock(hashtext('cliptally.migrations'), 0)`);
    await db.query(
      `create table if not exists ${TABLE}
         (id serial primary key, name varchar(255) not null, run_on timestamp not null)`,
    );
    const made = await madeIn(db);
    const unknown = made.find((name) => !MIGRATIONS.some((migration) => migration.name === name));
    if (unknown !== undefined) throw new MigrationUnknown(unknown);
    for (const { name, sql } of MIGRATIONS.filter((migration) => !made.includes(migration.name)))
      await inTransaction(db, async () => {
        await db.query(sql);
        await db.query(`insert into ${TABLE} (name, run_on) values ($1, now())`, [name]);
      });
  } finally {
    await db.end();
  }
}

/** Whether the newest migration is made, perhaps among those of a newer program. */
async function isCurrent(db: Client): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean; may: boolean }>(
    `select to_regclass($1) is not null as there, has_schema_privilege('public', 'create') as may`,
    [TABLE],
  );
  const { there, may } = rows[0]!;
  const made = there ? await madeIn(db) : [];
  const current = MIGRATIONS.every(({ name }) => made.includes(name));
  if (!current && !may) throw new MigrationMissing();
  return current;
}

async function madeIn(db: Client): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(`select name from ${TABLE} order by id`);
  return rows.map(({ name }) => name);
}

async function inTransaction(db: Client, work: () => Promise<void>): Promise<void> {
  await db.query('begin');
  try {
    await work();
    await db.query('commit');
  } catch (error) {
    await db.query('rollback');
    throw error;
  }
}
