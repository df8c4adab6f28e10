import { accountIdsOf, streams } from '@cliptally/contracts';
import { decideVerification, namesOf, type Account, type Verification } from '../domain/account.js';
import type { Decided } from '../domain/fact.js';
import { accountOwners, accountsById, accountsOf, creatorRevisions } from '../queries/accounts.js';
import { at } from './decision.js';
import type { Done, Execution } from './execution.js';

export type NamedClaim = Pick<Account, 'creatorId' | 'claimId'>;

export function changeClaims(
  execution: Execution,
  commandId: string,
  creatorId: string,
  decide: (own: Account[]) => Decided[],
): Promise<Done> {
  const stream = streams.creator(creatorId);
  return execution.execute(commandId, stream, async (snapshot) => {
    const revisions = await creatorRevisions(snapshot, [creatorId]);
    const events = decide(await accountsOf(snapshot, creatorId));
    return [{ stream, expected: at(revisions.get(creatorId)!), events }];
  });
}

/**
 * Rests on the stream of the creator, on those of creators who lose the account, and on one of each
 * of its names: of two who prove the same account at once, one is refused.
 */
export function verifyAccount(
  execution: Execution,
  commandId: string,
  { creatorId, claimId }: NamedClaim,
  how: Verification,
): Promise<Done> {
  return execution.execute(commandId, streams.creator(creatorId), async (snapshot) => {
    const [account] = await accountsById(snapshot, [claimId]);
    const accountIds = accountIdsOf(account!.platform, namesOf(account!, how.name));
    const found = await accountOwners(snapshot, accountIds);
    const taken = found.filter((row) => row.creator_id !== null);
    const owners = await accountsById(snapshot, [...new Set(taken.map((row) => row.claim_id))]);
    const decided = decideVerification(account!, owners, how);
    if (decided.length === 0) return [];
    const creators = [...new Set(decided.map(({ data }) => data.creatorId))];
    const revisions = await creatorRevisions(snapshot, creators);
    const names = new Map(found.map((row) => [row.account_id, row.revision]));
    return [
      ...creators.map((id) => ({
        stream: streams.creator(id),
        expected: at(revisions.get(id)!),
        events: decided.filter(({ data }) => data.creatorId === id),
      })),
      ...accountIds.map((id) => ({
        stream: streams.account(id),
        expected: at(names.get(id) ?? -1),
        events: [],
      })),
    ];
  });
}
