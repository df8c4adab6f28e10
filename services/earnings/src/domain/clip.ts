import {
  entryAfter,
  isPayable,
  type AccrualLine,
  type AnomalyFound,
  type CampaignTerms,
  type EntryEventType,
  type EntryStatus,
  type Platform,
  type ReversalLine,
} from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import {
  baselineOf,
  countingWindow,
  entitlement,
  NO_VIEWS,
  observe,
  type ViewSummary,
} from './entitlement.js';
import { byInstant, HOUR_MS, ms, type Fact } from './fact.js';

/**
 * `by` of reversals that follow from the observations themselves. They differ from voids in that
 * nothing is lost for good: the entitlement has fallen by itself, and money earned later is paid in
 * full.
 */
export const BY_SETTLEMENT = 'cliptally:settlement';

/** What a clip was given in one campaign. Amounts are minor units. */
export interface Tally {
  accrued: number;
  reversed: number;
  /** The part of `reversed` that lowers the entitlement for good. */
  voided: number;
  /** `toViews` of the last accrual; null before the first. */
  paidUpTo: number | null;
  /** Platform fees of its lines, less what went back; of brand and creator alike. */
  fees: number;
}

const NOTHING_YET: Tally = { accrued: 0, reversed: 0, voided: 0, paidUpTo: null, fees: 0 };
export const netOf = (tally: Tally): number => tally.accrued - tally.reversed;

export type { EntryStatus };

/** A clip's entry in one campaign: one row. */
export interface ClipEntry {
  clipId: string;
  platform: Platform;
  campaignId: string;
  creatorId: string;
  /** Whether the campaign lets its clips earn nowhere else. */
  exclusive: boolean;
  status: EntryStatus;
  hold: { reason: string; reviewAt: string; anomaly?: AnomalyFound } | null;
  /** Why a reviewer rejected it; null while it is not rejected. */
  rejection: { reason: string; at: string } | null;
  /** What a reviewer has seen and released: it does not hold the clip again. */
  cleared: { at: string; rules: string[] } | null;
  /** What its creator said of a rejection or a hold, and the answer. */
  appeal: Appeal | null;
  /** Why the whole clip is gone: it is scraped rarely, and keeps what it has earned. */
  retired: 'not_found' | 'private' | null;
  submittedAt: string;
  /** The earliest date of its post that a source has said. */
  postedAt: string | null;
  approvedAt: string | null;
  views: ViewSummary;
  tally: Tally;
  /**
   * Since when {@link dueOf} is not 0; null while it is. Settlements read the entries where it is
   * set.
   */
  unsettledSince: string | null;
}

export interface Appeal {
  at: string;
  text: string;
  answer: { granted: boolean; reason: string; at: string } | null;
}

export type ClipFact = Fact<
  | 'ClipSubmitted'
  | 'ClipApproved'
  | 'ClipRejected'
  | 'ClipHeld'
  | 'ClipReleased'
  | 'ClipAppealed'
  | 'ClipAppealAnswered'
  | 'ClipRetired'
  | 'ClipRestored'
  | 'ViewsRecorded'
>;

/**
 * Whether the clip was posted before the campaign started, or too long before its submission: the
 * views that it had then are no earnings unless the terms say so.
 */
export function isOld(
  { postedAt, submittedAt }: Pick<ClipEntry, 'postedAt' | 'submittedAt'>,
  { startsAt, maxPostAgeHours = Infinity }: CampaignTerms,
): boolean {
  if (postedAt === null) return false;
  const posted = ms(postedAt);
  return posted < ms(startsAt) || posted < ms(submittedAt) - maxPostAgeHours * HOUR_MS;
}

/** Whether only views after the first observation count, because the clip is old. */
export const countsAnew = (entry: ClipEntry, terms: CampaignTerms): boolean =>
  terms.oldPosts === 'first_observation' && isOld(entry, terms);

/** E of the entry. */
export const earnedBy = (entry: ClipEntry, terms: CampaignTerms): number =>
  entitlement(terms, entry.platform, entry.views, countsAnew(entry, terms));

/**
 * What the clip is owed, or (below 0) was given too much: E less what was voided, less what it has.
 * With nothing voided that is E - accrued + reversed; it never takes more than the clip has.
 */
export function dueOf(entry: ClipEntry, campaign: Campaign): number {
  if (!isPayable({ status: entry.status, held: entry.hold !== null })) return 0;
  const target = Math.max(0, earnedBy(entry, campaign.terms) - entry.tally.voided);
  return target - netOf(entry.tally);
}

/**
 * Whether an event of the clip's stream is about its entry in this campaign; observations,
 * retirement and restoration are about all entries.
 */
export const concerns = (fact: ClipFact, campaignId: string): boolean =>
  !('campaignId' in fact.data) || fact.data.campaignId === campaignId;

/**
 * The entry after one more event that {@link concerns} it. `campaign` is as it stood when the event
 * was logged. A submission begins anew after a rejected one. Throws when the history does not
 * begin with the submission.
 */
export function evolveEntry(
  entry: ClipEntry | null,
  fact: ClipFact,
  campaign: Campaign,
): ClipEntry {
  if (fact.type === 'ClipSubmitted') {
    const { clipId, platform, campaignId, creatorId, submittedAt, postedAt } = fact.data;
    const fresh = {
      status: 'PENDING',
      hold: null,
      rejection: null,
      cleared: null,
      appeal: null,
      retired: null,
      submittedAt: submittedAt ?? fact.time,
      postedAt: postedAt ?? null,
      approvedAt: null,
      unsettledSince: null,
    } as const;
    return {
      clipId,
      platform,
      campaignId,
      creatorId,
      exclusive: campaign.terms.exclusive,
      views: NO_VIEWS,
      tally: NOTHING_YET,
      ...fresh,
    };
  }
  if (!entry)
    throw new Error(
      `${fact.type} of the clip "${fact.data.clipId}" came before its submission to "${campaign.campaignId}".`,
    );
  return marked(changed(entry, fact, campaign), campaign, fact.time);
}

function changed(
  entry: ClipEntry,
  fact: Exclude<ClipFact, { type: 'ClipSubmitted' }>,
  campaign: Campaign,
): ClipEntry {
  switch (fact.type) {
    case 'ClipApproved':
      return {
        ...reviewed(entry, fact.type),
        ...approvalOf(entry, fact),
      };
    case 'ClipRejected':
      return {
        ...reviewed(entry, fact.type),
        rejection: { reason: fact.data.reason, at: fact.time },
      };
    case 'ClipHeld': {
      const { reason, reviewAt, anomaly } = fact.data;
      return {
        ...reviewed(entry, fact.type),
        hold: { reason, reviewAt, ...(anomaly && { anomaly }) },
      };
    }
    case 'ClipReleased': {
      const rules = [
        ...(entry.cleared?.rules ?? []),
        ...(entry.hold?.anomaly?.reasons ?? []).map(({ rule }) => rule),
      ];
      return {
        ...reviewed(entry, fact.type),
        cleared: { at: fact.time, rules: [...new Set(rules)] },
      };
    }
    case 'ClipAppealed':
      return { ...entry, appeal: { at: fact.time, text: fact.data.text, answer: null } };
    case 'ClipAppealAnswered': {
      const { granted, reason } = fact.data;
      return { ...entry, appeal: { ...entry.appeal!, answer: { granted, reason, at: fact.time } } };
    }
    case 'ClipRetired':
      return { ...entry, retired: fact.data.reason };
    case 'ClipRestored':
      return entry.retired === null ? entry : { ...entry, retired: null };
    default: {
      const { views, observedAt, postedAt = null } = fact.data;
      const dated = postedAt !== null && isEarlier(postedAt, entry.postedAt);
      const known = dated ? { ...entry, postedAt } : entry;
      if (known.approvedAt === null) return known;
      const seen = observe(
        known.views,
        { id: fact.id, views, observedAt },
        countingWindow(campaign, known.approvedAt),
      );
      return seen === known.views ? known : { ...known, views: seen };
    }
  }
}

/**
 * A clip that was moved here keeps its date and what was seen since, and one that was rejected
 * wrongly its date.
 */
function approvalOf(
  entry: ClipEntry,
  { time, data: { moved } }: Fact<'ClipApproved'>,
): Partial<ClipEntry> {
  if (!moved) return { approvedAt: entry.approvedAt ?? time };
  const { approvedAt, highWater, first } = moved;
  return { approvedAt, views: { highWater, first } };
}

const isEarlier = (instant: string, than: string | null): boolean =>
  than === null || (instant !== than && byInstant(instant, than) < 0);

/** Status and hold after one more step of the review. */
function reviewed(entry: ClipEntry, type: EntryEventType): ClipEntry {
  const { status, held } = entryAfter({ status: entry.status, held: entry.hold !== null }, type);
  const rejection = status === 'REJECTED' ? entry.rejection : null;
  return { ...entry, status, hold: held ? entry.hold : null, rejection };
}

/**
 * Keeps `unsettledSince` true. A release or an approval starts the time anew, since nothing was
 * settled before.
 */
function marked(entry: ClipEntry, campaign: Campaign, time: string): ClipEntry {
  const unsettledSince = dueOf(entry, campaign) === 0 ? null : (entry.unsettledSince ?? time);
  return unsettledSince === entry.unsettledSince ? entry : { ...entry, unsettledSince };
}

/**
 * The entry after its line of an EarningsAccrued at `time`. If the line paid all that it knew to be
 * due, what is due now is from observations that came while it was decided: they wait from then on,
 * not since the ones that are paid.
 */
export function accrue(
  entry: ClipEntry,
  line: AccrualLine,
  campaign: Campaign,
  time: string,
): ClipEntry {
  const after = { ...entry, tally: withAccrual(entry.tally, line) };
  if (line.amount < line.due) return marked(after, campaign, time);
  const observedAt = entry.views.highWater?.observedAt ?? time;
  return marked(
    { ...after, unsettledSince: null },
    campaign,
    byInstant(observedAt, time) > 0 ? observedAt : time,
  );
}

/** The entry after its line of an EarningsReversed at `time`. */
export function reverse(
  entry: ClipEntry,
  line: ReversalLine,
  by: string,
  campaign: Campaign,
  time: string,
): ClipEntry {
  return marked({ ...entry, tally: withReversal(entry.tally, line, by) }, campaign, time);
}

const withAccrual = (
  tally: Tally,
  { amount, toViews, fee }: Pick<AccrualLine, 'amount' | 'toViews' | 'fee'>,
): Tally => ({
  ...tally,
  accrued: tally.accrued + amount,
  paidUpTo: toViews,
  fees: tally.fees + (fee?.amount ?? 0),
});

const withReversal = (
  tally: Tally,
  { amount, fee }: Pick<ReversalLine, 'amount' | 'fee'>,
  by: string,
): Tally => ({
  ...tally,
  reversed: tally.reversed + amount,
  voided: tally.voided + (by === BY_SETTLEMENT ? 0 : amount),
  fees: tally.fees - (fee?.amount ?? 0),
});

/** The views that the clip was paid for, where the next accrual begins. */
export const paidUpTo = (entry: ClipEntry, campaign: Campaign): number =>
  entry.tally.paidUpTo ??
  baselineOf(campaign.terms, entry.views, countsAnew(entry, campaign.terms));
