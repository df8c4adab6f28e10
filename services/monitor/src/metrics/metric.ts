import type { Labels } from '@cliptally/telemetry';
import type { Flow } from '../flow.js';
import type { Figures } from '../reading.js';

/**
 * Where the projection stands when Prometheus asks, and what is between the log and those who
 * follow it.
 */
export interface Progress {
  position: number;
  /** Position of the log's end. */
  head: number;
  halted: boolean;
  /** Null where JetStream does not answer. */
  flow: Flow | null;
  /** Time between two runs of the scheduler, as it is configured. */
  runIntervalMs: number;
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
