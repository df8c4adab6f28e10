import Cursor from 'pg-cursor';

export async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Works on all items, `count` at a time. */
export async function bySeveral(count, items, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: count }, async () => {
      while (next < items.length) await work(items[next++]);
    }),
  );
}

/**
 * Events a second of a cursor that reads the log from its beginning, or `limit` events after a
 * position.
 */
export async function cursorRead(pool, after = 0, limit = null) {
  const db = await pool.connect();
  let rows = 0;
  const took = await seconds(async () => {
    const sql = 'select position, stream, revision, id, type, version, time, correlation_id, causation_id, data from events where position > $1 order by position limit $2'; // prettier-ignore
    const cursor = db.query(new Cursor(sql, [after, limit]));
    for (let page = await cursor.read(5_000); page.length > 0; page = await cursor.read(5_000))
      rows += page.length;
    await cursor.close();
  });
  db.release();
  return rows / took;
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
export const rate = (n) => `${Math.round(n)}/s`;
export const ratio = (n, of, goal) =>
  `${n.toFixed(2)} ${of}${goal === undefined ? '' : ` (goal ${goal}: ${n >= goal ? 'met' : 'MISSED'})`}`;
export const line = (name, value, note = '') =>
  process.stdout.write(`${name.padEnd(56)}${value.padStart(12)}  ${note}\n`);
