import type { CreatorYearAnswer } from '@cliptally/contracts/api';
import type { Queries } from '../queries/queries.js';
import type { TaxProfiles } from './tax-profiles.js';

export interface YearOf {
  year: number;
  currency?: string | undefined;
  /** Only creators whose gross of the year is at least this, in minor units. */
  atLeast?: number | undefined;
  /** The last creator and currency of the page before. */
  after: [string, string] | null;
  limit: number;
}

type Figures = Pick<
  CreatorYearAnswer,
  'paid' | 'payments' | 'returned' | 'fees' | 'gross' | 'clips'
>;
type Row = Figures & {
  creatorId: string;
  currency: string;
  quarters: (Figures & { quarter: number })[];
};

const FIGURES = `
  coalesce(sum(paid) filter (where paid > 0), 0)::float8 as paid,
  count(*) filter (where paid > 0)::int as payments,
  coalesce(-sum(paid) filter (where paid < 0), 0)::float8 as returned,
  coalesce(-sum(amount) filter (where kind = 'fee_withheld'), 0)::float8 as fees,
  (coalesce(sum(paid), 0) - coalesce(sum(amount) filter (where kind = 'fee_withheld'), 0))::float8 as gross,
  count(distinct (clip_id, campaign_id)) filter (where kind = 'accrued')::int as clips`;

/**
 * What creators were paid in a year of UTC, by currency, from the lines of their statements: all
 * years of a creator sum to what its balance says it was paid. Creators with no payment and no fee
 * in the year are left out.
 */
const YEAR = `
  with lines as (
    select creator_id, currency, kind, amount, clip_id, campaign_id,
           extract(quarter from time at time zone 'UTC')::int as quarter,
           (detail ->> 'paid')::bigint as paid
    from ledger
    where time >= make_timestamptz($1, 1, 1, 0, 0, 0, 'UTC') and time < make_timestamptz($1 + 1, 1, 1, 0, 0, 0, 'UTC')
      and kind in ('payout', 'accrued', 'fee_withheld') and ($2::text is null or currency = $2)
      and ($4::text is null or (creator_id collate "C", currency collate "C") > ($4, $5))
  ), years as (
    select creator_id, currency, ${FIGURES} from lines group by 1, 2
    having (count(*) filter (where paid <> 0 or kind = 'fee_withheld')) > 0
    order by creator_id collate "C", currency collate "C"
  ), chosen as (
    select * from years where $3::float8 is null or gross >= $3
    order by creator_id collate "C", currency collate "C" limit $6
  ), quarters as (
    select creator_id, currency, quarter, ${FIGURES} from lines
    where (creator_id, currency) in (select creator_id, currency from chosen) group by 1, 2, 3
  )
  select creator_id as "creatorId", currency, paid, payments, returned, fees, gross, clips,
         (select coalesce(jsonb_agg(to_jsonb(q) - 'creator_id' - 'currency' order by quarter), '[]') from quarters q
          where q.creator_id = c.creator_id and q.currency = c.currency) as quarters
  from chosen c order by c.creator_id collate "C", c.currency collate "C"`;

const NOTHING: Figures = { paid: 0, payments: 0, returned: 0, fees: 0, gross: 0, clips: 0 };

export async function creatorYears(
  queries: Pick<Queries, 'rows'>,
  profiles: TaxProfiles,
  { year, currency, atLeast, after, limit }: YearOf,
): Promise<CreatorYearAnswer[]> {
  const [creatorId, inCurrency] = after ?? [null, null];
  const rows = await queries.rows<Row>(
    YEAR,
    year,
    currency ?? null,
    atLeast ?? null,
    creatorId,
    inCurrency,
    limit,
  );
  const known = await profiles.ofMany([...new Set(rows.map((row) => row.creatorId))]);
  return rows.map(({ quarters, ...row }) => {
    const found = known.get(row.creatorId);
    const all = [1, 2, 3, 4].map((quarter) => ({
      ...NOTHING,
      ...quarters.find((one) => one.quarter === quarter),
      quarter,
    }));
    return {
      ...row,
      year,
      quarters: all,
      hasTaxProfile: found !== undefined,
      taxProfile: found?.profile ?? null,
      taxProfileFault: found?.fault ?? null,
    };
  });
}
