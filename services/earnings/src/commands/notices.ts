import { accountIdsOf, streams, type EventType, type NewEvent } from '@cliptally/contracts';
import type { Decided } from '../domain/fact.js';

export interface Notice {
  stream: string;
  expected: 'any' | 'none';
  decided: Decided;
}

const is = <T extends EventType>(event: NewEvent, type: T): event is NewEvent<T> =>
  event.type === type;

/** What other streams have to know of an event. */
export function noticesOf(event: NewEvent): Notice[] {
  if (is(event, 'ClipHeld') || is(event, 'ClipReleased')) {
    const { clipId, campaignId } = event.data;
    const type = event.type === 'ClipHeld' ? 'CampaignClipHeld' : 'CampaignClipReleased';
    return [
      {
        stream: streams.campaign(campaignId),
        expected: 'any',
        decided: { type, data: { clipId, campaignId } },
      },
    ];
  }
  if (is(event, 'ClipApproved') && event.data.moved) {
    const { clipId, campaignId: to, moved: { from } } = event.data; // prettier-ignore
    return [from, to].map((campaignId) => ({
      stream: streams.campaign(campaignId),
      expected: 'any',
      decided: { type: 'CampaignClipMoved', data: { campaignId, clipId, from, to } },
    }));
  }
  if (is(event, 'AccountVerified') || (is(event, 'AccountReleased') && event.data.verified)) {
    const { platform, claimId } = event.data;
    const creatorId = event.type === 'AccountVerified' ? event.data.creatorId : null;
    return accountIdsOf(platform, event.data).map((accountId) => ({
      stream: streams.account(accountId),
      expected: 'any',
      decided: { type: 'AccountOwnerChanged', data: { accountId, platform, claimId, creatorId } },
    }));
  }
  if (is(event, 'PayoutRequested')) {
    const { payoutId, creatorId } = event.data;
    return [
      {
        stream: streams.uniquePayoutId(payoutId),
        expected: 'none',
        decided: { type: 'PayoutIdTaken', data: { payoutId, creatorId } },
      },
    ];
  }
  if (!is(event, 'EarningsReversed')) return [];
  const { campaignId, currency, lines } = event.data;
  return [...Map.groupBy(lines, ({ creatorId }) => creatorId)].map(([creatorId, own]) => {
    const amount = own.reduce((sum, line) => sum + line.amount, 0);
    const data = { creatorId, campaignId, currency, amount, reversal: event.id };
    return {
      stream: streams.payout(creatorId),
      expected: 'any',
      decided: { type: 'CreatorEarningsReversed', data },
    };
  });
}
