import {
  clipIdOf, derivedId, identifyClip, minorDigits, newEvent, outcomeId, shortened, streams,
  type CampaignTerms, type EventInput, type EventType, type IdentifiedClip, type NewEvent,
} from '@cliptally/contracts'; // prettier-ignore
import type { OldCampaign, OldPayout, OldSubmission, OldSystem } from './tables.js';

export interface Terms {
  currency: string;
  countFrom: CampaignTerms['countFrom'];
  trackingDays: number;
}

/** One row that became no event, and why. */
export interface LeftOut {
  table: string;
  id: string;
  reason: string;
}

export interface Derived {
  /** Streams in the order in which they are to be appended: campaigns, then clips, then payouts. */
  streams: { stream: string; events: NewEvent[] }[];
  leftOut: LeftOut[];
  /** The clip that each old clip is; several old clips may be one video. */
  clipIds: Map<string, string>;
  /**
   * Old clips that are a video which another old clip had submitted to the same campaign before.
   */
  duplicates: Set<string>;
  /**
   * Old clips whose baseline was above the first count that was tracked: something had overwritten
   * it.
   */
  overwrittenBaselines: Set<string>;
  /** How often the old data had to be read in the only way that makes sense of them. */
  notes: { zeroCounts: number; daysOnly: number; roundedAmounts: number };
}

const DAY_MS = 86_400_000;
const SOURCE = 'import';
const by = 'cliptally:import';

/**
 * The events of an old system, their ids derived from its rows: the same rows give the same events,
 * whenever they are read.
 */
export function eventsOf(
  old: OldSystem,
  identities: ReadonlyMap<string, IdentifiedClip | { reason: string }>,
  terms: Terms,
): Derived {
  const derived: Derived = {
    streams: [],
    leftOut: [],
    clipIds: new Map(),
    duplicates: new Set(),
    overwrittenBaselines: new Set(),
    notes: { zeroCounts: 0, daysOnly: 0, roundedAmounts: 0 },
  };
  const launched = new Set<string>();
  for (const campaign of old.campaigns) {
    const events = attempt(derived, 'campaigns', campaign.id, () =>
      campaignEvents(campaign, terms, derived),
    );
    if (!events) continue;
    launched.add(campaign.id);
    derived.streams.push({ stream: streams.campaign(campaign.id), events });
  }
  clipStreams(old, identities, launched, derived);
  payoutStreams(old.payout_requests, terms.currency, derived);
  return derived;
}

/** Makes a row's events; what they cannot be made from is left out with the reason. */
function attempt<T>(derived: Derived, table: string, id: string, make: () => T | string): T | null {
  try {
    const made = make();
    if (typeof made !== 'string') return made;
    derived.leftOut.push({ table, id, reason: made });
  } catch (error) {
    const issues = (error as { issues?: { path: unknown[]; message: string }[] }).issues;
    if (!issues && !(error instanceof RangeError)) throw error;
    derived.leftOut.push({
      table,
      id,
      reason: issues
        ? issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
        : (error as Error).message,
    });
  }
  return null;
}

const event = <T extends EventType>(
  type: T,
  id: string,
  time: Date,
  data: EventInput<T>,
  correlationId: string,
): NewEvent => newEvent(type, id, data, { time, correlationId, causationId: correlationId });

function campaignEvents(
  row: OldCampaign,
  { currency, countFrom, trackingDays }: Terms,
  derived: Derived,
): NewEvent[] | string {
  const status = row.status.toUpperCase();
  if (status === 'DRAFT') return 'it was a draft and never launched';
  const id = (step: string) => derivedId('import', 'campaigns', row.id, step);
  const minor = (value: number | string) => toMinor(value, currency, derived);
  const campaignTerms = {
    currency, budget: minor(row.budget), ratePerThousand: { default: minor(row.cpm) }, minViews: Number(row.minViews ?? 0),
    maxPayoutPerClip: row.maxPayoutPerClip === null ? null : minor(row.maxPayoutPerClip), countFrom, trackingDays,
    startsAt: row.startDate.toISOString(), endsAt: row.endDate?.toISOString() ?? null, exclusive: false, validationDays: 0, minPayout: 0,
  }; // prettier-ignore
  const at = row.createdAt < row.startDate ? row.createdAt : row.startDate;
  const events = [
    event(
      'CampaignLaunched',
      id('launched'),
      at,
      { campaignId: row.id, brandId: row.brandId, name: row.name, terms: campaignTerms },
      id('launched'),
    ),
  ];
  const change = { campaignId: row.id, reason: `was ${row.status} in the replaced system`, by };
  if (status === 'PAUSED')
    events.push(event('CampaignPaused', id('paused'), row.updatedAt, change, id('launched')));
  else if (status !== 'ACTIVE')
    events.push(event('CampaignEnded', id('ended'), row.updatedAt, change, id('launched')));
  return events;
}

/**
 * One step of a clip's history; at the same instant a submission comes before its approval, and
 * that before an observation.
 */
interface Step {
  at: number;
  rank: number;
  event: NewEvent;
}

function clipStreams(
  old: OldSystem,
  identities: ReadonlyMap<string, IdentifiedClip | { reason: string }>,
  launched: ReadonlySet<string>,
  derived: Derived,
): void {
  const histories = new Map<string, Step[]>();
  const views = Map.groupBy(old.view_tracking, ({ clipId }) => clipId);
  const submissions = Map.groupBy(old.clip_submissions, ({ clipId }) => clipId);
  const taken = new Map<string, string>();
  for (const clip of old.clips) {
    const identity = identities.get(clip.id)!;
    if ('reason' in identity) {
      derived.leftOut.push({ table: 'clips', id: clip.id, reason: identity.reason });
      continue;
    }
    const clipId = clipIdOf(identity.platform, identity.videoId);
    derived.clipIds.set(clip.id, clipId);
    const history = histories.get(clipId) ?? [];
    histories.set(clipId, history);
    const counts = countsOf(views.get(clip.id) ?? [], derived);
    for (const submission of submissions.get(clip.id) ?? []) {
      const before = taken.get(`${clipId} ${submission.campaignId}`);
      const steps = attempt(derived, 'clip_submissions', submission.id, () => {
        if (!launched.has(submission.campaignId))
          return `its campaign ${submission.campaignId} was not imported`;
        if (before !== undefined) {
          derived.duplicates.add(clip.id);
          return `it is the same video as the clip ${before}, which was submitted to ${submission.campaignId} before`;
        }
        return submissionSteps(submission, identity, clip.url, counts[0]?.views, clip.id, derived);
      });
      if (!steps) continue;
      taken.set(`${clipId} ${submission.campaignId}`, clip.id);
      history.push(...steps);
    }
    for (const { id, at, views } of counts)
      history.push({
        at,
        rank: 3,
        event: observation(identity, derivedId('import', 'view_tracking', id), at, views),
      });
  }
  for (const [clipId, history] of histories) {
    if (!history.some(({ rank }) => rank === 0)) continue;
    const events = history
      .toSorted((a, b) => a.at - b.at || a.rank - b.rank)
      .map(({ event }) => event);
    derived.streams.push({ stream: streams.clip(clipId), events });
  }
}

function submissionSteps(
  row: OldSubmission,
  clip: IdentifiedClip,
  submittedUrl: string,
  firstTracked: number | undefined,
  oldClipId: string,
  derived: Derived,
): Step[] {
  const { platform, videoId, url } = clip;
  const clipId = clipIdOf(platform, videoId);
  const id = (step: string) => derivedId('import', 'clip_submissions', row.id, step);
  const inCampaign = { clipId, platform, campaignId: row.campaignId };
  const step = (rank: number, at: Date, made: NewEvent): Step => ({
    at: at.getTime(),
    rank,
    event: made,
  });
  const submitted = event(
    'ClipSubmitted',
    id('submitted'),
    row.createdAt,
    {
      ...inCampaign,
      videoId,
      url,
      submittedUrl: shortened(submittedUrl, 2048),
      creatorId: row.userId,
    },
    id('submitted'),
  );
  const steps = [step(0, row.createdAt, submitted)];
  const status = row.status.toUpperCase();
  // If it is not known when a clip was reviewed, its views count from the beginning: nobody
  // earns less for a missing date.
  const reviewed = row.reviewedAt ?? row.createdAt;
  if (status === 'REJECTED') {
    const reason = shortened(row.rejectionReason?.trim() || 'rejected in the replaced system', 500);
    steps.push(
      step(
        1,
        row.reviewedAt ?? row.updatedAt,
        event(
          'ClipRejected',
          id('rejected'),
          row.reviewedAt ?? row.updatedAt,
          { ...inCampaign, reason, by },
          id('submitted'),
        ),
      ),
    );
  } else if (status !== 'PENDING') {
    steps.push(
      step(
        1,
        reviewed,
        event('ClipApproved', id('approved'), reviewed, { ...inCampaign, by }, id('submitted')),
      ),
    );
    const baseline = row.initialViews === null ? 0 : Number(row.initialViews);
    // A baseline is what was seen at the beginning; above the first count that was tracked it is no
    // such thing.
    if (firstTracked !== undefined && baseline > firstTracked)
      derived.overwrittenBaselines.add(oldClipId);
    else if (baseline > 0)
      steps.push({
        at: reviewed.getTime(),
        rank: 2,
        event: observation(clip, id('baseline'), reviewed.getTime(), baseline),
      });
  }
  return steps;
}

/**
 * What was tracked, in order. A count of 0 after a higher one is a missing count: the old system
 * stored the one for the other. An instant that is exactly midnight is a day only: the count was
 * seen by the end of it.
 */
function countsOf(
  rows: OldSystem['view_tracking'],
  derived: Derived,
): { id: string; at: number; views: number }[] {
  const counts = [];
  let seen = 0;
  for (const { id, views, createdAt } of rows) {
    const count = views === null ? 0 : Math.trunc(Number(views));
    if (count < 0 || (count === 0 && seen > 0) || views === null) {
      derived.notes.zeroCounts++;
      continue;
    }
    seen = Math.max(seen, count);
    const midnight = createdAt.getTime() % DAY_MS === 0;
    if (midnight) derived.notes.daysOnly++;
    counts.push({ id, at: createdAt.getTime() + (midnight ? DAY_MS - 1 : 0), views: count });
  }
  return counts;
}

function observation(
  { platform, videoId }: IdentifiedClip,
  requestId: string,
  at: number,
  views: number,
): NewEvent {
  const time = new Date(at);
  const data = {
    clipId: clipIdOf(platform, videoId),
    platform,
    requestId,
    runId: SOURCE,
    source: SOURCE,
    costMicroUsd: 0,
    views,
    metric: SOURCE,
    observedAt: time.toISOString(),
    cached: false,
  };
  return event('ViewsRecorded', outcomeId(requestId), time, data, requestId);
}

function payoutStreams(rows: readonly OldPayout[], currency: string, derived: Derived): void {
  for (const [creatorId, own] of Map.groupBy(rows, ({ userId }) => userId)) {
    const events = own.flatMap(
      (row) =>
        attempt(derived, 'payout_requests', row.id, () => payoutEvents(row, currency, derived)) ??
        [],
    );
    if (events.length > 0)
      derived.streams.push({
        stream: streams.payout(creatorId),
        events: events.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time)),
      });
  }
}

function payoutEvents(row: OldPayout, currency: string, derived: Derived): NewEvent[] | string {
  const id = (step: string) => derivedId('import', 'payout_requests', row.id, step);
  const ofPayout = { payoutId: row.id, creatorId: row.userId };
  const reason = shortened(row.reason?.trim() || `was ${row.status} in the replaced system`, 500);
  const amount = toMinor(row.amount, currency, derived);
  if (amount === 0) return 'its amount is nothing';
  const requested = event(
    'PayoutRequested',
    id('requested'),
    row.createdAt,
    { ...ofPayout, currency, amount },
    id('requested'),
  );
  const then = <T extends EventType>(type: T, step: string, data: EventInput<T>) =>
    event(type, id(step), row.updatedAt, data, id('requested'));
  const approved = then('PayoutApproved', 'approved', { ...ofPayout, by });
  switch (row.status.toUpperCase()) {
    case 'PENDING':
    case 'REQUESTED':
      return [requested];
    case 'APPROVED':
    case 'PROCESSING':
      return [requested, approved];
    case 'PAID':
    case 'COMPLETED':
      return [
        requested,
        approved,
        then('PayoutPaid', 'paid', {
          ...ofPayout,
          externalReference: row.transactionId?.trim() || `replaced system ${row.id}`,
          by,
        }),
      ];
    case 'FAILED':
      return [requested, approved, then('PayoutFailed', 'failed', { ...ofPayout, reason, by })];
    case 'REJECTED':
    case 'CANCELLED':
      return [requested, then('PayoutRejected', 'rejected', { ...ofPayout, reason, by })];
    default:
      return `its status ${row.status} is not known`;
  }
}

/**
 * Major units, as a float or a decimal, in minor ones; what lies between two is rounded, and
 * counted.
 */
export function toMinor(
  value: number | string,
  currency: string,
  derived?: Pick<Derived, 'notes'>,
): number {
  const exact = Number(value) * 10 ** minorDigits(currency);
  const minor = Math.round(exact);
  if (!Number.isSafeInteger(minor)) throw new RangeError(`the amount ${value} cannot be counted`);
  if (derived && Math.abs(exact - minor) > 1e-6 * Math.max(1, Math.abs(exact)))
    derived.notes.roundedAmounts++;
  return minor;
}

/**
 * The clip of each old clip, or the reason why there is none; short links ask their platform,
 * through `resolve`.
 */
export async function identitiesOf(
  clips: OldSystem['clips'],
  resolve: (url: string) => Promise<IdentifiedClip | { reason: string }>,
): Promise<Map<string, IdentifiedClip | { reason: string }>> {
  const found = new Map<string, IdentifiedClip | { reason: string }>();
  for (const { id, url } of clips) {
    const identity = identifyClip(url);
    if (identity.kind === 'clip') found.set(id, identity);
    else
      found.set(
        id,
        identity.kind === 'refused' ? { reason: identity.message } : await resolve(url),
      );
  }
  return found;
}
