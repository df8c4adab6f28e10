import type { Clock } from '@cliptally/contracts';
import type { ActorRun, ApifyClient } from 'apify-client';
import { isDeepStrictEqual } from 'node:util';
import { callApify } from './apify-clients.js';
import { CLOCK_TOLERANCE_MS, SourceFault } from './source.js';

const RECENT_RUNS = 1_000;

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

/** Runs of the actor that were started with this input since `since`, oldest first. */
export async function findRuns(
  client: ApifyClient,
  clock: Clock,
  actor: string,
  asked: Record<string, unknown>,
  since: Date,
): Promise<string[]> {
  const wanted = Object.entries(asked);
  const startedAfter = new Date(since.getTime() - CLOCK_TOLERANCE_MS);
  const recent = await callApify('listing runs', clock, () =>
    client.actor(actor).runs().list({ desc: true, limit: RECENT_RUNS, startedAfter }),
  );
  const found: string[] = [];
  for (const { id } of recent.items) {
    const input = await callApify('reading an input', clock, () =>
      client.run(id).keyValueStore().getRecord('INPUT'),
    );
    // What was not given, Apify may have filled in from the actor's defaults.
    const given = (input?.value ?? {}) as Record<string, unknown>;
    const same = wanted.every(([field, value]) => isDeepStrictEqual(given[field], value));
    if (same) found.unshift(id);
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
