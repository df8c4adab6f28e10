import { isSameClaim, type Claim } from '../domain/batch.js';
import type { Scrape } from '../domain/scrape.js';
import type { Observation, ScrapeState, StoredBatch } from './scrape-state.js';

/** In this process alone: for tests, and for the simulation. */
export class MapScrapeState implements ScrapeState {
  readonly counts = new Map<string, Observation>();
  readonly batches = new Map<string, string>();
  readonly claims = new Map<string, Claim>();
  readonly days = new Set<string>();
  readonly runs = new Map<string, string>();

  async observationsOf(clipIds: readonly string[]) {
    return new Map([...this.counts].filter(([clipId]) => clipIds.includes(clipId)));
  }
  async keepObservations(counts: ReadonlyMap<string, Observation>) {
    for (const [clipId, count] of counts) this.counts.set(clipId, count);
  }
  async batchesOf(requestIds: readonly string[]) {
    const found = requestIds.flatMap((requestId): [string, StoredBatch][] => {
      const claim = this.claims.get(requestId);
      const text = claim && this.batches.get(claim.batchId);
      return text ? [[requestId, { ...(JSON.parse(text) as StoredBatch), ...claim }]] : [];
    });
    return new Map(found);
  }
  async claim(scrapes: readonly Scrape[], { batchId, claimedAt }: Claim, replaces: Claim | null) {
    const free = scrapes.filter(({ request }) =>
      isSameClaim(this.claims.get(request.requestId) ?? null, replaces),
    );
    for (const { request } of free) this.claims.set(request.requestId, { batchId, claimedAt });
    return free.length === scrapes.length;
  }
  async keepBatch(batch: StoredBatch) {
    this.batches.set(batch.batchId, JSON.stringify(batch));
  }
  async runOf(runs: readonly string[], batchId: string) {
    return runs.find((run) => this.runs.get(run) === batchId) ?? null;
  }
  async takeRun(runs: readonly string[], batchId: string) {
    const own = await this.runOf(runs, batchId);
    const run = own ?? runs.find((one) => !this.runs.has(one)) ?? null;
    if (run !== null) this.runs.set(run, batchId);
    return run;
  }
  async firstOfDay(day: string, names: readonly string[]) {
    const first = names.filter((name) => !this.days.has(`${day} ${name}`));
    for (const name of first) this.days.add(`${day} ${name}`);
    return first;
  }
}
