import { Currency, formatMoney } from '@cliptally/contracts';
import type { Webhook } from './webhook.js';

/** What people read: one sentence by type, made of the fields of the webhook. */
const SENTENCES: Readonly<Record<string, string>> = {
  'campaign.launched': 'The campaign {campaignId} was launched.',
  'campaign.topped_up': 'The budget of the campaign {campaignId} was raised.',
  'campaign.paused': 'The campaign {campaignId} is paused: {reason}',
  'campaign.resumed': 'The campaign {campaignId} goes on.',
  'campaign.ended': 'The campaign {campaignId} has ended: {reason}',
  'campaign.budget_nearly_used':
    'The campaign {campaignId} has spent 80 % of its budget: {remaining} of {budget} remain.',
  'campaign.budget_exhausted': 'The budget of the campaign {campaignId}, {budget}, is gone.',
  'campaign.earnings_accrued': 'Clips of the campaign {campaignId} have earned {total}.',
  'campaign.earnings_reversed': '{total} of the campaign {campaignId} were taken back.',
  'clip.submitted': 'The clip {clipId} waits for review in the campaign {campaignId}: {url}',
  'clip.approved': 'The clip {clipId} was approved in the campaign {campaignId}.',
  'clip.rejected': 'The clip {clipId} was rejected in the campaign {campaignId}: {reason}',
  'clip.held':
    'The clip {clipId} is on hold in the campaign {campaignId} until its review on {reviewAt}: {reason}',
  'clip.released': 'The hold of the clip {clipId} in the campaign {campaignId} is over.',
  'clip.appealed':
    'The creator {creatorId} objects to what was decided about the clip {clipId} in the campaign {campaignId}.',
  'clip.appeal_answered':
    'The appeal for the clip {clipId} in the campaign {campaignId} is answered: {reason}',
  'clip.restored': 'The clip {clipId} is scraped again ({reason}).',
  'clip.retired': 'The clip {clipId} is gone from its platform ({reason}).',
  'short_link.waiting': 'The short link {linkId} leads to no clip yet ({reason}).',
  'short_link.settled': 'The short link {linkId} is the clip {clipId}.',
  'short_link.ended': 'The short link {linkId} has led to no clip ({reason}).',
  'account.claimed': 'The creator {creatorId} says that an account on {platform} is its own.',
  'account.verified': 'An account on {platform} is proved to be that of the creator {creatorId}.',
  'account.released':
    'An account on {platform} is that of the creator {creatorId} no more: {reason}',
  'payout.requested': 'The creator {creatorId} asks for the payout {payoutId}: {amount}.',
  'payout.approved': 'The payout {payoutId} of {creatorId} was approved.',
  'payout.rejected': 'The payout {payoutId} of {creatorId} was rejected: {reason}',
  'payout.paid': 'The payout {payoutId} of {creatorId} was paid ({externalReference}).',
  'payout.failed': 'The payout {payoutId} of {creatorId} failed: {reason}',
  'funding.paid_in': 'The brand {brandId} has paid in {amount}.',
  'funding.refunded':
    '{amount} that the brand {brandId} had paid in went back to it. Its campaigns go on.',
  'funding.refund_undone': 'The brand {brandId} has {amount} again that had gone back to it.',
  'webhook.endpoint_off': 'The endpoint {endpointId} was switched off. {reason}',
  'webhook.test': 'This is a test of the endpoint {endpointId}.',
};

const AMOUNTS = new Set(['amount', 'total', 'budget', 'remaining']);

/** The webhook as a sentence on one line; `escape` makes what others wrote harmless there. */
export function sentenceOf({ type, data }: Webhook, escape = (text: string) => text): string {
  const currency = Currency.safeParse(data['currency']);
  const valueOf = (name: string): string => {
    const value = data[name];
    if (value === undefined || value === null) return '';
    return AMOUNTS.has(name) && typeof value === 'number' && currency.success
      ? formatMoney(value, currency.data)
      : escape(textOf(value).replaceAll(/\s+/g, ' '));
  };
  return SENTENCES[type]!.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueOf(name));
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

export const hasSentence = (type: string): boolean => type in SENTENCES;
