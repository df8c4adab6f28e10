import type { Platform } from '@cliptally/contracts';
import type { Fault } from '../domain/faults.js';
import type { Look, LookResult } from '../domain/batch.js';

export type RunStatus = 'succeeded' | 'failed' | 'timed_out' | 'aborted';

/** What a source found for a batch: a result a look, in their order, and what it billed. */
export interface Collected {
  results: LookResult[];
  status: RunStatus;
  costMicroUsd: number;
}

/**
 * One way to see the counts of a batch of clips. Paid runs are started once: `start` gives a name under which `collect` finds the
 * run again, also in another process. All throw {@link SourceFault}.
 */
export interface Source {
  name: string;
  platform: Platform;
  maxBatch: number;
  /** Upper bound of what a batch may cost; the source enforces it. */
  maxCostMicroUsd(looks: number): number;
  start(looks: readonly Look[]): Promise<string>;
  /** The run that was started for these looks since `since`, if its name was lost with a process. */
  find(looks: readonly Look[], since: Date): Promise<string | null>;
  /** Waits for the run's end and reads what it brought. */
  collect(run: string, looks: readonly Look[], signal: AbortSignal): Promise<Collected>;
}

/** A call to a source failed as a whole; says nothing about any clip. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';
  constructor(
    message: string,
    readonly fault: Fault,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
