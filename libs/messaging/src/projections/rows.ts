import { escapeIdentifier, type ClientBase } from 'pg';
import { added, upsert } from './upsert.js';

/** Rows of one table that a batch of events touches: loaded once, changed in memory, saved once. */
export class Rows<R extends object> {
  readonly #rows = new Map<string, R>();
  readonly #touched = new Set<string>();
  readonly #removed = new Set<string>();
  /** Values of the first key column whose rows are in memory, and whether all are. */
  readonly #loaded = new Set<string>();
  #whole = false;
  readonly #key: readonly (keyof R & string)[];

  /** `key` is the table's primary key. A row's id is its values, joined by a space. */
  constructor(
    readonly table: string,
    ...key: (keyof R & string)[]
  ) {
    this.#key = key;
  }

  /** Rows to write. */
  get size(): number {
    return this.#touched.size + this.#removed.size;
  }

  /** Loads the rows with these values in the first key column. Those in memory stay as they are. */
  async load(values: Iterable<string>, db: ClientBase): Promise<void> {
    const missing = [...new Set(values)].filter((value) => !this.#loaded.has(value));
    if (missing.length === 0) return;
    await this.#read(db, `where ${escapeIdentifier(this.#key[0]!)} = any($1)`, [missing]);
    for (const value of missing) this.#loaded.add(value);
  }

  /** For small tables: loads every row, once. */
  async loadAll(db: ClientBase): Promise<void> {
    if (!this.#whole) await this.#read(db, '', []);
    this.#whole = true;
  }

  async #read(db: ClientBase, where: string, values: unknown[]): Promise<void> {
    const { rows } = await db.query<{ row: R }>(
      `select to_jsonb(t) as row from ${escapeIdentifier(this.table)} t ${where}`,
      values,
    );
    for (const { row } of rows)
      if (!this.#rows.has(this.#idOf(row)) && !this.#removed.has(this.#idOf(row)))
        this.#rows.set(this.#idOf(row), row);
  }

  #idOf(row: R): string {
    return this.#key.map((column) => String(row[column])).join(' ');
  }

  get(id: string): R | undefined {
    return this.#rows.get(id);
  }

  values(): Iterable<R> {
    return this.#rows.values();
  }

  put(row: R): void {
    const id = this.#idOf(row);
    this.#rows.set(id, row);
    this.#touched.add(id);
    this.#removed.delete(id);
  }

  /** Changes the row in place; returns false if there is none. */
  change(id: string, change: (row: R) => void): boolean {
    const row = this.#rows.get(id);
    if (!row) return false;
    change(row);
    this.#touched.add(id);
    return true;
  }

  /** Needs no loaded row. Only for a key of one column. */
  remove(id: string): void {
    this.#rows.delete(id);
    this.#touched.delete(id);
    this.#removed.add(id);
  }

  async save(db: ClientBase): Promise<void> {
    const rows = [...this.#touched].map((id) => this.#rows.get(id)!);
    await upsert(db, this.table, this.#key, rows);
    if (this.#removed.size === 0) return;
    const [table, key] = [escapeIdentifier(this.table), escapeIdentifier(this.#key[0]!)];
    await db.query(`delete from ${table} where ${key} = any($1)`, [[...this.#removed]]);
  }
}

/** Numbers that a batch of events adds to the rows of one table. */
export class Counts<K extends object, V extends Record<keyof V, number>> {
  readonly #rows = new Map<string, { key: K; values: V }>();

  constructor(
    readonly table: string,
    /** Drops rows so many hours older than the newest: it follows from the events alone. */
    readonly keepHours?: number,
  ) {}

  add(key: K, values: V): void {
    const id = Object.values(key).join(' ');
    const row = this.#rows.get(id);
    if (!row) this.#rows.set(id, { key, values: { ...values } });
    else
      for (const name of Object.keys(values) as (keyof V)[])
        row.values[name] = (row.values[name] + values[name]) as V[keyof V];
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
      await db.query(
        `delete from ${table} where hour < (select max(hour) from ${table}) - make_interval(hours => $1)`,
        [this.keepHours],
      );
  }
}
