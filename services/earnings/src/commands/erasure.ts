import { streams } from '@cliptally/contracts';
import { outstandingOf } from '../domain/balance.js';
import { decideErasure, type Erasure } from '../domain/erasure.js';
import { erasedAmong, openPayoutsOf, unsettledOf } from '../queries/erasures.js';
import { at } from './decision.js';
import type { Done, Execution } from './execution.js';

/** In the stream of the creator's payouts, so that no payout is decided beside it. */
export function eraseCreator(
  execution: Execution,
  commandId: string,
  creatorId: string,
  erasure: Erasure,
  inClear: () => Promise<number>,
): Promise<Done> {
  const stream = streams.payout(creatorId);
  return execution.execute(commandId, stream, async (snapshot, now) => {
    const erased = (await erasedAmong(snapshot, [creatorId])).has(creatorId);
    const sums = new Map<string, number>();
    const add = (currency: string, amount: number) =>
      sums.set(currency, (sums.get(currency) ?? 0) + amount);
    for (const [currency, balance] of await snapshot.balances(creatorId, now))
      add(currency, outstandingOf(balance));
    for (const { currency, amount } of await unsettledOf(snapshot, creatorId))
      add(currency, amount);
    const leaving = {
      creatorId,
      erased,
      open: await openPayoutsOf(snapshot, creatorId),
      outstanding: [...sums].map(([currency, amount]) => ({ currency, amount })),
      inClear: erased ? 0 : await inClear(),
    };
    const expected = at(await snapshot.payoutRevision(creatorId));
    return [{ stream, expected, events: decideErasure(leaving, erasure) }];
  });
}
