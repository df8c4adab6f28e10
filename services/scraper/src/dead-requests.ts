import { streams, type ClipTrackingRequested } from '@cliptally/contracts';
import type { RecordingPorts } from './batch-outcomes.js';
import { writeOff } from './batch-recovery.js';
import type { Scraped } from './batch-result.js';
import { hasOutcome } from './clip-history.js';
import { failed, type Scrape } from './domain/scrape.js';
import { appendOutcomes, outcomeEvent } from './events.js';
import type { Delivery } from './request-handler.js';
import type { SourceRouter } from './source-router.js';

/**
 * Appends the outcome of a request that is a dead letter, unless it has one. A person can request
 * it again.
 */
export async function giveUp(
  { router, platform, clock, state, store }: RecordingPorts & { router: SourceRouter },
  request: ClipTrackingRequested,
  { correlationId, position }: Delivery,
  reason: string,
): Promise<void> {
  const { requestId } = request;
  const stream = streams.clip(request.clipId);
  const tail = (await store.tails([stream])).get(stream);
  if (tail && (await hasOutcome(store, request, position, tail))) return;
  const begun = (await state.batchesOf([requestId])).get(requestId);
  const batch = request.platform === platform ? begun : undefined;
  const costMicroUsd = batch ? await writeOff(router.ports, batch, requestId) : 0;
  const result = failed('dead_letter', reason);
  const scraped: Scraped = { result, source: batch?.source ?? 'none', costMicroUsd, attempts: 1 };
  const scrape: Scrape = { request, videoId: '', metric: null, correlationId };
  await appendOutcomes(store, [outcomeEvent(scrape, scraped, clock.now())]);
}
