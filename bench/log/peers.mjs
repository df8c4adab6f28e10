/** What the log is measured against: PostgreSQL's COPY, and the event store of emmett. */
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { seconds } from './measure.mjs';

/**
 * Copies the newest `count` events into a table with the same columns and keys, from memory; gives
 * the seconds that takes.
 */
export async function copier(pool) {
  await pool.query('create table copied (like events including all)');
  let done = (await pool.query('select coalesce(max(position), 0)::int as position from events'))
    .rows[0].position;
  return async (count) => {
    const db = await pool.connect();
    try {
      const chunks = [];
      for await (const chunk of db.query(
        copyTo(`copy (select * from events where position > ${done} order by position) to stdout`),
      ))
        chunks.push(chunk);
      const took = await seconds(() =>
        pipeline(Readable.from(chunks), db.query(copyFrom('copy copied from stdin'))),
      );
      const { rows } = await db.query(
        'select count(*)::int as copied, max(position)::int as position from copied where position > $1',
        [done],
      );
      if (rows[0].copied !== count)
        throw new Error(`COPY took over ${rows[0].copied} rows of ${count}.`);
      done = rows[0].position;
      return took;
    } finally {
      db.release();
    }
  };
}

/** The same events through emmett, in tables of its own in the same database. */
export async function emmett(url) {
  const store = getPostgreSQLEventStore(url);
  await store.schema.migrate();
  return {
    append: ({ stream, events }) =>
      store.appendToStream(
        stream,
        events.map(({ type, data }) => ({ type, data })),
      ),
    close: () => store.close(),
  };
}
