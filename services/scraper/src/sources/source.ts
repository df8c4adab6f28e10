import type { Platform } from '@cliptally/contracts';
import type { RunStatus } from '../domain/absent.js';
import type { Scrape, ScrapeResult } from '../domain/scrape.js';
import type { Fault } from '../domain/faults.js';

/** What a source gives for a batch: a result for each scrape, in their order, and the bill. */
export interface Collected {
  results: ScrapeResult[];
  /** It said nothing of any clip: the source failed as a whole, and the next one may be asked. */
  silent: boolean;
  status: RunStatus;
  costMicroUsd: number;
  /** The source did not tell what it billed: the price list says it. */
  estimated?: boolean;
}

/**
 * One way to see the counts of a batch of clips. Paid runs are started once: `start` gives a name
 * under which `collect` finds the run again, also in another process. All throw
 * {@link SourceFault}.
 */
export interface Source {
  name: string;
  platform: Platform;
  /** Names of the counts it gives, as `metric` in what is recorded. */
  metrics: readonly string[];
  /** Starts in a minute, by all replicas together. */
  perMinute: number;
  /**
   * Its calls are runs of the Apify account: each takes a concurrency slot there, is paid by
   * it, and can be read again by name. False for a single call that is gone when it has failed.
   */
  billed: boolean;
  /** What a batch costs by the price list. */
  expectedCostMicroUsd(scrapes: number): number;
  /** Upper bound of what a batch may cost; the source enforces it. */
  maxCostMicroUsd(scrapes: number): Promise<number>;
  /** Milliseconds after which a run of so many scrapes has ended for certain. */
  endsWithinMs(scrapes: number): number;
  /** `inTime` says whether the call may still be sent; it is asked last of all. */
  start(scrapes: readonly Scrape[], inTime: () => boolean): Promise<string>;
  /**
   * Runs for the same clips between two instants, oldest first: among them the one whose name was
   * lost with a process or an answer. The source's clock dates runs, so it searches
   * {@link CLOCK_TOLERANCE_MS} further on both sides.
   */
  find(scrapes: readonly Scrape[], since: Date, until: Date): Promise<string[]>;
  /** Waits for the run's end and reads what it brought. */
  collect(run: string, scrapes: readonly Scrape[], signal: AbortSignal): Promise<Collected>;
}

/**
 * How far a scraper's clock may be from the source's, or be stepped, between intent and start. A
 * run that is dated before the search begins would be started, and billed, a second time.
 */
export const CLOCK_TOLERANCE_MS = 120_000;

/** Milliseconds of real time that an official API has to answer. */
export const ANSWERS_WITHIN_MS = 30_000;
/** Fifty rows have a megabyte at most. More than this is no answer, and would end the process. */
export const MOST_ANSWER_BYTES = 16_000_000;

/** An official API: one call that is gone when it has failed, and that may be made again. */
export abstract class OfficialApi implements Source {
  abstract readonly name: string;
  abstract readonly platform: Platform;
  abstract readonly perMinute: number;
  // The number that the post itself shows, and that the actors of both platforms call so: a clip
  // may change between them.
  readonly metrics = ['viewCount'];
  readonly billed = false;

  abstract expectedCostMicroUsd(scrapes: number): number;
  abstract collect(
    run: string,
    scrapes: readonly Scrape[],
    signal: AbortSignal,
  ): Promise<Collected>;
  async maxCostMicroUsd(scrapes: number): Promise<number> {
    return this.expectedCostMicroUsd(scrapes);
  }
  endsWithinMs(): number {
    return ANSWERS_WITHIN_MS;
  }
  async start(): Promise<string> {
    return this.name;
  }
  async find(): Promise<string[]> {
    return [];
  }
}

/** A call to a source failed as a whole; says nothing about any clip. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';
  constructor(
    message: string,
    readonly fault: Fault,
    options?: ErrorOptions & { billedMicroUsd?: number | undefined },
  ) {
    super(message, options);
    this.billedMicroUsd = options?.billedMicroUsd;
  }
  /** What the run is known to have cost, although what it brought cannot be read. */
  readonly billedMicroUsd: number | undefined;
}

/**
 * Seconds of a Retry-After header, which may also name an instant; undefined if it says nothing
 * usable.
 */
export function retryAfterOf(header: unknown, now: Date): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  const until = Number.isNaN(seconds) ? (Date.parse(header) - now.getTime()) / 1000 : seconds;
  return Number.isFinite(until) && until > 0 ? Math.ceil(until) : undefined;
}
