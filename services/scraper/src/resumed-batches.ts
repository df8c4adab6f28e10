import { recordBatch, type RecordingPorts, type Waiting } from './batch-outcomes.js';
import { resume } from './batch-recovery.js';
import { Batcher } from './batcher.js';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import type { SourceRouter } from './source-router.js';

/**
 * Gathers the scrapes of batches that an earlier delivery has begun, each batch by itself. Scrapes
 * of one batch go apart if their claims do: no new claim could replace two older ones.
 */
export class ResumedBatches {
  readonly #batchers = new Map<string, Batcher<Waiting>>();

  constructor(
    private readonly options: RecordingPorts & { router: SourceRouter; lingerMs: number },
  ) {}

  get batchers(): Iterable<Batcher<Waiting>> {
    return this.#batchers.values();
  }

  batcherOf(batch: StoredBatch): Batcher<Waiting> {
    const { clock, lingerMs, router } = this.options;
    const claim = `${batch.batchId} ${batch.claimedAt}`;
    const found = this.#batchers.get(claim);
    if (found) return found;
    const work = async (items: Waiting[]) => {
      this.#batchers.delete(claim);
      await recordBatch(this.options, items, (scrapes) => resume(router, batch, scrapes));
    };
    const size = batch.scrapes.length;
    const made = new Batcher<Waiting>({ clock, size, lingerMs, concurrency: 1, work });
    this.#batchers.set(claim, made);
    return made;
  }
}
