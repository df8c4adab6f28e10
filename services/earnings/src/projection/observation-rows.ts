import { OBSERVATIONS_JUDGED } from '../domain/anomaly.js';
import type { ClipObservation } from '../domain/anomaly-rules.js';
import { ms } from '../domain/fact.js';
import type { ObservationsRow } from './table-rows.js';

/** With its instant in milliseconds. */
type Timed = Omit<ClipObservation, 'observedAt'> & { at: number };

/**
 * Observations in a row. One of a living clip changes one row, which should be small; a rebuild
 * writes all rows, which should be few.
 */
const A_ROW = 8;
/**
 * Rows of a clip, which are written over in turn: one is filled while the others hold as many as
 * are judged.
 */
const ROWS = OBSERVATIONS_JUDGED / A_ROW + 1;
const KEPT = ROWS * A_ROW;

/** Observations of a clip to be written, after `before` earlier ones. Of many the newest stay. */
export class NewObservations {
  /** Whether none were written before. */
  readonly begins: boolean;
  #before: number;
  #observations: Timed[] = [];

  constructor(
    readonly clipId: string,
    before: number,
  ) {
    this.begins = before === 0;
    this.#before = before;
  }

  /** Whether there will be another row to write. */
  add({ observedAt, ...observation }: ClipObservation): boolean {
    if (this.#observations.push({ ...observation, at: ms(observedAt) }) > 2 * KEPT) {
      this.#observations = this.#observations.slice(KEPT);
      this.#before += KEPT;
    }
    return this.#observations.length % A_ROW === 1;
  }

  /** Only the first one may continue a row that was begun earlier. */
  rows(): ObservationsRow[] {
    const end = this.#before + this.#observations.length;
    const oldest = Math.max(this.#before, (Math.ceil(end / A_ROW) - ROWS) * A_ROW);
    const rows: ObservationsRow[] = [];
    for (let first = oldest - (oldest % A_ROW); first < end; first += A_ROW) {
      const observations = this.#observations.slice(
        Math.max(first, this.#before) - this.#before,
        first + A_ROW - this.#before,
      );
      rows.push({
        clip_id: this.clipId,
        place: (first / A_ROW) % ROWS,
        first,
        observations: observations.map(written).join(','),
      });
    }
    return rows;
  }
}

/** A row goes on if the observations there are of the same turn. */
export const mergeObservations = (column: string): string =>
  column === 'observations'
    ? `case when there.first = excluded.first then there.observations || ',' || excluded.observations else excluded.observations end`
    : `excluded.${column}`;

type Written = [
  id: string,
  observedAt: number,
  views: number,
  likes?: number | null,
  comments?: number | null,
  otherSource?: 1,
];

/** Their bytes are what observations cost: nothing is written of what is hidden. */
const written = ({ id, at, views, likes, comments, otherSource }: Timed): string => {
  const hidden = likes === undefined && comments === undefined && !otherSource;
  const rest = `,${likes ?? null},${comments ?? null}${otherSource ? ',1' : ''}`;
  return `["${id}",${at},${views}${hidden ? '' : rest}]`;
};

/** Of rows that were joined in order by commas: the newest observations, from the newest on. */
export const newestOf = (rows: string): ClipObservation[] =>
  (JSON.parse(`[${rows}]`) as Written[])
    .slice(-OBSERVATIONS_JUDGED)
    .toReversed()
    .map(([id, observedAt, views, likes, comments, otherSource]) => ({
      id,
      observedAt: new Date(observedAt).toISOString(),
      views,
      likes: likes ?? undefined,
      comments: comments ?? undefined,
      ...(otherSource ? { otherSource: true } : {}),
    }));
