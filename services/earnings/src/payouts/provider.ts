import type { PayoutDestination, PayoutProvider as ProviderName } from '@cliptally/contracts';
import type { Payout } from '../domain/payout.js';
import { conflict } from '../domain/rule-broken.js';
import type { Snapshot } from '../queries/tables.js';

/**
 * How a transfer ended. That it is not known is an error, which is thrown: the payout is then sent
 * again.
 */
export type Sent =
  | { outcome: 'paid'; reference: string }
  | { outcome: 'refused'; reason: string }
  /** Nothing was sent, for a reason that passes: the provider's balance does not suffice yet. */
  | { outcome: 'wait'; reason: string };

/** Who carries out approved payouts. */
export interface PayoutProvider {
  /** Why it cannot carry this payout out, as a sentence for who approves it; null when it can. */
  refusal(payout: Payout): string | null;
  /**
   * Sends an approved payout: once, however often and by however many processes this is called.
   * Null if a person pays, and records it.
   */
  send: ((payout: Payout) => Promise<Sent>) | null;
}

export type PayoutProviders = Partial<Record<ProviderName, PayoutProvider>>;

/**
 * A bank or PayPal, by the hand of a person: the list of transfers is `GET /payouts/transfers.csv`,
 * its record the same file sent back.
 */
export const manualProvider: PayoutProvider = { refusal: () => null, send: null };

/**
 * Where the payout goes: as it was when it was asked for, else where the creator has its money now;
 * null if nobody has said, and a person pays. Throws a conflict
 * if the provider cannot carry it out.
 */
export async function destinationOf(
  payout: Payout,
  providers: PayoutProviders,
  snapshot: Snapshot,
): Promise<PayoutDestination | null> {
  const destination = payout.destination ?? (await snapshot.payoutAccount(payout.creatorId));
  if (!destination) return null;
  const provider = providers[destination.provider];
  const refusal = provider
    ? provider.refusal(payout)
    : `Payouts to "${payout.creatorId}" go by Stripe, which is not set up here.`;
  if (refusal !== null) throw conflict('provider_refuses', refusal);
  return destination;
}
