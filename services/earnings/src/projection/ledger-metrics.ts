import { inTransaction, type Projector } from '@cliptally/messaging';
import { Gauge, type Registry } from 'prom-client';
import type { Pool } from 'pg';
import { earningsProjection } from './earnings-projection.js';

const SUMS = `
  select currency, case when amount > 0 then 'accrued' else 'reversed' end as kind, abs(sum(amount))::float8 as amount
  from ledger where kind in ('accrued', 'reversed') group by 1, 2
  union all
  select currency, kind, sum(case kind when 'fee_withheld' then -amount else amount end)::float8
  from ledger where kind in ('fee_withheld', 'fee_on_top') group by 1, 2
  union all
  select currency, 'paid', coalesce(sum((state->>'amount')::bigint) filter (where state->>'status' = 'PAID'), 0)::float8
  from payouts group by 1`;

/**
 * The ledger's sums and their position in the log, read at one moment. The monitor sums the same
 * log by itself, and an alert compares both if they are at the same position. Labels are closed.
 */
export function ledgerMetrics(registry: Registry, pool: Pool, projector: Projector): void {
  const registers: Registry[] = [];
  let reading: ReturnType<typeof readSums> | null = null;
  // Both metrics of one scrape get the same reading.
  const read = () => (reading ??= readSums(pool).finally(() => (reading = null)));
  const position = new Gauge({
    name: 'cliptally_book_position',
    help: 'Position in the log that the sums of cliptally_book_minor_units are of; sums of two services are compared at the same one.',
    registers,
    async collect() {
      this.set((await read()).position);
    },
  });
  const sums = new Gauge({
    name: 'cliptally_book_minor_units',
    help: 'Minor units accrued, reversed, of fees and paid since the beginning; two services sum them, each from the log.',
    labelNames: ['currency', 'kind'],
    registers,
    async collect() {
      for (const { currency, kind, amount } of (await read()).sums)
        this.set({ currency, kind }, amount);
    },
  });
  const ofProjection = { labelNames: ['projection'], registers };
  const reached = new Gauge({
    ...ofProjection,
    name: 'cliptally_projection_position',
    help: 'Position in the log that the projection has reached.',
    collect() {
      this.set({ projection: earningsProjection.name }, projector.position);
    },
  });
  const halted = new Gauge({
    ...ofProjection,
    name: 'cliptally_projection_halted',
    help: '1 while a projection is halted at an event that it cannot apply.',
    collect() {
      this.set({ projection: earningsProjection.name }, projector.halted ? 1 : 0);
    },
  });
  for (const metric of [position, sums, reached, halted]) registry.registerMetric(metric);
}

function readSums(
  pool: Pool,
): Promise<{ position: number; sums: { currency: string; kind: string; amount: number }[] }> {
  return inTransaction(pool, earningsProjection.name, async (db) => {
    await db.query('set transaction isolation level repeatable read, read only');
    const { rows } = await db.query<{ position: number }>(
      'select position::float8 from checkpoint',
    );
    const sums = await db.query<{ currency: string; kind: string; amount: number }>(SUMS);
    return { position: rows[0]!.position, sums: sums.rows };
  });
}
