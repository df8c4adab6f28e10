import type { Labels } from '@cliptally/telemetry';
import type { Figures } from '../status/reading.js';
import type { JetStreamLag } from './jetstream-lag.js';

/** How far the followers of the log are when Prometheus asks. */
export interface Progress {
  position: number;
  /** Position of the log's end. */
  head: number;
  halted: boolean;
  /** Null if JetStream does not answer. */
  lag: JetStreamLag | null;
  /** Time between two tracking runs, as it is configured. */
  runIntervalMs: number;
  /** Null if the log is not in PostgreSQL, or PostgreSQL does not answer. */
  logBytes: number | null;
  /** Null if nobody has said how large the log may become. */
  logLimitBytes: number | null;
}

export type Sample = [value: number, labels?: Record<string, string>];

export interface DomainMetric {
  name: string;
  help: string;
  /** Every value that a label may have: closed enumerations, never ids. */
  labels?: Labels;
  read: (figures: Figures, progress: Progress) => Sample[];
}

export const sum = <T>(rows: readonly T[], pick: (row: T) => number) =>
  rows.reduce((total, row) => total + pick(row), 0);
export const seconds = (instant: Date) => instant.getTime() / 1000;
