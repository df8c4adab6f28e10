import { Progress } from './progress.js';
import type { Output } from '../output.js';
import type { RefusedRow } from './refused-rows.js';

/** What has come of a row, or would come of it in a dry run. */
export type Outcome = 'added' | 'already' | 'rejected' | 'waiting' | 'unfollowed';
export type Result = Outcome | { reason: string };

export interface FileReport {
  kind: 'campaigns' | 'clips';
  /** Whether nothing was written. */
  dryRun: boolean;
  rows: number;
  /** New by this import. */
  added: number;
  /** There already, just as the row says. */
  already: number;
  /** Decided on already: they were rejected, and stay so. */
  rejected: number;
  /**
   * Short links that cannot be followed just now: the API tries them again by itself, for a day.
   */
  waiting: number;
  /** Short links in a dry run: only the import follows them. */
  unfollowed: number;
  refused: RefusedRow[];
  /** Each row, in a dry run. */
  lines?: { line: number; outcome: Outcome | 'refused'; reason: string | null }[];
  /** Why it ended before the last row; the same command goes on from there. */
  stopped: string | null;
}

/** Counts what comes of each row, and shows how far the import is. */
export class Tally {
  readonly report: FileReport;
  readonly #progress: Progress;

  constructor(
    kind: FileReport['kind'],
    dryRun: boolean,
    rows: number,
    broken: readonly RefusedRow[],
    output: Output,
  ) {
    const none = { added: 0, already: 0, rejected: 0, waiting: 0, unfollowed: 0, refused: [] };
    this.report = { kind, dryRun, rows: rows + broken.length, ...none, stopped: null };
    if (dryRun) this.report.lines = [];
    this.#progress = new Progress(rows + broken.length, 'rows', output);
    for (const row of broken) this.#refuse(row);
  }

  take({ line, values }: { line: number; values: RefusedRow['values'] }, result: Result): void {
    if (typeof result !== 'string') return this.#refuse({ line, values, reason: result.reason });
    this.report[result]++;
    this.report.lines?.push({ line, outcome: result, reason: null });
    this.#progress.add();
  }

  #refuse(row: RefusedRow): void {
    this.report.refused.push(row);
    this.report.lines?.push({ line: row.line, outcome: 'refused', reason: row.reason });
    this.#progress.add();
  }

  end(): FileReport {
    this.#progress.end();
    this.report.refused.sort((a, b) => a.line - b.line);
    this.report.lines?.sort((a, b) => a.line - b.line);
    return this.report;
  }
}
