import { upsert } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import type { OutstandingScrapeRow } from './table-rows.js';

/** Scrapes that were requested and have no outcome yet, by request. */
export class OutstandingScrapes {
  readonly #requested = new Map<string, readonly string[]>();
  /** Those that are rows already. */
  readonly #answered: string[] = [];
  /** Whether there were rows when this began; null before it was asked. */
  #anyBefore: boolean | null = null;

  get size(): number {
    return this.#requested.size + this.#answered.length;
  }

  async load(db: ClientBase): Promise<void> {
    this.#anyBefore ??= (await db.query('select from outstanding_scrapes limit 1')).rowCount === 1;
  }

  request(requestId: string, campaignIds: readonly string[]): void {
    this.#requested.set(requestId, campaignIds);
  }

  answer(requestId: string): void {
    if (!this.#requested.delete(requestId) && this.#anyBefore) this.#answered.push(requestId);
  }

  async save(db: ClientBase): Promise<void> {
    const rows = [...this.#requested].flatMap(([request_id, campaignIds]) =>
      campaignIds.map((campaign_id): OutstandingScrapeRow => ({ request_id, campaign_id })),
    );
    await upsert(db, 'outstanding_scrapes', ['request_id', 'campaign_id'], rows);
    if (this.#answered.length > 0)
      await db.query('delete from outstanding_scrapes where request_id = any($1)', [
        this.#answered,
      ]);
  }
}
