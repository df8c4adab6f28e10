import { prepareProjection, type Projection } from '@cliptally/messaging';
import { earningsProjection } from '@cliptally/earnings';
import { monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import type { Client } from 'pg';

/** Those that the simulation has. */
export const PROJECTIONS = [earningsProjection, monitorProjection, schedulerProjection];

/**
 * Makes the tables of a projection if they are missing: once for a database, since that takes
 * longer than the rest of a seed.
 */
export async function prepareTables(
  projection: Projection,
  client: Client,
  schema = projection.name,
): Promise<void> {
  const pool = {
    connect: () => Promise.resolve({ query: client.query.bind(client), release: () => {} }),
  };
  await prepareProjection(projection, pool as never, { kind: 'memory' }, schema);
}

/**
 * Empty tables of a projection, at the beginning of the log. Nothing but the seed may change the
 * order in which PostgreSQL finds rows: so there are no statistics and no vacuum, and the files of
 * each table that had rows are new.
 */
export async function emptyTables(projection: Projection, client: Client): Promise<void> {
  const schema = projection.name;
  await prepareTables(projection, client);
  const { rows } = await client.query<{ name: string; vacuumed: boolean; used: boolean }>(
    `select format('%I.%I', $1::text, relname) as name, reloptions is null as vacuumed, pg_relation_size(oid) > 0 as used from pg_class
     where relnamespace = $1::regnamespace and relkind = 'r' and relname <> 'checkpoint' order by relname`,
    [schema],
  );
  const alone = rows
    .filter(({ vacuumed }) => vacuumed)
    .map(({ name }) => `alter table ${name} set (autovacuum_enabled = false)`);
  const used = rows.filter((row) => row.used).map(({ name }) => name);
  const empty = used.length > 0 ? [`truncate ${used.join(', ')}`] : [];
  await client.query(
    [...alone, ...empty, `update ${schema}.checkpoint set position = 0`].join('; '),
  );
}
