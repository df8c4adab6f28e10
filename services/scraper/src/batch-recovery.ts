import type { Platform } from '@cliptally/contracts';
import { RetryLater } from '@cliptally/messaging/nest';
import { Batch } from './batch-lifecycle.js';
import type { BatchPorts } from './batch-ports.js';
import { refuse } from './batch-refusal.js';
import { NOTHING, NOT_ASKED, adding, type Scraped, split } from './batch-result.js';
import { comeAgain, lost } from './batch-retries.js';
import { certainAt, type Claim } from './domain/batch.js';
import type { Scrape } from './domain/scrape.js';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import { SourceFault, type Source } from './sources/source.js';

export interface RecoveryPorts extends BatchPorts {
  /** In the order in which they are asked. */
  sources: readonly Source[];
}

/** The source router: it asks the sources for scrapes that have `before` so far. */
export interface Asking {
  ports: RecoveryPorts;
  ask(
    sources: readonly Source[],
    scrapes: readonly Scrape[],
    replaces: Claim,
    before: readonly Scraped[],
    saidGone?: boolean,
  ): Promise<Scraped[]>;
}

/**
 * Goes on with scrapes of a batch that an earlier delivery had in hand: collects the run that
 * exists, or asks again if it is certain that none does.
 */
export async function resume(
  router: Asking,
  stored: StoredBatch,
  scrapes: readonly Scrape[],
): Promise<Scraped[]> {
  const { ports } = router;
  const { sources } = ports;
  const batch = resumedBatch(ports, stored);
  const at = sources.indexOf(batch.source);
  const before = scrapes.map(({ request }) => ({
    ...NOT_ASKED,
    costMicroUsd: stored.paid[placeIn(stored, request.requestId)]!,
  }));
  if (batch.state === 'closed')
    return router.ask(sources.slice(Math.max(0, at)), scrapes, batch.stored, before);
  if (at < 0) {
    const refusal = { fault: REMOVED, detail: removal(stored) };
    const result = await refuse(batch, refusal, lost(batch.source, stored, null));
    return router.ask(sources, scrapes, batch.stored, adding(batch, result, scrapes, before));
  }
  if (!(await recover(batch, scrapes).catch((error: unknown) => comeAgain(ports, error)))) {
    await batch.close(NOTHING);
    return router.ask(sources.slice(at), scrapes, batch.stored, before);
  }
  const result = await batch.collect();
  const scraped = adding(batch, result, scrapes, before);
  return result.whole
    ? router.ask(sources.slice(at + 1), scrapes, batch.stored, scraped, result.gone !== undefined)
    : scraped;
}

/**
 * Closes a batch one of whose requests is a dead letter, and gives what that scrape cost in
 * millionths of a US dollar: by the price list if the bill, or whether there is one, cannot be
 * learnt.
 */
export async function writeOff(
  ports: RecoveryPorts,
  stored: StoredBatch,
  requestId: string,
): Promise<number> {
  const place = placeIn(stored, requestId);
  const paid = stored.paid[place]!;
  const batch = resumedBatch(ports, stored);
  if (batch.state === 'closed') return paid;
  const read = async () =>
    (await recover(batch, [stored.scrapes[place]!])) ? batch.read() : NOTHING;
  const collected = await read().catch((error: unknown) => {
    if (!(error instanceof SourceFault)) throw error;
    return lost(batch.source, batch.stored, error);
  });
  await batch.close(collected);
  return paid + split(collected.costMicroUsd, stored.scrapes.length)[place]!;
}

/**
 * Makes certain whether a resumed batch has a run. If it has none, the claims on `scrapes` are
 * this process's, and nobody starts one on the older claim: such a run would show by now.
 */
export async function recover(batch: Batch, scrapes: readonly Scrape[]): Promise<boolean> {
  const { clock, signal } = batch.ports;
  if (batch.state !== 'claimed') return batch.stored.run !== null;
  // A run that no batch has yet may be another's, and the holder of the claim may still start one.
  if (await batch.find('runOf')) return true;
  const certain = certainAt(batch.stored, batch.goodForMs);
  await clock.sleep(certain.getTime() - clock.now().getTime(), signal);
  if (signal.aborted) throw new RetryLater(1_000, 'this scraper stops');
  await batch.renew(scrapes);
  return batch.find();
}

/**
 * After a failure: closes the batch if it is certain that no run exists; otherwise a later
 * delivery goes on with it. Never rejects.
 */
export async function abandon(batch: Batch): Promise<void> {
  if (batch.mayRun || batch.state === 'new' || batch.state === 'closed') return;
  const { state, log } = batch.ports;
  try {
    await batch.close();
    if (batch.source.billed) await state.keepBatch({ ...batch.stored, abandoned: true });
  } catch (error) {
    log.warn(
      { batchId: batch.stored.batchId, error: (error as Error).message },
      'a batch is still open; a later delivery closes it',
    );
  }
}

const placeIn = ({ scrapes }: StoredBatch, requestId: string) =>
  scrapes.findIndex(({ request }) => request.requestId === requestId);

/** A stored batch at its source, which may not be configured any more. */
export function resumedBatch(ports: RecoveryPorts, stored: StoredBatch): Batch {
  const source = ports.sources.find(({ name }) => name === stored.source);
  const state = stored.abandoned ? 'closed' : stored.run === null ? 'claimed' : 'started';
  return new Batch(ports, source ?? removedSource(stored, ports.platform), stored, state);
}

const REMOVED = { code: 'SOURCE_REMOVED' };
const removal = ({ source }: StoredBatch) =>
  `the source ${source} is not configured any more, so its run cannot be read`;

/**
 * Stands for the source of an open batch that SOURCES_FILE does not list any more: nothing can be
 * asked there.
 */
function removedSource(stored: StoredBatch, platform: Platform): Source {
  const refuse = () => Promise.reject(new SourceFault(removal(stored), REMOVED));
  return {
    name: stored.source,
    platform,
    metrics: [],
    perMinute: 1,
    billed: true,
    expectedCostMicroUsd: () => stored.expectedCostMicroUsd,
    maxCostMicroUsd: () => Promise.resolve(stored.maxCostMicroUsd),
    endsWithinMs: () => 0,
    start: refuse,
    find: refuse,
    collect: refuse,
  };
}
