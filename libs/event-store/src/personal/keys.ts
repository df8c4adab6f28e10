import type { KeyRing } from '@cliptally/contracts';
import { randomBytes, randomUUID } from 'node:crypto';
import { Client, type ClientBase, type Pool } from 'pg';
import { MigrationMissing } from '../postgres/migrate.js';
import { openPool } from '../postgres/pool.js';
import { KEY_BYTES, openBytes, sealBytes } from './aead.js';
import { PERSONAL_TABLES } from './tables.sql.js';

/** The key of one subject. */
export interface DataKey {
  id: string;
  key: Buffer;
}

/** A key that the ring does not open: nobody may take that for an erasure. */
export class KeyNotOpened extends Error {
  override readonly name = 'KeyNotOpened';
  readonly expected = true;
  constructor(ringKey: string) {
    super(
      `Personal texts are sealed with keys that are wrapped with "${ringKey}", which PERSONAL_DATA_KEYS does not have, or has another key for: add it behind the others.`,
    );
  }
}

interface Row {
  key_id: string;
  subject: string;
  ring_key: string | null;
  wrapped: Buffer | null;
}

const COLUMNS = 'key_id::text, subject, ring_key, wrapped';
/** How many keys one statement wraps anew. */
const AT_ONCE = 200;

const boundTo = (keyId: string, subject: string, ringKey: string): Buffer =>
  Buffer.from(JSON.stringify(['cliptally personal key', keyId, subject, ringKey]));

/**
 * A random key for each subject, wrapped with the operator's. It is asked for anew by each read and
 * each append and never kept: a key that was destroyed is gone everywhere at that instant.
 */
export class PersonalKeys {
  readonly #pool: Pool;
  readonly #ring: KeyRing;

  constructor(pool: Pool, ring: KeyRing) {
    this.#pool = pool;
    this.#ring = ring;
  }

  static async open(databaseUrl: string, ring: KeyRing): Promise<PersonalKeys> {
    await preparePersonalKeys(databaseUrl);
    return new PersonalKeys(openPool(databaseUrl, 'personal-keys', 3), ring);
  }

  /** A key for each, made if there is none; null for a subject whose key was destroyed. */
  async toSeal(subjects: readonly string[]): Promise<Map<string, DataKey | null>> {
    const known = await this.#of(subjects);
    const missing = subjects.filter((subject) => !known.has(subject));
    if (missing.length === 0) return known;
    const ids = missing.map(() => randomUUID());
    const wrapped = missing.map((subject, i) =>
      this.#wrap(ids[i]!, subject, randomBytes(KEY_BYTES)),
    );
    await this.#pool.query(
      `insert into personal.keys (key_id, subject, ring_key, wrapped)
       select k.id, k.subject, $3, k.wrapped from unnest($1::uuid[], $2::text[], $4::bytea[]) as k(id, subject, wrapped)
       on conflict (subject) do nothing`,
      [ids, missing, this.#ring.current, wrapped],
    );
    // Of two who made one at once, both take the first.
    return this.#of(subjects);
  }

  /** Those that there are of these keys, by their ids. */
  async toOpen(keyIds: readonly string[]): Promise<Map<string, Buffer>> {
    const { rows } = await this.#pool.query<Row>({
      name: 'keys-by-id',
      text: `select ${COLUMNS} from personal.keys where key_id = any($1::uuid[]) and wrapped is not null`,
      values: [keyIds],
    });
    return new Map(rows.map((row) => [row.key_id, this.#unwrap(row)!.key]));
  }

  /** Wraps with the current key of the ring what is wrapped with another; gives how many. */
  async rewrapAll(): Promise<number> {
    for (let done = 0, after = ''; ;) {
      const { rows } = await this.#pool.query<Row>(
        `select ${COLUMNS} from personal.keys where wrapped is not null and ring_key <> $1 and subject > $2 order by subject limit ${AT_ONCE}`,
        [this.#ring.current, after],
      );
      if (rows.length === 0) return done;
      for (const row of rows) {
        const { key } = this.#unwrap(row)!;
        const { rowCount } = await this.#pool.query(
          'update personal.keys set ring_key = $2, wrapped = $3 where key_id = $1 and ring_key = $4',
          [row.key_id, this.#ring.current, this.#wrap(row.key_id, row.subject, key), row.ring_key],
        );
        done += rowCount ?? 0;
      }
      after = rows.at(-1)!.subject;
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #of(subjects: readonly string[]): Promise<Map<string, DataKey | null>> {
    const { rows } = await this.#pool.query<Row>({
      name: 'keys-by-subject',
      text: `select ${COLUMNS} from personal.keys where subject = any($1::text[])`,
      values: [subjects],
    });
    return new Map(rows.map((row) => [row.subject, this.#unwrap(row)]));
  }

  #wrap(keyId: string, subject: string, key: Buffer): Buffer {
    const { current, keys } = this.#ring;
    return sealBytes(keys.get(current)!, key, boundTo(keyId, subject, current));
  }

  #unwrap({ key_id: id, subject, ring_key: ringKey, wrapped }: Row): DataKey | null {
    if (ringKey === null || wrapped === null) return null;
    const ring = this.#ring.keys.get(ringKey);
    if (!ring) throw new KeyNotOpened(ringKey);
    try {
      return { id, key: openBytes(ring, wrapped, boundTo(id, subject, ringKey)) };
    } catch {
      throw new KeyNotOpened(ringKey);
    }
  }
}

/**
 * Makes the table if it is not there, for who may; the others have it made by `migrate`. Throws
 * {@link MigrationMissing}.
 */
export async function preparePersonalKeys(databaseUrl: string): Promise<void> {
  const db = new Client({ connectionString: databaseUrl, application_name: 'cliptally-migrate' });
  await db.connect();
  try {
    const { there, may } = await keysIn(db);
    if (there) return;
    if (!may) throw new MigrationMissing();
    await db.query('begin');
    // Two processes may start at once; "if not exists" alone fails then.
    await db.query(`select pg_advisory_xact_lock(hashtext('personal'), 1)`);
    await db.query(PERSONAL_TABLES);
    await db.query('commit');
  } finally {
    await db.end();
  }
}

async function keysIn(db: ClientBase): Promise<{ there: boolean; may: boolean }> {
  const { rows } = await db.query<{ there: boolean; may: boolean }>(
    `select has_schema_privilege('public', 'create') as may,
       exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'personal' and c.relname = 'keys_by_ring') as there`,
  );
  return rows[0]!;
}
