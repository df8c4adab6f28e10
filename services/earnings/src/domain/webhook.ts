import {
  budgetRemaining,
  type AnyEvent,
  type CampaignSums,
  type EventData,
  type EventType,
} from '@cliptally/contracts';

type Kinds = {
  [T in EventType]?: {
    type: string;
    fields: readonly (keyof EventData<T> & string)[];
    /** Only events that have this field make it. */
    only?: keyof EventData<T> & string;
  };
};

const clip = ['clipId', 'platform', 'campaignId'] as const;
const payout = ['payoutId', 'creatorId'] as const;
const funding = ['brandId', 'currency', 'amount'] as const;
const account = ['claimId', 'creatorId', 'platform'] as const;

/**
 * The events that make webhooks, and the fields that these carry: never payout accounts, what a
 * creator typed, lines of others, or who of the operator's people acted. A field that an event
 * gets later is not sent until it stands here.
 */
const KINDS = {
  CampaignLaunched: { type: 'campaign.launched', fields: ['campaignId', 'brandId', 'name'] },
  CampaignToppedUp: { type: 'campaign.topped_up', fields: ['campaignId', 'amount'] },
  CampaignPaused: { type: 'campaign.paused', fields: ['campaignId', 'reason'] },
  CampaignResumed: { type: 'campaign.resumed', fields: ['campaignId'] },
  CampaignEnded: { type: 'campaign.ended', fields: ['campaignId', 'reason'] },
  CampaignBudgetExhausted: {
    type: 'campaign.budget_exhausted',
    fields: ['campaignId', 'currency', 'budget', 'unpaid'],
  },
  EarningsAccrued: {
    type: 'campaign.earnings_accrued',
    fields: ['campaignId', 'currency', 'total'],
  },
  EarningsReversed: {
    type: 'campaign.earnings_reversed',
    fields: ['campaignId', 'currency', 'total'],
  },
  ClipSubmitted: { type: 'clip.submitted', fields: [...clip, 'creatorId', 'url'] },
  ClipApproved: { type: 'clip.approved', fields: clip },
  ClipRejected: { type: 'clip.rejected', fields: [...clip, 'reason'] },
  ClipHeld: { type: 'clip.held', fields: [...clip, 'reason', 'reviewAt', 'code'] },
  ClipReleased: { type: 'clip.released', fields: clip },
  ClipAppealed: { type: 'clip.appealed', fields: [...clip, 'creatorId'] },
  ClipAppealAnswered: { type: 'clip.appeal_answered', fields: [...clip, 'granted', 'reason'] },
  ClipRestored: { type: 'clip.restored', fields: ['clipId', 'platform', 'reason'] },
  ClipRetired: { type: 'clip.retired', fields: ['clipId', 'platform', 'reason'] },
  ShortLinkSubmitted: {
    type: 'short_link.waiting',
    fields: ['linkId', 'campaignId', 'creatorId', 'reason'],
  },
  ShortLinkTried: { type: 'short_link.waiting', fields: ['linkId', 'reason'], only: 'forPerson' },
  ShortLinkResolved: { type: 'short_link.settled', fields: ['linkId', 'clipId'] },
  ShortLinkRefused: { type: 'short_link.ended', fields: ['linkId', 'reason'] },
  AccountClaimed: { type: 'account.claimed', fields: account },
  AccountVerified: { type: 'account.verified', fields: [...account, 'proof'] },
  AccountReleased: { type: 'account.released', fields: [...account, 'reason'] },
  PayoutRequested: { type: 'payout.requested', fields: [...payout, 'currency', 'amount'] },
  PayoutApproved: { type: 'payout.approved', fields: payout },
  PayoutRejected: { type: 'payout.rejected', fields: [...payout, 'reason'] },
  PayoutPaid: { type: 'payout.paid', fields: [...payout, 'externalReference'] },
  PayoutFailed: { type: 'payout.failed', fields: [...payout, 'reason'] },
  BudgetFunded: { type: 'funding.paid_in', fields: funding },
  BudgetRefunded: { type: 'funding.refunded', fields: funding },
  BudgetRefundUndone: { type: 'funding.refund_undone', fields: funding },
} as const satisfies Kinds;

/** Four fifths of a budget are spent; made of the accrual that passes them. */
export const BUDGET_NEARLY_USED = 'campaign.budget_nearly_used';
export const isNearlyUsed = (sums: CampaignSums): boolean =>
  5 * (sums.budget - budgetRemaining(sums)) >= 4 * sums.budget;
/** Another endpoint of the same owner, or of anybody's for the operator, was switched off. */
export const ENDPOINT_OFF = 'webhook.endpoint_off';
/** Sent on request, whichever types the endpoint has chosen. */
export const TEST = 'webhook.test';

const kinds = Object.entries(KINDS) as [EventType, { type: string; fields: readonly string[] }][];

/** Types of events that make webhooks. */
export const WEBHOOK_EVENTS: readonly EventType[] = kinds.map(([event]) => event);
/** The types that an endpoint of the operator may choose from. */
export const WEBHOOK_TYPES: readonly string[] = [
  ...new Set(kinds.map(([, { type }]) => type)),
  BUDGET_NEARLY_USED,
  ENDPOINT_OFF,
];
const isOfLink = (type: string): boolean => type.startsWith('short_link.');
/** What a brand's may: what names a campaign in all its events, and so is known to be a brand's. */
export const BRAND_WEBHOOK_TYPES: readonly string[] = [
  ...kinds
    .filter(([, { type, fields }]) => fields.includes('campaignId') && !isOfLink(type))
    .map(([, { type }]) => type),
  BUDGET_NEARLY_USED,
  ENDPOINT_OFF,
];
/** An endpoint gets these if nobody chooses: what its owner has to act on, or waits for. */
export const TYPES_FOR_PEOPLE: readonly string[] = [
  'clip.submitted', 'clip.approved', 'clip.rejected', 'clip.held', 'clip.appealed', 'payout.paid',
  'payout.failed', 'funding.refunded', BUDGET_NEARLY_USED, 'campaign.budget_exhausted',
]; // prettier-ignore
const BRANDS = new Set(BRAND_WEBHOOK_TYPES);

/** The body of a webhook, as the Standard Webhooks specification recommends it. */
export interface Webhook {
  type: string;
  /** When it happened; the time of the delivery is in a header. */
  timestamp: string;
  data: Record<string, unknown>;
}

/** Null for an event that makes no webhook. */
export function webhookOf(event: Pick<AnyEvent, 'type' | 'time' | 'data'>): Webhook | null {
  const kind: { type: string; fields: readonly string[]; only?: string } | undefined = (KINDS as Kinds)[event.type]; // prettier-ignore
  if (!kind) return null;
  const given = event.data as Record<string, unknown>;
  if (kind.only !== undefined && !given[kind.only]) return null;
  const data = Object.fromEntries(
    kind.fields.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  return { type: kind.type, timestamp: event.time, data };
}

/** Who owns an endpoint, and which types it gets. */
export interface Listener {
  /** Null: the operator's. */
  brandId: string | null;
  types: readonly string[];
}

/** Whether the webhook is for the listener; `brandId`: whose campaign the event is of, if any. */
export function concerns(listener: Listener, type: string, brandId: string | null): boolean {
  if (!listener.types.includes(type)) return false;
  if (listener.brandId === null) return true;
  return BRANDS.has(type) && listener.brandId === brandId;
}
