import type { Pool } from 'pg';
import type { EarningsTables } from './judge.js';

/** Reads what earnings shows, in one transaction: all of it is at one position. */
export async function readTables(pool: Pool): Promise<EarningsTables> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const { rows: checkpoints } = await client.query<{ position: number }>(
      'select position::float8 from earnings.checkpoint',
    );
    const { rows: campaigns } = await client.query<EarningsTables['campaigns'][number]>(
      `select campaign_id as "campaignId", (state ->> 'accrued')::float8 as accrued,
         (state ->> 'reversed')::float8 as reversed from earnings.campaigns`,
    );
    const { rows: lines } = await client.query<EarningsTables['lines'][number]>(
      `select position::float8, clip_id as "clipId", amount::float8
       from earnings.ledger where kind in ('accrued', 'reversed')`,
    );
    await client.query('commit');
    return { position: checkpoints[0]?.position ?? 0, campaigns, lines };
  } finally {
    client.release();
  }
}
