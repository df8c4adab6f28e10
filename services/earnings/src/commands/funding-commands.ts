import { streams, type EventData } from '@cliptally/contracts';
import type { Campaign } from '../domain/campaign.js';
import type { Decided } from '../domain/fact.js';
import {
  decideRefund,
  decideRefundUndone,
  refundUnknown,
  type Refund,
} from '../domain/funding-refund.js';
import { decideCommitment, decideFunding } from '../domain/funding.js';
import { brandRevision, fundingIn, paymentOf, refundOf } from '../queries/funding.js';
import type { Snapshot } from '../queries/tables.js';
import { at, type StreamDecision } from './decision.js';
import type { Done, Execution } from './execution.js';

export function fund(
  execution: Execution,
  commandId: string,
  payment: EventData<'BudgetFunded'>,
): Promise<Done> {
  const { brandId, currency, reference } = payment;
  const stream = streams.brand(brandId);
  return execution.execute(commandId, stream, async (snapshot, now) => [
    {
      stream,
      expected: at(await brandRevision(snapshot, brandId)),
      events: decideFunding(
        await paymentOf(snapshot, brandId, reference),
        await fundingIn(snapshot, brandId, currency, now),
        payment,
      ),
    },
  ]);
}

/**
 * `stands` is false for a refund that has failed or a dispute that was won, which may be the first
 * webhook of it: a later one must not take the money.
 */
export function refund(
  execution: Execution,
  commandId: string,
  asked: Refund,
  stands: boolean,
): Promise<Done> {
  return decideOnRefund(execution, commandId, asked, async (snapshot) => {
    const known = await refundOf(snapshot, asked.brandId, asked.refundId);
    if (known && !stands) return decideRefundUndone(known, asked.by);
    const payment = await paymentOf(snapshot, asked.brandId, asked.reference);
    const taken = decideRefund(payment, known, asked);
    return stands
      ? taken
      : [...taken, ...decideRefundUndone({ ...asked, undone: false }, asked.by)];
  });
}

export function undoRefund(
  execution: Execution,
  commandId: string,
  asked: { brandId: string; refundId: string; by: string },
): Promise<Done> {
  return decideOnRefund(execution, commandId, asked, async (snapshot) => {
    const known = await refundOf(snapshot, asked.brandId, asked.refundId);
    if (!known) throw refundUnknown(asked.brandId, asked.refundId);
    return decideRefundUndone(known, asked.by);
  });
}

function decideOnRefund(
  execution: Execution,
  commandId: string,
  { brandId }: { brandId: string },
  decide: (snapshot: Snapshot) => Promise<Decided[]>,
): Promise<Done> {
  const stream = streams.brand(brandId);
  return execution.execute(commandId, stream, async (snapshot) => [
    {
      stream,
      expected: at(await brandRevision(snapshot, brandId)),
      events: await decide(snapshot),
    },
  ]);
}

/**
 * What a launch or a top-up commits of what its brand has paid in, in the brand's stream at the
 * revision that was read: two at once cannot commit the same money. Throws if it does not suffice.
 */
export async function commitmentsOf(
  snapshot: Snapshot,
  campaign: Campaign | null,
  events: readonly Decided[],
  now: Date,
): Promise<StreamDecision[]> {
  const [event] = events;
  const asked =
    event?.type === 'CampaignLaunched'
      ? { ...event.data, amount: event.data.terms.budget }
      : event?.type === 'CampaignToppedUp'
        ? { ...campaign!, amount: event.data.amount }
        : null;
  if (!asked) return [];
  const { brandId, campaignId, amount } = asked;
  const { currency } = asked.terms;
  const commitment = { brandId, campaignId, currency, amount };
  const funding = await fundingIn(snapshot, brandId, currency, now);
  return [
    {
      stream: streams.brand(brandId),
      expected: at(await brandRevision(snapshot, brandId)),
      events: decideCommitment(funding, commitment),
    },
  ];
}
