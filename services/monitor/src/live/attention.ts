import { formatMoney } from '@cliptally/contracts';
import type { ClientBase } from 'pg';
import { openRequestsAt, settlementFailuresAt } from '../status/status.js';
import type { AttentionSection, RiskLine, WaitLine } from './sections.js';

/** What waits, for whom, and since when; and money that may be lost. */
export async function attentionAt(db: ClientBase): Promise<Omit<AttentionSection, 'alerts'>> {
  return { waits: await waitsAt(db), risks: await risksAt(db) };
}

interface Waiting {
  kind: string;
  count: number;
  oldest: Date;
}

/** For people first, then for machines; nothing that nobody waits for. */
async function waitsAt(db: ClientBase): Promise<WaitLine[]> {
  const { rows: ofPeople } = await db.query<Waiting>(
    `select kind, count(*)::int as count, min(since) as oldest from waiting group by kind
     union all
     select 'skip', count(*)::int, min(skipped_at) from skips where reviewed is null having count(*) > 0`,
  );
  const payouts = await db.query<{
    status: string;
    currency: string;
    count: number;
    amount: number;
    oldest: Date;
  }>(
    `select status, currency, count(*)::int as count, sum(amount)::float8 as amount, min(changed_at) as oldest
     from payouts where status in ('REQUESTED', 'APPROVED') group by 1, 2 order by 2`,
  );
  const of = (
    kind: WaitLine['kind'],
    rows: readonly (Omit<Waiting, 'kind'> & { money?: string })[],
  ) =>
    // prettier-ignore
    rows.length === 0
      ? []
      : [
          {
            kind,
            count: rows.reduce((sum, { count }) => sum + count, 0),
            oldest: Math.min(...rows.map(({ oldest }) => oldest.getTime())),
            money: rows.flatMap(({ money }) => money ?? []),
          },
        ];
  const paid = (status: string) =>
    payouts.rows
      .filter((row) => row.status === status)
      .map((row) => ({ ...row, money: formatMoney(row.amount, row.currency) }));
  const people = (kind: WaitLine['kind']) =>
    of(
      kind,
      ofPeople.filter((row) => row.kind === kind),
    );
  const requests = await openRequestsAt(db);
  return [
    ...of('payout_approval', paid('REQUESTED')),
    ...of('payout_transfer', paid('APPROVED')),
    ...people('hold'),
    ...people('appeal'),
    ...people('submission'),
    ...people('skip'),
    ...of(
      'scrape',
      requests.map(({ requests: count, oldest }) => ({ count, oldest })),
    ),
  ];
}

/** Only what is not as it must be. */
async function risksAt(db: ClientBase): Promise<RiskLine[]> {
  const { rows } = await db.query<{ kind: RiskLine['kind']; currency: string; amount: number }>(
    `select 'beyond_budget' as kind, currency, sum(accrued - reversed + fees_on_top - budget)::float8 as amount
     from campaigns where accrued - reversed + fees_on_top > budget group by currency
     union all
     select 'beyond_earnings', currency, sum(overpaid)::float8 from payouts where overpaid > 0 group by currency
     union all
     select 'paid_twice', currency, sum(amount * (times_paid - 1))::float8 from payouts where times_paid > 1 group by currency
     order by 1, 2`,
  );
  const { open, oldest } = await settlementFailuresAt(db);
  const unsettled: RiskLine[] =
    open === 0 ? [] : [{ kind: 'unsettled', money: [], clips: open, since: Date.parse(oldest[0]!.since) }]; // prettier-ignore
  return [
    ...[...Map.groupBy(rows, ({ kind }) => kind)].map(([kind, of]) => ({
      kind,
      money: of.map(({ amount, currency }) => formatMoney(amount, currency)),
      clips: 0,
      since: null,
    })),
    ...unsettled,
  ];
}
