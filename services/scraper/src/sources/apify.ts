import type { Clock } from '@cliptally/contracts';
import { ApifyApiError, ApifyClient, type ActorRun } from 'apify-client';
import type { Actor } from '../domain/actors.js';
import { resultsOf, type Look } from '../domain/batch.js';
import { SourceFault, type Collected, type RunStatus, type Source } from './source.js';

export interface ApifyOptions {
  token: string;
  baseUrl?: string;
  clock: Clock;
}

const ENDED: Record<string, RunStatus> = { SUCCEEDED: 'succeeded', FAILED: 'failed', 'TIMED-OUT': 'timed_out', ABORTED: 'aborted' };
const TIMEOUT_S = 60;
const TIMEOUT_PER_LOOK_S = 6;
const TIMEOUT_TO_S = 420;
/** Apify refuses a cap below this. */
const LEAST_CHARGE_MICRO_USD = 10_000;
const RECENT_RUNS = 20;
/** After a run's own time-out it has this long to reach its end. */
const END_GRACE_MS = 120_000;

/** Seconds that a run of so many looks may take. */
export const runTimeout = (looks: number): number => Math.min(TIMEOUT_S + TIMEOUT_PER_LOOK_S * (looks - 1), TIMEOUT_TO_S);

/** `start` is a POST without an idempotency key: a repeated one may bill a second run, so the client tries it once only. */
export function apifyClients({ token, baseUrl }: ApifyOptions): { starting: ApifyClient; reading: ApifyClient } {
  const common = { token, ...(baseUrl ? { baseUrl } : {}) };
  return {
    starting: new ApifyClient({ ...common, maxRetries: 0 }),
    reading: new ApifyClient({ ...common, maxRetries: 2, minDelayBetweenRetriesMillis: 250 }),
  };
}

/** An actor of Apify's store as a source: one run for many addresses. */
export class ApifySource implements Source {
  readonly name: string;
  readonly maxBatch = 50;
  readonly #clients: ReturnType<typeof apifyClients>;

  constructor(
    readonly actor: Actor,
    readonly options: ApifyOptions,
  ) {
    this.name = `apify:${actor.id}`;
    this.#clients = apifyClients(options);
  }

  get platform() {
    return this.actor.platform;
  }

  /** Twice the expected price: error rows and duplicates are billed as well. */
  maxCostMicroUsd(looks: number): number {
    return Math.max(LEAST_CHARGE_MICRO_USD, this.actor.startMicroUsd + 2 * looks * this.actor.resultMicroUsd);
  }

  async start(looks: readonly Look[]): Promise<string> {
    const urls = looks.map(({ request }) => request.url);
    const options = { timeout: runTimeout(looks.length), maxTotalChargeUsd: this.maxCostMicroUsd(looks.length) / 1e6 };
    const run = await call('starting a run', () => this.#clients.starting.actor(this.actor.id).start(this.actor.input(urls), options));
    return run.id;
  }

  async find(looks: readonly Look[], since: Date): Promise<string | null> {
    const { reading } = this.#clients;
    const wanted = JSON.stringify(this.actor.input(looks.map(({ request }) => request.url)));
    const recent = await call('listing runs', () => reading.actor(this.actor.id).runs().list({ desc: true, limit: RECENT_RUNS }));
    for (const { id, startedAt } of recent.items) {
      // A second of tolerance: the intent's instant and the run's come from two clocks.
      if (new Date(startedAt).getTime() < since.getTime() - 1_000) break;
      const input = await call('reading an input', () => reading.run(id).keyValueStore().getRecord('INPUT'));
      if (JSON.stringify(input?.value) === wanted) return id;
    }
    return null;
  }

  async collect(id: string, looks: readonly Look[], signal: AbortSignal): Promise<Collected> {
    const run = await this.#ended(id, looks.length, signal);
    const status = ENDED[run.status] ?? 'timed_out';
    // The dataset of a run that was cut off is billed and readable: what it has is used.
    const rows = await call('reading a dataset', () => this.#clients.reading.dataset(run.defaultDatasetId).listItems({ clean: false }));
    const results = resultsOf(looks, rows.items.filter(isRow), this.actor, status === 'succeeded');
    return { results, status, costMicroUsd: this.#cost(run, rows.items.length) };
  }

  async #ended(id: string, looks: number, signal: AbortSignal): Promise<ActorRun> {
    const { clock } = this.options;
    const deadline = clock.now().getTime() + runTimeout(looks) * 1000 + END_GRACE_MS;
    for (;;) {
      const run = await call('waiting for a run', () => this.#clients.reading.run(id).get({ waitForFinish: 60 }));
      if (!run) throw new SourceFault(`The run ${id} is not known to Apify any more.`, { status: 404, type: 'record-not-found' });
      if (run.status in ENDED || clock.now().getTime() > deadline) return run;
      if (signal.aborted) throw new SourceFault('stopping', { code: 'ECONNABORTED' });
      await clock.sleep(1_000, signal);
    }
  }

  /** What was billed; where the API does not say, as for actors that are paid by event, what the price list says. */
  #cost(run: ActorRun, rows: number): number {
    const usd = (run as { usageTotalUsd?: number }).usageTotalUsd;
    return usd === undefined ? this.actor.startMicroUsd + rows * this.actor.resultMicroUsd : Math.round(usd * 1e6);
  }
}

const isRow = (item: unknown): item is Record<string, unknown> => typeof item === 'object' && item !== null && !Array.isArray(item);

async function call<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, response } = error as { code?: string; response?: { headers?: Record<string, string> } };
    const retryAfter = Number(response?.headers?.['retry-after']) || undefined;
    const api = error instanceof ApifyApiError ? { status: error.statusCode, type: error.type } : {};
    throw new SourceFault(`Apify: ${what} failed (${(error as Error).message})`, { ...api, code, retryAfter }, { cause: error });
  }
}
