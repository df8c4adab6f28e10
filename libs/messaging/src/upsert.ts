import { arrayOf } from '@cliptally/event-store';
import { escapeIdentifier, type ClientBase } from 'pg';

/**
 * Types of the columns that were written before, by table and columns. Of two projections that name a table alike, the columns differ.
 */
const KNOWN = new Map<string, string[]>();

async function typesOf(db: ClientBase, table: string, columns: readonly string[]): Promise<string[]> {
  const name = [table, ...columns].join(' ');
  const known = KNOWN.get(name);
  if (known) return known;
  const { rows } = await db.query<{ column: string; type: string }>(
    'select attname as column, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = $1::regclass and attnum > 0',
    [escapeIdentifier(table)],
  );
  const types = new Map(rows.map(({ column, type }) => [column, type]));
  const found = columns.map((column) => types.get(column) ?? 'text');
  KNOWN.set(name, found);
  return found;
}

const valueOf = (value: unknown, type: string): unknown =>
  type === 'jsonb' && value !== null && value !== undefined ? JSON.stringify(value) : value;

/**
 * Writes rows in one statement, replacing those whose key is there, or adding to their numbers. They travel as an array a column, of the types of the table's own
 * columns: PostgreSQL takes rows out of one JSON text at a fifth of the speed.
 */
export async function upsert(
  db: ClientBase,
  table: string,
  key: readonly string[],
  rows: readonly object[],
  conflict: 'replace' | 'add' = 'replace',
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]!);
  const types = await typesOf(db, table, columns);
  const names = (list: readonly string[]) => list.map((name) => escapeIdentifier(name)).join(', ');
  const updates = columns
    .filter((column) => !key.includes(column))
    .map((column) => escapeIdentifier(column))
    .map((column) => `${column} = ${conflict === 'add' ? `there.${column} + ` : ''}excluded.${column}`);
  await db.query(
    `insert into ${escapeIdentifier(table)} as there (${names(columns)})
     select * from unnest(${types.map((type, i) => `$${i + 1}::${type}[]`).join(', ')})
     on conflict (${names(key)}) do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`,
    columns.map((column, i) => arrayOf(rows.map((row) => valueOf(row[column as keyof typeof row], types[i]!)))),
  );
}
