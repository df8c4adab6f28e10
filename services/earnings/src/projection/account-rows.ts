import type { AnyEvent } from '@cliptally/contracts';
import { Rows } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import { evolveAccount, type AccountFact } from '../domain/account.js';
import type { AccountOwnerRow, AccountRow, CreatorStreamRow } from './table-rows.js';

/** Claims to accounts by the rules of the domain, and who has each name of an account. */
export class AccountRows {
  readonly #accounts = new Rows<AccountRow>('accounts', 'claim_id');
  readonly #creators = new Rows<CreatorStreamRow>('creator_streams', 'creator_id');
  readonly #owners = new Rows<AccountOwnerRow>('account_owners', 'account_id');
  readonly tables = [this.#accounts, this.#creators, this.#owners];

  load(claimIds: Iterable<string>, db: ClientBase): Promise<void> {
    return this.#accounts.load(claimIds, db);
  }

  take(event: AnyEvent & AccountFact): void {
    const { claimId, creatorId, platform } = event.data;
    const state = evolveAccount(this.#accounts.get(claimId)?.state ?? null, event);
    this.#creators.put({ creator_id: creatorId, revision: event.revision });
    const { status, code, claimedAt: claimed_at } = state;
    const of = { claim_id: claimId, creator_id: creatorId, platform };
    this.#accounts.put({ ...of, status, code, claimed_at, position: event.position, state });
  }

  takeOwner({ revision, data }: Extract<AnyEvent, { type: 'AccountOwnerChanged' }>): void {
    const { accountId: account_id, claimId: claim_id, creatorId: creator_id } = data;
    this.#owners.put({ account_id, revision, claim_id, creator_id });
  }
}
