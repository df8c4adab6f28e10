import { streams, type EventData } from '@cliptally/contracts';
import type { Campaign } from '../domain/campaign.js';
import type { Decided } from '../domain/fact.js';
import { decideCommitment, decideFunding } from '../domain/funding.js';
import { brandRevision, fundingIn, paymentOf } from '../queries/funding.js';
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
