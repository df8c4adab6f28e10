import { isPayable, type AccrualLine, type CampaignTerms } from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import type { ClipEntry, ClipFact, Tally } from './clip-entry.js';
import { afterStep, submitted } from './clip-steps.js';
import { countingWindow, earnedOn, groundsOf, observe } from './entitlement.js';
import { byInstant, HOUR_MS, ms } from './fact.js';
import { inAnotherField, type Grounds } from './view-fields.js';

export * from './clip-entry.js';

export const netOf = (tally: Tally): number => tally.accrued - tally.reversed;

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

/** The observation and the baseline that the entry's earnings rest on. */
export const restsOn = (entry: ClipEntry, terms: CampaignTerms): Grounds =>
  groundsOf(terms, entry.platform, entry.views, countsAnew(entry, terms));

/** E of the entry. */
export const earnedBy = (entry: ClipEntry, terms: CampaignTerms): number =>
  earnedOn(terms, entry.platform, restsOn(entry, terms));

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
  if (fact.type === 'ClipSubmitted') return submitted(fact, campaign);
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
  if (fact.type === 'ViewFieldChanged')
    return { ...entry, views: inAnotherField(entry.views, fact.data) };
  if (fact.type !== 'ViewsRecorded') return afterStep(entry, fact);
  const { views, observedAt, postedAt = null, metric } = fact.data;
  const dated = postedAt !== null && isEarlier(postedAt, entry.postedAt);
  const known = dated ? { ...entry, postedAt } : entry;
  if (known.approvedAt === null) return known;
  const seen = observe(
    known.views,
    { id: fact.id, views, observedAt },
    countingWindow(campaign, known.approvedAt),
    metric,
  );
  return seen === known.views ? known : { ...known, views: seen };
}

const isEarlier = (instant: string, than: string | null): boolean =>
  than === null || (instant !== than && byInstant(instant, than) < 0);

/**
 * Keeps `unsettledSince` true. A release or an approval starts the time anew, since nothing was
 * settled before.
 */
export function marked(entry: ClipEntry, campaign: Campaign, time: string): ClipEntry {
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
  const { paidIn: _, ...before } = entry.tally;
  const tally = {
    ...before,
    accrued: before.accrued + line.amount,
    paidUpTo: line.toViews,
    fees: before.fees + (line.fee?.amount ?? 0),
    ...(line.basis?.field && { paidIn: line.basis.field }),
  };
  const after = { ...entry, tally };
  if (line.amount < line.due) return marked(after, campaign, time);
  const observedAt = restsOn(entry, campaign.terms).highWater?.observedAt ?? time;
  return marked(
    { ...after, unsettledSince: null },
    campaign,
    byInstant(observedAt, time) > 0 ? observedAt : time,
  );
}

/** The views that the clip was paid for, where the next accrual begins. */
export function paidUpTo({ tally }: ClipEntry, { start, field }: Grounds): number {
  return tally.paidUpTo !== null && field === (tally.paidIn ?? null) ? tally.paidUpTo : start;
}
