import type { AnyEvent } from '../events/envelope.js';

/**
 * By clip id: clips of a campaign that settlements pass over because no decision can be made about
 * them, since when, and the newest reason.
 */
export type SettlementFailures = Readonly<Record<string, { reason: string; since: string }>>;

const EVENTS = [
  'ClipSettlementFailed',
  'EarningsAccrued',
  'EarningsReversed',
  'CampaignClipHeld',
  'CampaignClipMoved',
] as const;
/** Only type, time and data are read. */
export type SettlementFailureEvent = {
  [T in (typeof EVENTS)[number]]: Pick<Extract<AnyEvent, { type: T }>, 'type' | 'time' | 'data'>;
}[(typeof EVENTS)[number]];

/**
 * The failures after one more event of the campaign's stream. A failure ends with a line of a
 * settlement for the clip, with its hold (also the way to its rejection), or with its move to
 * another campaign. A reversal by a person ends none. Gives the same object if nothing changes.
 */
export function failuresAfter(
  failures: SettlementFailures,
  event: SettlementFailureEvent,
): SettlementFailures {
  if (event.type === 'ClipSettlementFailed') {
    const { clipId, reason } = event.data;
    return { ...failures, [clipId]: { reason, since: failures[clipId]?.since ?? event.time } };
  }
  if (Object.keys(failures).length === 0) return failures;
  const ended = endedBy(event).filter(({ clipId }) => clipId in failures);
  if (ended.length === 0) return failures;
  const clips = new Set(ended.map(({ clipId }) => clipId));
  return Object.fromEntries(Object.entries(failures).filter(([clipId]) => !clips.has(clipId)));
}

function endedBy(
  event: Exclude<SettlementFailureEvent, { type: 'ClipSettlementFailed' }>,
): readonly { clipId: string }[] {
  switch (event.type) {
    case 'CampaignClipHeld':
    case 'CampaignClipMoved':
      return [event.data];
    case 'EarningsReversed':
      return event.data.lines.filter(({ basis }) => basis !== null);
    default:
      return event.data.lines;
  }
}
