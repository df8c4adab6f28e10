import {
  CampaignTerms,
  EVENTS,
  type AccrualLine,
  type EventInput,
  type EventType,
  type Platform,
} from '@cliptally/contracts';
import type { CampaignFact } from '../campaign.js';
import { netOf, type ClipFact } from '../clip.js';
import type { Decided, Fact } from '../fact.js';
import { RuleBroken } from '../rule-broken.js';
import type { Decision, Settlement, SettlementEvent } from '../settlement.js';
import { settlementAfter } from './settlement-after.js';

/** An instant of March 2026, day 1 being the first. */
export const on = (day: number, hour = 0, minute = 0): string =>
  new Date(Date.UTC(2026, 2, day, hour, minute)).toISOString();

/** Ids in the order of their numbers. */
export const eventId = (n: number): string =>
  `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

let last = 0x1000_0000;

/** A stored event, checked against its contract. */
export function fact<T extends EventType>(
  type: T,
  data: EventInput<T>,
  time: string,
  id = eventId(++last),
): Fact<T> {
  return { id, type, time, data: EVENTS[type].schema.parse(data) } as Fact<T>;
}

export const recorded = <T extends EventType>(
  events: readonly Decided<T>[],
  time: string,
): Fact<T>[] => events.map((event) => fact(event.type, event.data, time));

export const CAMPAIGN = 'spring';
const BRAND = { campaignId: CAMPAIGN, by: 'brand-1' };
export const ADMIN = 'admin-1';

/** 1,000.00 USD at 2.00 USD per thousand views, from 1 March on, for 30 days. */
export const terms = (change: Partial<CampaignTerms> = {}): CampaignTerms =>
  CampaignTerms.parse({
    currency: 'USD',
    budget: 100_000,
    ratePerThousand: { default: 200 },
    startsAt: on(1),
    ...change,
  });

export const launched = (
  change: Partial<CampaignTerms> = {},
  campaignId = CAMPAIGN,
): Fact<'CampaignLaunched'> =>
  fact(
    'CampaignLaunched',
    { campaignId, brandId: 'brand-1', name: 'Spring', terms: terms(change) },
    on(1),
  );
export const toppedUp = (amount: number, time: string) =>
  fact('CampaignToppedUp', { ...BRAND, amount }, time);
export const paused = (time: string) =>
  fact('CampaignPaused', { ...BRAND, reason: 'new creative' }, time);
export const resumed = (time: string) => fact('CampaignResumed', BRAND, time);
export const ended = (time: string) =>
  fact('CampaignEnded', { ...BRAND, reason: 'season is over' }, time);

const platformOf = (clipId: string): Platform => clipId.split('-')[0] as Platform;
const entryOf = (clipId: string, campaignId = CAMPAIGN) => ({
  clipId,
  platform: platformOf(clipId),
  campaignId,
});

export function submitted(
  clipId: string,
  { time = on(1), creatorId = 'ann', campaignId = CAMPAIGN } = {},
): Fact<'ClipSubmitted'> {
  const url = `https://example.com/${clipId}`;
  return fact(
    'ClipSubmitted',
    {
      ...entryOf(clipId, campaignId),
      videoId: clipId.slice(clipId.indexOf('-') + 1),
      url,
      submittedUrl: url,
      creatorId,
    },
    time,
  );
}
export const approved = (clipId: string, time = on(1)) =>
  fact('ClipApproved', { ...entryOf(clipId), by: ADMIN }, time);
export const rejected = (clipId: string, time = on(1)) =>
  fact('ClipRejected', { ...entryOf(clipId), reason: 'no hashtag', by: ADMIN }, time);
export const held = (clipId: string, time: string) =>
  fact('ClipHeld', { ...entryOf(clipId), reason: 'views x10', reviewAt: on(28), by: ADMIN }, time);
export const released = (clipId: string, time: string) =>
  fact('ClipReleased', { ...entryOf(clipId), by: ADMIN }, time);
export const retired = (clipId: string, time: string) =>
  fact(
    'ClipRetired',
    { clipId, platform: platformOf(clipId), reason: 'not_found', requestId: eventId(1) },
    time,
  );

/** Submitted by `creatorId` and approved at once. */
export const accepted = (clipId: string, { time = on(1), creatorId = 'ann' } = {}) => [
  submitted(clipId, { time, creatorId }),
  approved(clipId, time),
];

/** Of `views` at `observedAt` and was logged then, or later at `loggedAt`. */
export function observed(
  clipId: string,
  views: number,
  observedAt: string,
  {
    loggedAt = observedAt,
    id = eventId(++last),
    postedAt,
    field = 'views',
  }: { loggedAt?: string; id?: string; postedAt?: string | undefined; field?: string } = {},
): Fact<'ViewsRecorded'> {
  const figures = {
    views,
    metric: field,
    observedAt,
    cached: false,
    source: 'test',
    costMicroUsd: 0,
    ...(postedAt !== undefined && { postedAt }),
  };
  return fact(
    'ViewsRecorded',
    { clipId, platform: platformOf(clipId), requestId: eventId(2), runId: 'run-1', ...figures },
    loggedAt,
    id,
  );
}

export const inField = (
  clipId: string,
  [from, to]: [from: string, to: string],
  time: string,
  baseline: 'own' | 'old' = 'own',
) =>
  fact(
    'ViewFieldChanged',
    { clipId, platform: platformOf(clipId), from, to, baseline, reason: 'plays', by: ADMIN },
    time,
  );

export type SettlementFact = CampaignFact | ClipFact;

/** The campaign after these events. */
export function given(...facts: (SettlementFact | SettlementFact[])[]): Settlement {
  return settlementAfter(null, facts.flat());
}

/** The campaign after these events as well. */
export const and = (
  state: Settlement,
  ...facts: (SettlementFact | SettlementFact[])[]
): Settlement => settlementAfter(state, facts.flat());

export function eventsOf(decision: Decision): SettlementEvent[] {
  if (decision.kind !== 'settle')
    throw new Error(`Expected a settlement, got ${JSON.stringify(decision)}.`);
  return decision.events;
}

export const linesOf = (decision: Decision): AccrualLine[] =>
  eventsOf(decision).flatMap((event) =>
    event.type === 'EarningsAccrued'
      ? event.data.lines.map((line) => ({ ...line, basis: line.basis ?? null }))
      : [],
  );

/** What each clip was given, as `{clip: amount}`. */
export const amountsOf = (decision: Decision): Record<string, number> =>
  Object.fromEntries(linesOf(decision).map(({ clipId, amount }) => [clipId, amount]));

/** What each clip has, as `{clip: amount}`. */
export const netsOf = (state: Settlement): Record<string, number> =>
  Object.fromEntries([...state.clips.values()].map(({ clipId, tally }) => [clipId, netOf(tally)]));

/** The refusal that `command` ends in; throws when it is not refused. */
export function refusal(command: () => unknown): RuleBroken {
  try {
    command();
  } catch (error) {
    if (error instanceof RuleBroken) return error;
    throw error;
  }
  throw new Error('The command was not refused.');
}
