import type { Clock } from '@cliptally/contracts';
import type { ActorRun, ActorRunListItem, ApifyClient } from 'apify-client';
import { isDeepStrictEqual } from 'node:util';
import { callApify } from './apify-clients.js';
import { CLOCK_TOLERANCE_MS, SourceFault } from './source.js';

/** As many as Apify lists at once. */
const LISTED = 1_000;

/** One run; waits up to `waitForFinish` seconds for its end. */
export async function runOf(
  client: ApifyClient,
  clock: Clock,
  id: string,
  waitForFinish: number,
): Promise<ActorRun> {
  const run = await callApify('waiting for a run', clock, () =>
    client.run(id).get({ waitForFinish }),
  );
  if (run) return run;
  throw new SourceFault(`The run ${id} is not known to Apify any more.`, {
    status: 404,
    type: 'record-not-found',
  });
}

/**
 * Runs of the actor that were started with this input between two instants, oldest first. All that
 * are dated so are read: a run that is missed is started, and billed, a second time.
 */
export async function findRuns(
  client: ApifyClient,
  clock: Clock,
  actor: string,
  asked: Record<string, unknown>,
  since: Date,
  until: Date,
): Promise<string[]> {
  const wanted = Object.entries(asked);
  const startedAfter = new Date(since.getTime() - CLOCK_TOLERANCE_MS);
  const startedBefore = new Date(until.getTime() + CLOCK_TOLERANCE_MS);
  const dated: ActorRunListItem[] = [];
  for (let page = LISTED; page === LISTED;) {
    const asking = { offset: dated.length, limit: LISTED, startedAfter, startedBefore };
    const { items } = await callApify('listing runs', clock, () =>
      client.actor(actor).runs().list(asking),
    );
    dated.push(...items);
    page = items.length;
  }
  const found: string[] = [];
  for (const { id } of dated) {
    const input = await callApify('reading an input', clock, () =>
      client.run(id).keyValueStore().getRecord('INPUT'),
    );
    // What was not given, Apify may have filled in from the actor's defaults.
    const given = (input?.value ?? {}) as Record<string, unknown>;
    const same = wanted.every(([field, value]) => isDeepStrictEqual(given[field], value));
    if (same) found.push(id);
  }
  return found;
}

/**
 * A run that outlives its own time-out is stopped: it would go on being billed, and its scrapes
 * need an end.
 */
export async function cutOff(
  client: ApifyClient,
  clock: Clock,
  id: string,
  waitForFinish: number,
): Promise<ActorRun> {
  await callApify('aborting a run', clock, () => client.run(id).abort());
  return runOf(client, clock, id, waitForFinish);
}
