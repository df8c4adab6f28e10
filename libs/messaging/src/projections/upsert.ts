import { arrayOf, binaryArray, KINDS } from '@cliptally/event-store';
import { escapeIdentifier, type ClientBase } from 'pg';

/**
 * Types of the columns that were written before, by table and columns. Of two projections that name
 * a table alike, the columns differ.
 */
const KNOWN = new Map<string, string[]>();

async function typesOf(
  db: ClientBase,
  table: string,
  columns: readonly string[],
): Promise<string[]> {
  const name = [table, ...columns].join(' ');
  const known = KNOWN.get(name);
  if (known) return known;
  const { rows } = await db.query<{ column: string; type: string }>(
    'select attname as column, typname as type from pg_attribute join pg_type on pg_type.oid = atttypid where attrelid = $1::regclass and attnum > 0',
    [escapeIdentifier(table)],
  );
  const types = new Map(rows.map(({ column, type }) => [column, type]));
  const found = columns.map((column) => types.get(column) ?? 'text');
  KNOWN.set(name, found);
  return found;
}

/**
 * Values of a column: in binary form if that is known, which is read at a fraction of the cost
 * of text.
 */
function column(values: readonly unknown[], type: string): unknown {
  if (!Object.hasOwn(KINDS, type)) return arrayOf(values);
  return binaryArray<unknown, unknown>(
    KINDS[type as keyof typeof KINDS] as Parameters<typeof binaryArray<unknown, unknown>>[0],
    values,
    (value) => {
      if (value === null || value === undefined) return null;
      if (type === 'jsonb') return JSON.stringify(value);
      return value instanceof Date ? value.toISOString() : value;
    },
  );
}

/**
 * What a column becomes if the row is `there` already, as SQL; null if no row can be there: then
 * PostgreSQL does not search for one.
 */
export type Merge = ((column: string) => string) | null;
const replaced = (column: string) => `excluded.${escapeIdentifier(column)}`;
export const added = (column: string) => `there.${escapeIdentifier(column)} + ${replaced(column)}`;

/**
 * Rows of a statement: out of arrays of several megabytes, PostgreSQL takes each row at twice the
 * cost.
 */
const PORTION = 250;

/**
 * Writes rows, replacing those whose key is there, or merging them. They travel as an array a
 * column, of the types of the table's own columns: PostgreSQL takes rows out of one JSON text at a
 * fifth of the speed. While it writes some, the next are made if `rows` is a generator.
 */
export async function upsert(
  db: ClientBase,
  table: string,
  key: readonly string[],
  rows: Iterable<object>,
  merge: Merge = replaced,
): Promise<void> {
  let writing: Promise<unknown> | null = null;
  for (const portion of portionsOf(rows)) {
    const columns = Object.keys(portion[0]!);
    const types = await typesOf(db, table, columns);
    const values = columns.map((name, i) => column(portion.map((row) => row[name as keyof typeof row]), types[i]!)); // prettier-ignore
    await writing;
    writing = db.query(upsertOf(table, key, columns, types, merge), values);
    // Its failure is thrown below, after the next rows are made.
    writing.catch(() => {});
  }
  await writing;
}

function* portionsOf<T>(rows: Iterable<T>): Generator<T[]> {
  let portion: T[] = [];
  for (const row of rows) {
    if (portion.push(row) < PORTION) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

function upsertOf(
  table: string,
  key: readonly string[],
  columns: readonly string[],
  types: readonly string[],
  merge: Merge,
): string {
  const names = (list: readonly string[]) => list.map((name) => escapeIdentifier(name)).join(', ');
  const insert = `insert into ${escapeIdentifier(table)} as there (${names(columns)})
    select * from unnest(${types.map((type, i) => `$${i + 1}::${type}[]`).join(', ')})`;
  if (!merge) return insert;
  const updates = columns
    .filter((name) => !key.includes(name))
    .map((name) => `${escapeIdentifier(name)} = ${merge(name)}`);
  return `${insert}
    on conflict (${names(key)}) do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`;
}
