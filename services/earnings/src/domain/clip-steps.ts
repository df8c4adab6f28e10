import { entryAfter, type EntryEventType } from '@cliptally/contracts';
import { BY_ELIGIBILITY, type ClipEntry, type ClipFact } from './clip-entry.js';
import type { Fact } from './fact.js';

/** The entry after a step of its review, an appeal, a retirement or a restoration. */
export function afterStep(
  entry: ClipEntry,
  fact: Exclude<ClipFact, { type: 'ClipSubmitted' | 'ViewsRecorded' }>,
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
  const { approvedAt, highWater, first } = moved;
  return { approvedAt, views: { highWater, first } };
}

/** Status and hold after one more step of the review. */
function reviewed(entry: ClipEntry, type: EntryEventType): ClipEntry {
  const { status, held } = entryAfter({ status: entry.status, held: entry.hold !== null }, type);
  const rejection = status === 'REJECTED' ? entry.rejection : null;
  return { ...entry, status, hold: held ? entry.hold : null, rejection };
}
