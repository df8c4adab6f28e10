import { derivedId } from '@cliptally/contracts';
import { failed, type Scrape } from '../domain/scrape.js';
import type { RateLimits } from '../rate-limits/rate-limits.js';
import { TOO_LATE } from '../sources/deadline-transport.js';
import { SourceFault, type Collected, type Source } from '../sources/source.js';

/** Prices in millionths of a US dollar. */
export const [START, ROW] = [1_000, 500];

/**
 * A source, billed by default, whose runs everybody can find. `onSend` may hold a call back before
 * it is sent, `onStart` on its way; `brings` says whether its runs bring anything.
 */
export class FakeSource implements Source {
  readonly platform = 'tiktok';
  readonly metrics = ['playCount'];
  readonly perMinute = 60;
  billed = true;
  readonly started: string[] = [];
  /** What the collected runs have charged, by run. */
  readonly charged = new Map<string, number>();
  onSend: () => Promise<void> = () => Promise.resolve();
  onStart: () => Promise<void> = () => Promise.resolve();
  onCollect: () => Promise<void> = () => Promise.resolve();
  brings: 'counts' | 'nothing' = 'counts';

  constructor(readonly name: string) {}

  expectedCostMicroUsd = (scrapes: number) => START + scrapes * ROW;
  maxCostMicroUsd = (scrapes: number) => Promise.resolve(START + scrapes * ROW);
  endsWithinMs = () => 60_000;
  async start(scrapes: readonly Scrape[], inTime: () => boolean): Promise<string> {
    await this.onSend();
    if (!inTime()) throw new SourceFault('too late', { code: TOO_LATE });
    await this.onStart();
    return `${this.name} ${this.started.push(idsOf(scrapes))}`;
  }
  async find(scrapes: readonly Scrape[]): Promise<string[]> {
    const ids = idsOf(scrapes);
    return this.started.flatMap((one, at) => (one === ids ? [`${this.name} ${at + 1}`] : []));
  }
  async collect(run: string, scrapes: readonly Scrape[]): Promise<Collected> {
    await this.onCollect();
    this.charged.set(
      run,
      this.brings === 'nothing' ? START : this.expectedCostMicroUsd(scrapes.length),
    );
    if (this.brings === 'nothing') {
      const results = scrapes.map(() => failed('blocked', 'the run brought nothing at all'));
      return { results, silent: true, status: 'succeeded', costMicroUsd: START };
    }
    const results = scrapes.map(() => ({
      kind: 'observed' as const,
      figures: { views: 7, metric: 'playCount' },
    }));
    return {
      results,
      silent: false,
      status: 'succeeded',
      costMicroUsd: this.expectedCostMicroUsd(scrapes.length),
    };
  }
}

const idsOf = (scrapes: readonly Scrape[]) => scrapes.map(({ videoId }) => videoId).join(' ');
export const scrapeOf = (videoId: string): Scrape => {
  const request = {
    requestId: derivedId(videoId),
    runId: 'r',
    clipId: `tiktok-${videoId}`,
    platform: 'tiktok' as const,
    url: videoId,
  };
  return {
    request: { ...request, score: 1, campaignIds: ['c'] },
    videoId,
    metric: null,
    correlationId: 'c',
  };
};

/** Concurrency slots in this process alone. */
export class MemorySlots implements RateLimits {
  readonly taken = new Set<string>();
  most = 0;
  async acquire(_source: Source, batchId: string): Promise<void> {
    this.taken.add(batchId);
    this.most = Math.max(this.most, this.taken.size);
  }
  async release(batchId: string): Promise<void> {
    this.taken.delete(batchId);
  }
  async close(): Promise<void> {}
}
