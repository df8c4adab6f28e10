import {
  changePersonalTexts,
  formatMoney,
  isSealed,
  PERSONAL_FIELDS,
  type AnyEvent,
  type EventData,
  type EventType,
} from '@cliptally/contracts';

/** What a reader may want to see alone. */
export const NEWEST_KINDS = ['observation', 'failure', 'run', 'money', 'change'] as const;
export type NewestKind = (typeof NEWEST_KINDS)[number];

/** The data of an event with each list replaced by its length. */
type WithoutLists<T extends EventType> = {
  [K in keyof EventData<T>]: EventData<T>[K] extends readonly unknown[] ? number : EventData<T>[K];
};
type Names = (campaignId: string) => string;
type Sentence<T extends EventType> = [NewestKind, (data: WithoutLists<T>, names: Names) => string];

const PLATFORM_NAMES: Record<string, string> = {
  tiktok: 'TikTok',
  youtube: 'YouTube',
  instagram: 'Instagram',
  x: 'X',
  facebook: 'Facebook',
};
const REASONS: Record<string, string> = {
  not_found: 'it was not found', private: 'it is private', restricted: 'it is restricted', blocked: 'the platform blocked the scrape',
  no_view_field: 'the answer had no views', unmatched: 'the answer was about another clip', missing: 'the answer left it out',
  source_failed: 'the source failed', source_timeout: 'the source took too long', rate_limited: 'the source asked to slow down',
  quota_exhausted: 'the quota is used up', rejected: 'the source refused the request', dead_letter: 'its request became a dead letter',
  implausible: 'nobody can believe its figures',
}; // prettier-ignore

const count = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
/** An account as people write it: its handle, or its id at the platform. */
const accountOf = (account: {
  platform: string;
  handle: string | null;
  externalId: string | null;
}) =>
  `${account.handle === null ? `the account ${account.externalId}` : `@${account.handle}`} on ${PLATFORM_NAMES[account.platform] ?? account.platform}`;

const usd = (micro: number) => `$${(micro / 1e6).toFixed(micro > 0 && micro < 10_000 ? 4 : 2)}`;

/**
 * Events that are worth a line. Requests are part of the sentence of their run, starts of batches
 * of that of their end, notices of that of the event that left them.
 */
const SENTENCES: { [T in EventType]?: Sentence<T> } = {
  ViewsRecorded: [
    'observation',
    (d) => `${d.clipId} has ${count(d.views, 'view')}${d.cached ? ' (from the cache)' : ''}.`,
  ],
  ScrapeFailed: [
    'failure',
    (d) =>
      `${d.clipId} could not be scraped after ${count(d.attempts, 'attempt')}: ${REASONS[d.reason] ?? d.reason}.`,
  ],
  ClipSettlementFailed: [
    'failure',
    (d, name) => `${d.clipId} could not be settled in ${name(d.campaignId)}: ${d.reason}`,
  ],
  TrackingRunStarted: [
    'run',
    (d) =>
      `A tracking run ranked ${count(d.candidates, 'clip')} and requested ${count(d.requested, 'scrape')}${d.heldBackBy === 'hard_stop' ? ', as the scrape budget of this cycle is used up' : ''}.`,
  ],
  ScrapeBatchCompleted: [
    'run',
    (d) =>
      `${d.source} completed ${d.recorded.toLocaleString('en-US')} of ${count(d.looks, `${PLATFORM_NAMES[d.platform]} scrape`)} in ${(d.durationMs / 1000).toFixed(1)} s for ${usd(d.costMicroUsd)}${d.status === 'succeeded' ? '' : ` (${d.status.replaceAll('_', ' ')})`}.`,
  ],
  SourceUsageMeasured: [
    'run',
    (d) =>
      `${d.account} has billed ${usd(d.usedMicroUsd)} of ${usd(d.limitMicroUsd)} in this cycle${{ open: '', soft_limit: '; fewer scrapes are requested', hard_stop: '; no more scrapes are requested' }[d.state]}.`,
  ],
  EarningsAccrued: [
    'money',
    (d, name) =>
      `${formatMoney(d.total, d.currency)} earned by ${count(d.lines, 'clip')} of ${name(d.campaignId)}.`,
  ],
  EarningsReversed: [
    'money',
    (d, name) =>
      `${formatMoney(d.total, d.currency)} taken back from ${count(d.lines, 'clip')} of ${name(d.campaignId)} by ${d.by}.`,
  ],
  CampaignBudgetExhausted: [
    'money',
    (d, name) =>
      `The budget of ${name(d.campaignId)} is used up${d.unpaid > 0 ? `; ${formatMoney(d.unpaid, d.currency)} beyond it stay unpaid` : ''}.`,
  ],
  CampaignToppedUp: ['money', (d, name) => `${d.by} added to the budget of ${name(d.campaignId)}.`],
  BudgetFunded: [
    'money',
    (d) => `${d.brandId} has paid in ${formatMoney(d.amount, d.currency)} for campaigns.`,
  ],
  BudgetRefunded: [
    'money',
    (d) =>
      `${formatMoney(d.amount, d.currency)} that ${d.brandId} has paid in went back: launches wait if its budgets are more than what is left.`,
  ],
  BudgetRefundUndone: [
    'money',
    (d) => `${formatMoney(d.amount, d.currency)} are paid in by ${d.brandId} again: a refund failed, or a dispute was won.`, // prettier-ignore
  ],
  PayoutAccountSet: [
    'change',
    (d) =>
      `Payouts to ${d.creatorId} go by ${d.provider === 'stripe' ? 'Stripe' : 'hand'} from now on.`,
  ],
  PayoutRequested: [
    'money',
    (d) => `${d.creatorId} asked for a payout of ${formatMoney(d.amount, d.currency)}.`,
  ],
  PayoutApproved: ['money', (d) => `A payout to ${d.creatorId} was approved by ${d.by}.`],
  PayoutRejected: ['money', (d) => `A payout to ${d.creatorId} was rejected: ${d.reason}`],
  PayoutPaid: ['money', (d) => `A payout to ${d.creatorId} was paid (${d.externalReference}).`],
  PayoutFailed: ['money', (d) => `A payout to ${d.creatorId} failed: ${d.reason}`],
  CampaignLaunched: [
    'change',
    (d) => `${d.name} was launched with ${formatMoney(d.terms.budget, d.terms.currency)}.`,
  ],
  CampaignPaused: ['change', (d, name) => `${name(d.campaignId)} was paused by ${d.by}.`],
  CampaignResumed: ['change', (d, name) => `${name(d.campaignId)} was resumed by ${d.by}.`],
  CampaignVisibilityChanged: [
    'change',
    (d, name) =>
      `${name(d.campaignId)} is ${d.publicCatalogue ? 'in' : 'not in'} the catalogue, and its leaderboard ${d.leaderboardNames ? 'shows' : 'hides'} names, as ${d.by} says.`,
  ],
  CampaignEnded: ['change', (d, name) => `${name(d.campaignId)} ended.`],
  ClipSubmitted: [
    'change',
    (d, name) => `${d.creatorId} submitted ${d.clipId} to ${name(d.campaignId)}.`,
  ],
  ShortLinkSubmitted: [
    'change',
    (d, name) => `A short link by ${d.creatorId} for ${name(d.campaignId)} waits to be followed.`,
  ],
  ShortLinkResolved: ['change', (d) => `A short link that waited has led to ${d.clipId}.`],
  ShortLinkRefused: ['change', (d) => `A short link that waited was refused: ${d.detail}`],
  ClipApproved: ['change', (d, name) => `${d.clipId} was approved for ${name(d.campaignId)}.`],
  ClipRejected: [
    'change',
    (d, name) => `${d.clipId} was rejected for ${name(d.campaignId)}: ${d.reason}`,
  ],
  ClipHeld: ['change', (d, name) => `${d.clipId} was held in ${name(d.campaignId)}: ${d.reason}`],
  ClipReleased: ['change', (d, name) => `${d.clipId} was released in ${name(d.campaignId)}.`],
  ClipAppealed: [
    'change',
    (d, name) => `${d.creatorId} appealed the review of ${d.clipId} in ${name(d.campaignId)}.`,
  ],
  ClipAppealAnswered: [
    'change',
    (d) =>
      `The appeal for ${d.clipId} was ${d.granted ? 'granted' : 'refused'} by ${d.by}: ${d.reason}`,
  ],
  ClipRetired: [
    'change',
    (d) => `${d.clipId} is only checked now and then: ${REASONS[d.reason] ?? d.reason}.`,
  ],
  ClipRestored: [
    'change',
    (d) =>
      `${d.clipId} is scraped again: ${d.reason === 'observed' ? 'a source has seen it' : `${d.by} asked for it`}.`,
  ],
  ViewFieldChanged: [
    'change',
    (d) => `${d.by} reads the views of ${d.clipId} from ${d.to} from now on: ${d.reason}`,
  ],
  AccountClaimed: ['change', (d) => `${d.creatorId} says that ${accountOf(d)} is its own.`],
  AccountVerified: [
    'change',
    (d) =>
      `${accountOf(d)} is ${d.creatorId}'s: ${d.proof === 'code' ? 'its code was found' : `${d.by} said so`}.`,
  ],
  AccountReleased: ['change', (d) => `${accountOf(d)} is ${d.creatorId}'s no more: ${d.reason}`],
  CreatorErased: [
    'change',
    (d) => `${d.creatorId} was erased: nobody can read its texts any more.`,
  ],
  EventSkipped: [
    'change',
    (d) =>
      `${d.by} had the projection ${d.projection} skip the event at position ${d.position}: ${d.reason}`,
  ],
  EventSkipReviewed: [
    'change',
    (d) =>
      `${d.by} reviewed the skip of the event at position ${d.position} by the projection ${d.projection}, and it ${d.outcome === 'stays' ? 'stays' : 'is taken back'}: ${d.reason}`,
  ],
  FigureConfirmed: [
    'change',
    (d) => `${d.by} confirmed a figure of ${d.clipId} that nobody could believe.`,
  ],
};

export const kindOf = (type: EventType): NewestKind | null => SENTENCES[type]?.[0] ?? null;

/** Settlements carry a line a clip, far more than one sentence needs. */
export const withoutLists = (data: AnyEvent['data']): object =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.length : value,
    ]),
  );

/** The page has no key to personal texts, and no need of them. */
export function withoutSealed<D extends object>(type: EventType, data: D): D {
  if (!PERSONAL_FIELDS.has(type)) return data;
  const shown = structuredClone(data);
  changePersonalTexts(type, shown, (text) => (isSealed(text) ? '(not shown here)' : text));
  return shown;
}

/** `data` as {@link withoutLists} left it; `names` gives a campaign's name. */
export function sentence(type: EventType, data: object, names: Names): string {
  const [, say] = SENTENCES[type] as unknown as [
    NewestKind,
    (data: object, names: Names) => string,
  ];
  return say(data, names);
}

export const reasonInWords = (reason: string): string => REASONS[reason] ?? reason;
