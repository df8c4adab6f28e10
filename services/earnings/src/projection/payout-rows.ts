import type { AnyEvent } from '@cliptally/contracts';
import { Rows } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import type { Payout, PayoutFact } from '../domain/payout.js';
import type {
  ErasedCreatorRow,
  PayoutAccountRow,
  PayoutRow,
  PayoutStreamRow,
} from './table-rows.js';

export type PayoutStreamFact =
  | PayoutFact
  | Extract<AnyEvent, { type: 'PayoutAccountSet' | 'CreatorEarningsReversed' | 'CreatorErased' }>;

/** Payouts, the accounts that they go to, and the revisions of their streams. */
export class PayoutRows {
  readonly #payouts = new Rows<PayoutRow>('payouts', 'payout_id');
  readonly #streams = new Rows<PayoutStreamRow>('payout_streams', 'creator_id');
  readonly #accounts = new Rows<PayoutAccountRow>('payout_accounts', 'creator_id');
  readonly #erased = new Rows<ErasedCreatorRow>('erased_creators', 'creator_id');
  readonly tables = [this.#payouts, this.#streams, this.#accounts, this.#erased];

  load(payoutIds: Iterable<string>, db: ClientBase): Promise<void> {
    return this.#payouts.load(payoutIds, db);
  }

  /** Whether the event is about a payout, and so for the ledger. */
  take(event: AnyEvent & PayoutStreamFact): event is AnyEvent & PayoutFact {
    const { creatorId } = event.data;
    this.#streams.put({ creator_id: creatorId, revision: event.revision });
    if (event.type === 'PayoutAccountSet') {
      const { provider, account } = event.data;
      this.#accounts.put({ creator_id: creatorId, provider, account, set_at: event.time });
      return false;
    }
    if (event.type === 'CreatorErased') {
      const { taxProfileKept: tax_profile_kept } = event.data;
      this.#erased.put({ creator_id: creatorId, erased_at: event.time, tax_profile_kept });
      return false;
    }
    return event.type !== 'CreatorEarningsReversed';
  }

  payout(payoutId: string): Payout | null {
    return this.#payouts.get(payoutId)?.state ?? null;
  }

  keep(state: Payout, { position, time }: AnyEvent): void {
    const { payoutId, creatorId, currency, status } = state;
    this.#payouts.put({
      payout_id: payoutId,
      creator_id: creatorId,
      currency,
      status,
      position: this.#payouts.get(payoutId)?.position ?? position,
      changed_at: time,
      state,
    });
  }
}
