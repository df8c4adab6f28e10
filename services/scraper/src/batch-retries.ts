import { shortened } from '@cliptally/contracts';
import type { BatchPorts } from './batch-ports.js';
import { Unreadable, refuse, type Refusal } from './batch-refusal.js';
import { NOTHING, type BatchResult } from './batch-result.js';
import { classify, isPassing, pauseBefore, worthRetrying } from './domain/faults.js';
import type { Scrape } from './domain/scrape.js';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import { SourceFault, type Collected, type Source } from './sources/source.js';

/** The steps of a batch that are repeated after a fault of its source. */
export interface RetriedBatch {
  readonly ports: BatchPorts;
  readonly source: Source;
  readonly stored: StoredBatch;
  readonly mayRun: boolean;
  readonly scrapes: readonly Scrape[];
  attempts: number;
  find(): Promise<boolean>;
  tryToStart(): Promise<void>;
  tryToCollect(): Promise<BatchResult>;
  close(collected: Collected): Promise<void>;
}

/** On the simulated clock: when JetStream delivers scrapes again whose run cannot be read now. */
const COME_AGAIN_MS = 30_000;

/**
 * After a start that failed. If the answer of a call was lost, it searches for the run before it
 * calls again.
 */
export async function startAgain(batch: RetriedBatch, failure: unknown): Promise<Refusal | null> {
  const { signal } = batch.ports;
  let error = failure;
  for (let attempt = 1; ; attempt++) {
    const { fault, message } = faultOf(batch, error, attempt);
    if (!worthRetrying(fault, attempt) || signal.aborted) {
      const found =
        batch.mayRun &&
        (await batch.find().catch((unfound: unknown) => comeAgain(batch.ports, unfound)));
      return found ? null : { fault, detail: shortened(message, 300) };
    }
    await pause(batch, attempt, fault.retryAfter);
    try {
      if (!(batch.mayRun && (await batch.find()))) await batch.tryToStart();
      return null;
    } catch (again) {
      error = again;
    }
  }
}

/** After a run could not be read. Never starts a run anew for one that it cannot read. */
export async function collectAgain(batch: RetriedBatch, failure: unknown): Promise<BatchResult> {
  const { ports, source, stored } = batch;
  let error = failure;
  for (let attempt = 1; ; attempt++) {
    const { fault, message } = faultOf(batch, error, attempt);
    if (!worthRetrying(fault, attempt) || ports.signal.aborted) {
      if (source.billed && (isPassing(fault) || ports.signal.aborted)) comeAgain(ports, error);
      const refusal = { fault, detail: shortened(message, 300) };
      return refuse(batch, refusal, lost(source, stored, error));
    }
    batch.attempts++;
    await pause(batch, attempt, fault.retryAfter);
    try {
      return await batch.tryToCollect();
    } catch (again) {
      error = again;
    }
  }
}

/** JetStream delivers the scrapes again if the source is at fault; throws any other error on. */
export function comeAgain({ clock }: BatchPorts, error: unknown): never {
  if (!(error instanceof SourceFault)) throw error;
  throw new Unreadable(Math.max(1_000, COME_AGAIN_MS / clock.speed), error.message);
}

/**
 * What an unreadable run has cost; by the price list if nobody could learn it. A call that is no
 * run is not billed.
 */
export function lost(
  { billed }: Source,
  { expectedCostMicroUsd }: StoredBatch,
  error: unknown,
): Collected {
  const bill = error instanceof SourceFault ? error.billedMicroUsd : undefined;
  if (bill !== undefined || !billed) return { ...NOTHING, costMicroUsd: bill ?? 0 };
  return { ...NOTHING, costMicroUsd: expectedCostMicroUsd, estimated: true };
}

const pause = ({ ports }: RetriedBatch, attempt: number, retryAfter: number | undefined) =>
  ports.clock.sleep(pauseBefore(attempt, ports.jitter(), retryAfter), ports.signal);

/** The fault of a source; throws on what is no fault of a source. */
function faultOf({ ports, source }: RetriedBatch, error: unknown, attempt: number): SourceFault {
  if (!(error instanceof SourceFault)) throw error;
  ports.log.warn(
    { source: source.name, attempt, reason: classify(error.fault), error: error.message },
    'a source failed',
  );
  return error;
}
