import type { EventData } from '@cliptally/contracts';

/** The views of a ViewsRecorded event, and its id. A scrape without a count makes none. */
export interface Observation {
  id: string;
  views: number;
  observedAt: string;
}

/**
 * All that earnings need of a clip's observations inside its counting window. It is a join of two
 * total orders, so that neither order nor batching nor redelivery of observations can change it.
 */
export interface ViewSummary {
  /** The largest count seen; of equal ones the earliest. */
  highWater: Observation | null;
  /** The earliest one; the baseline of a campaign that counts from approval. */
  first: Observation | null;
  /** If the view field has changed: by field, that of before the first change first. */
  fields?: FieldViews[];
}

export const NO_VIEWS: ViewSummary = { highWater: null, first: null };

/** What was seen of a clip in one view field, inside its counting window. */
export interface FieldViews {
  field: string | null;
  /** The views that other fields had counted when it began: they count in it from its start. */
  carried: number;
  highWater: Observation | null;
  first: Observation | null;
}

/** What the earnings of a clip rest on. */
export interface Grounds {
  highWater: Observation | null;
  /** Views that do not count. */
  baseline: number;
  /** Where what counts in this field alone begins. */
  start: number;
  /** The view field, if it was changed to that. */
  field: string | null;
}

/**
 * Two fields are two measures, so that no count of one has a baseline of the other. In a new field
 * counts what was counted before, and then what it grows by: its first observation less what was
 * counted is its baseline, and never below 0.
 */
export function inField({ field, carried, highWater, first }: FieldViews): Grounds {
  const baseline = Math.max(0, (first?.views ?? 0) - carried);
  return { highWater, baseline, start: baseline + carried, field };
}

/** The views that count, were they counted from approval. */
function countedIn(of: FieldViews): number {
  const { highWater, baseline } = inField(of);
  return highWater ? highWater.views - baseline : 0;
}

/** After ViewFieldChanged. A field that the clip comes back to goes on with its own baseline. */
export function inAnotherField(
  views: ViewSummary,
  { from, to, baseline }: Pick<EventData<'ViewFieldChanged'>, 'from' | 'to' | 'baseline'>,
): ViewSummary {
  if (baseline === 'old') return views;
  const { highWater, first } = views;
  const fields = views.fields ?? [{ field: from, carried: 0, highWater, first }];
  if (fields.some(({ field }) => field === to)) return views;
  const carried = Math.max(...fields.map(countedIn));
  return { ...views, fields: [...fields, { field: to, carried, highWater: null, first: null }] };
}

/** Which of the fields an observation is of: one that nobody has chosen counts as before. */
export const nthOf = (fields: readonly FieldViews[], field: string): number =>
  Math.max(
    0,
    fields.findIndex((one) => one.field === field),
  );
