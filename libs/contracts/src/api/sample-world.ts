import { z } from 'zod';

/** What can be disturbed in a sample world. */
export const FAULT_KINDS = ['scraper', 'nats', 'source'] as const;
export const FaultKind = z.enum(FAULT_KINDS);
export type FaultKind = z.infer<typeof FaultKind>;

export const LONGEST_FAULT_S = 60;
export const FaultBody = z.strictObject({
  /** Chosen by who asks: the same id again is the same fault. */
  id: z.uuid(),
  kind: FaultKind,
  seconds: z.int().min(1).max(LONGEST_FAULT_S),
});
export type FaultBody = z.infer<typeof FaultBody>;

/** Instants are real ones, in milliseconds since 1970; null: not yet. */
export interface Fault extends FaultBody {
  beganAt: number;
  overAt: number | null;
  /** All that was requested before its end has an outcome, and all followers are there. */
  recoveredAt: number | null;
  /** What it did, in words: a fault that struck nothing shows nothing. */
  struck: string;
  /** Why it could not be begun, ended or recovered from. */
  problem: string | null;
}

export interface LagSample {
  at: number;
  /** Scrape requests without an outcome. */
  waiting: number;
  /** Position of the log. */
  head: number;
  /** Events that each follower has still to take. */
  behind: Record<string, number>;
}

/** One thing that must be there exactly once, or be the same in two places. */
export interface CheckOfLog {
  what: string;
  checked: number;
  lost: number;
  twice: number;
  differs: number;
  /** Of what is wrong, at most five. */
  examples: string[];
}

export interface Verdict {
  at: number;
  /** What was begun up to here must have ended. */
  upTo: number;
  /** Scrape requests among it. */
  requests: number;
  lost: number;
  twice: number;
  differs: number;
  /** Why the log could not be judged: then the numbers say nothing. */
  problem: string | null;
  checks: CheckOfLog[];
}

export interface ChaosState {
  now: number;
  /** False while the log is still being read from its beginning. */
  ready: boolean;
  /** Newest last. */
  faults: Fault[];
  lag: LagSample[];
  /** Scrapes that are still waited for before the log can be judged; null if nothing is. */
  awaited: number | null;
  verdict: Verdict | null;
}
