import { closeOutOf } from '../domain/close-out.js';
import type { KnownRefund } from '../domain/funding-refund.js';
import { NO_FUNDING, type Funding, type Payment } from '../domain/funding.js';
import type { BrandPaymentRow, BrandRefundRow } from '../projection/table-rows.js';
import { waitingIn } from './close-out.js';
import type { Queries } from './queries.js';

/** What a brand has paid in, by currency. What closed campaigns have left over comes back. */
export async function fundingOf(
  queries: Queries,
  brandId: string,
  now: Date,
): Promise<Map<string, Funding>> {
  const rows = await queries.rows<Omit<Funding, 'returned'>>(
    `select currency, (funded - coalesce(refunded, 0))::float8 as funded,
       coalesce(refunded, 0)::float8 as refunded, committed::float8
     from brand_funding left join (
       select currency, sum(least(amount, back)) as refunded
       from brand_payments join (
         select reference, sum(amount) as back from brand_refunds
         where brand_id = $1 and undone_at is null group by reference
       ) of using (reference)
       where brand_id = $1 group by currency
     ) refunds using (currency)
     where brand_id = $1 order by currency`,
    brandId,
  );
  const returned = await returnedOf(queries, brandId, now);
  return new Map(
    rows.map((row) => [row.currency, { ...row, returned: returned.get(row.currency) ?? 0 }]),
  );
}

async function returnedOf(queries: Queries, brandId: string, now: Date) {
  const over = await queries.rows<{ campaign_id: string }>(
    `select campaign_id from campaigns where brand_id = $1 and remaining > 0
       and (status = 'ENDED' or (state -> 'terms' ->> 'endsAt')::timestamptz <= $2)`,
    brandId, now,
  ); // prettier-ignore
  const sums = new Map<string, number>();
  const campaigns = await queries.campaignRows(over.map(({ campaign_id }) => campaign_id));
  for (const [campaignId, { state }] of campaigns) {
    const { closed, remaining, currency } = closeOutOf(
      state,
      await waitingIn(queries, campaignId),
      now,
    );
    if (closed) sums.set(currency, (sums.get(currency) ?? 0) + remaining);
  }
  return sums;
}

export const fundingIn = async (queries: Queries, brandId: string, currency: string, now: Date) =>
  (await fundingOf(queries, brandId, now)).get(currency) ?? NO_FUNDING;

export async function brandRevision(queries: Queries, brandId: string): Promise<number> {
  const [row] = await queries.rows<{ revision: number }>(
    'select revision from brand_streams where brand_id = $1',
    brandId,
  );
  return row?.revision ?? -1;
}

export async function paymentOf(
  queries: Queries,
  brandId: string,
  reference: string,
): Promise<Payment | null> {
  const [row] = await queries.rows<Payment>(
    'select brand_id as "brandId", reference, currency, amount::float8 from brand_payments where brand_id = $1 and reference = $2',
    brandId, reference,
  ); // prettier-ignore
  return row ?? null;
}

/** The newest first. */
export const paymentsOf = (
  queries: Queries,
  brandId: string,
  limit: number,
): Promise<BrandPaymentRow<Date>[]> =>
  queries.rows(
    'select brand_id, reference, currency, amount::float8, by, paid_at from brand_payments where brand_id = $1 order by paid_at desc, reference limit $2',
    brandId, limit,
  ); // prettier-ignore

export async function refundOf(
  queries: Queries,
  brandId: string,
  refundId: string,
): Promise<KnownRefund | null> {
  const [row] = await queries.rows<KnownRefund>(
    `select brand_id as "brandId", refund_id as "refundId", reference, currency, amount::float8,
       undone_at is not null as undone
     from brand_refunds where brand_id = $1 and refund_id = $2`,
    brandId, refundId,
  ); // prettier-ignore
  return row ?? null;
}

/** The newest first. */
export const refundsOf = (
  queries: Queries,
  brandId: string,
  limit: number,
): Promise<BrandRefundRow<Date>[]> =>
  queries.rows(
    `select brand_id, refund_id, reference, currency, amount::float8, by, refunded_at, undone_at
     from brand_refunds where brand_id = $1 order by refunded_at desc, refund_id limit $2`,
    brandId, limit,
  ); // prettier-ignore

/** Payments of this reference, of whatever brands: it is once a brand. */
export const paymentsNamed = (
  queries: Queries,
  reference: string,
): Promise<(Payment & { by: string })[]> =>
  queries.rows(
    'select brand_id as "brandId", reference, currency, amount::float8, by from brand_payments where reference = $1',
    reference,
  );
