import { entryAfter, type EntryEventType } from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import { BY_ELIGIBILITY, type ClipEntry, type ClipFact, type Tally } from './clip-entry.js';
import { NO_VIEWS } from './view-fields.js';
import type { Fact } from './fact.js';

/** The entry after a step of its review, an appeal, a retirement or a restoration. */
export function afterStep(
  entry: ClipEntry,
  fact: Exclude<ClipFact, { type: 'ClipSubmitted' | 'ViewsRecorded' | 'ViewFieldChanged' }>,
): ClipEntry {
  switch (fact.type) {
    case 'ClipApproved':
      return {
        ...reviewed(entry, fact.type),
        ...approvalOf(entry, fact),
      };
    case 'ClipRejected': {
      const rejection = { reason: fact.data.reason, at: fact.time };
      return { ...reviewed(entry, fact.type), rejection };
    }
    case 'ClipHeld': {
      const { reason, reviewAt, anomaly, code } = fact.data;
      return {
        ...reviewed(entry, fact.type),
        hold: { reason, reviewAt, ...(anomaly && { anomaly }), ...(code && { code }) },
      };
    }
    case 'ClipReleased': {
      // What has passed by itself was cleared by nobody.
      if (fact.data.by === BY_ELIGIBILITY) return reviewed(entry, fact.type);
      const rules = [
        ...(entry.cleared?.rules ?? []),
        ...(entry.hold?.anomaly?.reasons ?? []).map(({ rule }) => rule),
        ...(entry.hold?.code ? [entry.hold.code] : []),
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
    default:
      return entry.retired === null ? entry : { ...entry, retired: null };
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
  const { approvedAt, highWater, first, fields } = moved;
  return { approvedAt, views: { highWater, first, ...(fields && { fields }) } };
}

/** Status and hold after one more step of the review. */
function reviewed(entry: ClipEntry, type: EntryEventType): ClipEntry {
  const { status, held } = entryAfter({ status: entry.status, held: entry.hold !== null }, type);
  const rejection = status === 'REJECTED' ? entry.rejection : null;
  return { ...entry, status, hold: held ? entry.hold : null, rejection };
}

const NOTHING_YET: Tally = { accrued: 0, reversed: 0, voided: 0, paidUpTo: null, fees: 0 };

/** The entry of a clip that was just submitted. */
export function submitted(fact: Fact<'ClipSubmitted'>, campaign: Campaign): ClipEntry {
  const { clipId, platform, campaignId, creatorId, submittedAt, postedAt } = fact.data;
  const nothing = {
    hold: null,
    rejection: null,
    cleared: null,
    appeal: null,
    retired: null,
    approvedAt: null,
    unsettledSince: null,
  };
  return {
    ...nothing,
    clipId,
    platform,
    campaignId,
    creatorId,
    exclusive: campaign.terms.exclusive,
    status: 'PENDING',
    submittedAt: submittedAt ?? fact.time,
    postedAt: postedAt ?? null,
    views: NO_VIEWS,
    tally: NOTHING_YET,
  };
}
