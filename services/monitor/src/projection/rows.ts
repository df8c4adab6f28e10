import { added, upsert } from '@cliptally/messaging';
import { escapeIdentifier, type ClientBase } from 'pg';

/** Rows of one table that a batch of events touches: read once, changed in memory, written once. */
export class Rows<R extends object> {
  readonly #rows = new Map<string, R>();
  readonly #touched = new Set<string>();

  constructor(
    readonly table: string,
    readonly key: keyof R & string,
  ) {}

  get size(): number {
    return this.#touched.size;
  }

  /** Those that are in memory stay as they are. */
  async load(ids: ReadonlySet<string>, db: ClientBase): Promise<void> {
    const missing = [...ids].filter((id) => !this.#rows.has(id));
    if (missing.length === 0) return;
    const { rows } = await db.query<{ row: R }>(
      `select to_jsonb(t) as row from ${escapeIdentifier(this.table)} t where ${escapeIdentifier(this.key)} = any($1)`,
      [missing],
    );
    for (const { row } of rows) this.#rows.set(String(row[this.key]), row);
  }

  get(id: string): R | undefined {
    return this.#rows.get(id);
  }

  put(row: R): void {
    const id = String(row[this.key]);
    this.#rows.set(id, row);
    this.#touched.add(id);
  }

  /** Changes the row in place; gives false where there is none. */
  change(id: string, change: (row: R) => void): boolean {
    const row = this.#rows.get(id);
    if (!row) return false;
    change(row);
    this.#touched.add(id);
    return true;
  }

  async save(db: ClientBase): Promise<void> {
    await upsert(
      db,
      this.table,
      [this.key],
      [...this.#touched].map((id) => this.#rows.get(id)!),
    );
  }
}

/** Numbers that a batch of events adds to the rows of one table. */
export class Counts<K extends object, V extends Record<keyof V, number>> {
  readonly #rows = new Map<string, { key: K; values: V }>();

  constructor(
    readonly table: string,
    /** Hours after which rows are dropped, counted back from the newest row: what was dropped follows from the events alone. */
    readonly keepHours?: number,
  ) {}

  add(key: K, values: V): void {
    const id = Object.values(key).join(' ');
    const row = this.#rows.get(id);
    if (!row) this.#rows.set(id, { key, values: { ...values } });
    else for (const name of Object.keys(values) as (keyof V)[]) row.values[name] = (row.values[name] + values[name]) as V[keyof V];
  }

  get size(): number {
    return this.#rows.size;
  }

  async save(db: ClientBase): Promise<void> {
    const rows = [...this.#rows.values()];
    if (rows.length === 0) return;
    const keys = Object.keys(rows[0]!.key);
    await upsert(
      db,
      this.table,
      keys,
      rows.map(({ key, values }) => ({ ...key, ...values })),
      added,
    );
    const table = escapeIdentifier(this.table);
    if (this.keepHours !== undefined)
      await db.query(`delete from ${table} where hour < (select max(hour) from ${table}) - make_interval(hours => $1)`, [this.keepHours]);
  }
}
