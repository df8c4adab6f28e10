import type { ClipTrackingRequested } from '@cliptally/contracts';
import type { RecordingPorts } from './batch-outcomes.js';
import type { Scraped } from './batch-result.js';
import { failed, type Scrape } from './domain/scrape.js';
import { appendOutcomes, outcomeEvent } from './events.js';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import type { SourceRouter } from './source-router.js';

/** Appends the outcome of a request that is a dead letter; `begun` is its batch, if it has one. */
export async function giveUp(
  { router, platform, clock, store }: RecordingPorts & { router: SourceRouter },
  request: ClipTrackingRequested,
  correlationId: string,
  begun: StoredBatch | undefined,
  reason: string,
): Promise<void> {
  const batch = request.platform === platform ? begun : undefined;
  const costMicroUsd = batch ? await router.writeOff(batch, request.requestId) : 0;
  const result = failed('dead_letter', reason);
  const scraped: Scraped = { result, source: batch?.source ?? 'none', costMicroUsd, attempts: 1 };
  const scrape: Scrape = { request, videoId: '', metric: null, correlationId };
  await appendOutcomes(store, [outcomeEvent(scrape, scraped, clock.now())]);
}
