import type { AnyEvent } from '@cliptally/contracts';
import { Counts, Rows } from '@cliptally/messaging';
import type { BrandPaymentRow, BrandStreamRow } from './table-rows.js';

type BrandFact = Extract<AnyEvent, { type: 'BudgetFunded' | 'BudgetCommitted' }>;

/** What brands have paid in and committed to campaigns, and the revisions of their streams. */
export class BrandRows {
  readonly #streams = new Rows<BrandStreamRow>('brand_streams', 'brand_id');
  readonly #payments = new Rows<BrandPaymentRow>('brand_payments', 'brand_id', 'reference');
  readonly #funding = new Counts<
    { brand_id: string; currency: string },
    { funded: number; committed: number }
  >('brand_funding');
  readonly tables = [this.#streams, this.#payments, this.#funding];

  take({ type, data, revision, time }: BrandFact): void {
    const { brandId: brand_id, currency, amount } = data;
    this.#streams.put({ brand_id, revision });
    // What is committed follows from the campaigns themselves.
    if (type !== 'BudgetFunded') return;
    const { reference, by } = data;
    this.#payments.put({ brand_id, reference, currency, amount, by, paid_at: time });
    this.#funding.add({ brand_id, currency }, { funded: amount, committed: 0 });
  }

  commit(brand_id: string, currency: string, amount: number): void {
    this.#funding.add({ brand_id, currency }, { funded: 0, committed: amount });
  }
}
