import {
  minorDigits,
  newEvent,
  type CampaignTerms,
  type EventInput,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';

export const by = 'cliptally:import';

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

/** Makes a row's events; what they cannot be made from is left out with the reason. */
export function attempt<T>(
  derived: Derived,
  table: string,
  id: string,
  make: () => T | string,
): T | null {
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

export const event = <T extends EventType>(
  type: T,
  id: string,
  time: Date,
  data: EventInput<T>,
  correlationId: string,
): NewEvent => newEvent(type, id, data, { time, correlationId, causationId: correlationId });

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
