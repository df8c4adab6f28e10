import type { AnyEvent } from '@cliptally/contracts';
import { Counts, Rows } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import type { BrandPaymentRow, BrandRefundRow, BrandStreamRow } from './table-rows.js';

export type BrandFact = Extract<
  AnyEvent,
  { type: 'BudgetFunded' | 'BudgetRefunded' | 'BudgetRefundUndone' | 'BudgetCommitted' }
>;

/** What brands have paid in and committed to campaigns, and the revisions of their streams. */
export class BrandRows {
  readonly #streams = new Rows<BrandStreamRow>('brand_streams', 'brand_id');
  readonly #payments = new Rows<BrandPaymentRow>('brand_payments', 'brand_id', 'reference');
  readonly #refunds = new Rows<BrandRefundRow>('brand_refunds', 'brand_id', 'refund_id');
  readonly #funding = new Counts<
    { brand_id: string; currency: string },
    { funded: number; committed: number }
  >('brand_funding');
  readonly tables = [this.#streams, this.#payments, this.#refunds, this.#funding];

  /** Of the brands that something is refunded to. */
  async load(brandIds: Iterable<string>, db: ClientBase): Promise<void> {
    await this.#refunds.load(brandIds, db);
  }

  take({ type, data, revision, time }: BrandFact): void {
    const { brandId: brand_id, currency, amount } = data;
    this.#streams.put({ brand_id, revision });
    // What is committed follows from the campaigns themselves.
    if (type === 'BudgetCommitted') return;
    const { reference, by } = data;
    const money = { brand_id, reference, currency, amount, by };
    if (type === 'BudgetFunded') {
      this.#payments.put({ ...money, paid_at: time });
      this.#funding.add({ brand_id, currency }, { funded: amount, committed: 0 });
    } else if (type === 'BudgetRefunded')
      this.#refunds.put({
        ...money,
        refund_id: data.refundId,
        refunded_at: time,
        undone_at: null,
      });
    else
      this.#refunds.change(`${brand_id} ${data.refundId}`, (row) => {
        row.undone_at = time;
      });
  }

  commit(brand_id: string, currency: string, amount: number): void {
    this.#funding.add({ brand_id, currency }, { funded: 0, committed: amount });
  }
}
