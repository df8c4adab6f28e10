import { LOOKS_JUDGED, type Look } from '../domain/anomaly.js';
import { ms } from '../domain/fact.js';

export interface LooksRow {
  clip_id: string;
  place: number;
  first: number;
  looks: string;
}

/** A look, with its instant in milliseconds. */
type Seen = Omit<Look, 'observedAt'> & { at: number };

/**
 * Looks in a row. A look of a living clip changes one row, which should be small; a rebuild writes
 * all, which should be few.
 */
const A_ROW = 8;
/**
 * Rows of a clip, which are written over in turn: one is filled while the others hold as many as
 * are judged.
 */
const ROWS = LOOKS_JUDGED / A_ROW + 1;
const KEPT = ROWS * A_ROW;

/**
 * Looks at a clip that are to be written, after the `before` ones that are. Of many the newest are
 * kept.
 */
export class NewLooks {
  /** Whether none were written before. */
  readonly begins: boolean;
  #before: number;
  #looks: Seen[] = [];

  constructor(
    readonly clipId: string,
    before: number,
  ) {
    this.begins = before === 0;
    this.#before = before;
  }

  /** Whether there will be another row to write. */
  add({ id, observedAt, views, likes, comments }: Look): boolean {
    if (this.#looks.push({ id, at: ms(observedAt), views, likes, comments }) > 2 * KEPT) {
      this.#looks = this.#looks.slice(KEPT);
      this.#before += KEPT;
    }
    return this.#looks.length % A_ROW === 1;
  }

  /** Only the first one may continue a row that was begun earlier. */
  rows(): LooksRow[] {
    const end = this.#before + this.#looks.length;
    const oldest = Math.max(this.#before, (Math.ceil(end / A_ROW) - ROWS) * A_ROW);
    const rows: LooksRow[] = [];
    for (let first = oldest - (oldest % A_ROW); first < end; first += A_ROW) {
      const looks = this.#looks.slice(
        Math.max(first, this.#before) - this.#before,
        first + A_ROW - this.#before,
      );
      rows.push({
        clip_id: this.clipId,
        place: (first / A_ROW) % ROWS,
        first,
        looks: looks.map(written).join(','),
      });
    }
    return rows;
  }
}

/** A row goes on where the looks there are of the same turn. */
export const mergeLooks = (column: string): string =>
  column === 'looks'
    ? `case when there.first = excluded.first then there.looks || ',' || excluded.looks else excluded.looks end`
    : `excluded.${column}`;

type Written = [
  id: string,
  observedAt: number,
  views: number,
  likes?: number | null,
  comments?: number | null,
];

/** Their bytes are what looks cost, so that nothing is written of what is hidden. */
const written = ({ id, at, views, likes, comments }: Seen): string => {
  const hidden = likes === undefined && comments === undefined;
  return `["${id}",${at},${views}${hidden ? '' : `,${likes ?? null},${comments ?? null}`}]`;
};

/** Looks of rows that were put together in order, with commas: the newest ones, from the newest. */
export const newestOf = (rows: string): Look[] =>
  (JSON.parse(`[${rows}]`) as Written[])
    .slice(-LOOKS_JUDGED)
    .toReversed()
    .map(([id, observedAt, views, likes, comments]) => ({
      id,
      observedAt: new Date(observedAt).toISOString(),
      views,
      likes: likes ?? undefined,
      comments: comments ?? undefined,
    }));
