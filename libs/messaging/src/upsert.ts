import { escapeIdentifier, type ClientBase } from 'pg';

/**
 * Writes rows in one statement, replacing those whose key is there. The rows travel as one JSON text, whose fields
 * PostgreSQL turns into the types of the table's own columns.
 */
export async function upsert(db: ClientBase, table: string, key: readonly string[], rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]!);
  const names = (list: readonly string[]) => list.map((name) => escapeIdentifier(name)).join(', ');
  const updates = columns
    .filter((column) => !key.includes(column))
    .map((column) => `${escapeIdentifier(column)} = excluded.${escapeIdentifier(column)}`);
  const relation = escapeIdentifier(table);
  await db.query(
    `insert into ${relation} (${names(columns)})
     select ${names(columns)} from jsonb_populate_recordset(null::${relation}, $1::jsonb)
     on conflict (${names(key)}) do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`,
    [JSON.stringify(rows)],
  );
}
