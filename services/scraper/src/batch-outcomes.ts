import { streams, type Clock, type Platform } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { inSpan, workSpanOf } from '@cliptally/messaging';
import {
  judged,
  postBy,
  restorationBy,
  retirementsBy,
  type Before,
  type KnownPost,
} from './clip-judgement.js';
import type { Scrape } from './domain/scrape.js';
import { appendOutcomes, outcomeEvent } from './events.js';
import { postEvent } from './rare-events.js';
import type { Observation, ScrapeState } from './scrape-state/scrape-state.js';
import type { Scraped } from './batch-result.js';

export interface RecordingPorts {
  platform: Platform;
  store: EventStore;
  state: ScrapeState;
  clock: Clock;
}

/** A scrape whose request waits for its outcome. */
export interface Waiting extends Before {
  scrape: Scrape;
  done(): void;
  fail(error: unknown): void;
}

/** Scrapes a batch and appends the outcomes. Never rejects: it settles each item. */
export async function recordBatch(
  { platform, store, state, clock }: RecordingPorts,
  items: readonly Waiting[],
  get: (scrapes: Scrape[]) => Promise<Scraped[]>,
): Promise<void> {
  const scrapes = items.map(({ scrape }) => scrape);
  // A batch is part of the trace of its first scrape, and linked to the others.
  const [parent, ...links] = scrapes.map(spanOf);
  const attributes = {
    'cliptally.platform': platform,
    'messaging.batch.message_count': scrapes.length,
  };
  try {
    await inSpan('scrape batch', { parent, links, attributes }, async () => {
      const got = await get(scrapes);
      const now = clock.now();
      const made = await Promise.all(
        items.map(async ({ scrape, last, tail }, i) => {
          const scraped = await judged(store, scrape, got[i]!, last, now);
          return { scrape, last, tail, scraped, post: await postBy(store, scrape, scraped, last) };
        }),
      );
      // Before the log: an observation that is kept and not logged is logged as cached, never paid
      // twice.
      await state.keepObservations(new Map(made.flatMap((one) => observationIn(one, now))));
      const outcomes = made.map(async ({ scrape, scraped, post, ...before }) => [
        ...(post?.news ? [postEvent(scrape, post.news, now)] : []),
        outcomeEvent(scrape, scraped, now),
        ...(await restorationBy(store, scrape, scraped.result, before, now)),
      ]);
      const batches = new Set(got.flatMap(({ unlogged = [] }) => unlogged));
      await appendOutcomes(store, (await Promise.all(outcomes)).flat(), batches);
      await appendOutcomes(store, await retirementsBy(store, made));
    });
    for (const item of items) item.done();
  } catch (error) {
    for (const item of items) item.fail(error);
  }
}

function observationIn(
  { scrape, scraped, post }: { scrape: Scrape; scraped: Scraped; post: KnownPost | null },
  now: Date,
): [clipId: string, Observation][] {
  const { result, source } = scraped;
  if (result.kind !== 'observed') return [];
  const at = { observedAt: now.toISOString(), source };
  const observation = { ...result.figures, ...at, ...(post && { post: post.kept }) };
  return [[scrape.request.clipId, observation]];
}

const spanOf = ({ correlationId, request: { requestId, clipId } }: Scrape) =>
  workSpanOf({ correlationId, causationId: requestId }, streams.clip(clipId));
