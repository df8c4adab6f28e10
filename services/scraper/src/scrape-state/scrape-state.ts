import type { Claim } from '../domain/batch.js';
import type { Figures } from '../domain/figures.js';
import type { KeptPost } from '../domain/post.js';
import type { Scrape } from '../domain/scrape.js';

/** The last observation of a clip, as all replicas know it. */
export interface Observation extends Figures {
  observedAt: string;
  /** The name of the source that gave it. */
  source: string;
  /** What was seen of the post, if a request has asked for it. */
  post?: KeptPost | undefined;
}

/** A batch as all replicas know it. It is whole, so that another scraper can go on with it. */
export interface StoredBatch extends Claim {
  source: string;
  scrapes: Scrape[];
  /** What other sources have charged for each scrape before, in millionths of a US dollar. */
  paid: number[];
  intendedAt: string;
  /** Upper bound and price-list price of the batch, in millionths of a US dollar. */
  maxCostMicroUsd: number;
  expectedCostMicroUsd: number;
  /** The source's id of the actor run; null as long as none is known. */
  run: string | null;
  /** No run was started on this batch, and none ever will be. */
  abandoned?: boolean;
}

/** What scrapers share: nothing is paid twice, and a paid actor run is not lost with a process. */
export interface ScrapeState {
  /** By clip. */
  observationsOf(clipIds: readonly string[]): Promise<ReadonlyMap<string, Observation>>;
  keepObservations(observations: ReadonlyMap<string, Observation>): Promise<void>;
  /** The batch that has the claim on each request, by request. */
  batchesOf(requestIds: readonly string[]): Promise<ReadonlyMap<string, StoredBatch>>;
  keepBatch(batch: StoredBatch): Promise<void>;
  /** Which of these actor runs is the batch's; null if none is. */
  runOf(runs: readonly string[], batchId: string): Promise<string | null>;
  /**
   * Which of these actor runs is the batch's: the one it has, else the first that no other batch
   * has, which it has from now on; null if there is none.
   */
  takeRun(runs: readonly string[], batchId: string): Promise<string | null>;
  /**
   * Puts `claim` on each scrape whose last claim is `replaces` (null: it has none). False if
   * another scraper was faster with one of them: then nothing may be started.
   */
  claim(scrapes: readonly Scrape[], claim: Claim, replaces: Claim | null): Promise<boolean>;
  /** Those of the names that nobody has marked on that day yet; marks them. */
  firstOfDay(day: string, names: readonly string[]): Promise<string[]>;
}
