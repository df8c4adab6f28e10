import type { Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import { ApifyApiError, ApifyClient, type ActorRun } from 'apify-client';
import { isDeepStrictEqual } from 'node:util';
import { fieldsOf, inputOf, type Actor } from '../domain/actors.js';
import { resultsOf, type Scrape, type RunStatus } from '../domain/scrape.js';
import {
  billOf,
  rowsCharged,
  unpricedIn,
  type BilledRun,
  type BillingTerms,
  type PricingInfo,
} from '../domain/bill.js';
import { UnreadFields } from '../domain/unread-fields.js';
import type { RunEnds } from '../run-ends.js';
import { Timely } from './deadline-transport.js';
import {
  CLOCK_TOLERANCE_MS,
  SourceFault,
  retryAfterOf,
  type Collected,
  type Source,
} from './source.js';

export interface ApifyOptions {
  token: string;
  baseUrl?: string;
  clock: Clock;
  /** The account's tier, by which some events are priced. */
  tier?: () => Promise<string | null>;
  log?: Pick<Log, 'warn'>;
  /** Real time that a start may take to be answered. */
  startWithinMs?: number;
  /** Where Apify shall tell that a run has ended; without it the run is asked for. */
  webhook?: { url: string; secret: string; ends: RunEnds } | undefined;
}

/** Sent with each webhook, so that the receiver knows that we asked for it. */
const WEBHOOK_SECRET_HEADER = 'x-cliptally-webhook-secret';

const ENDED: Record<string, RunStatus> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  'TIMED-OUT': 'timed_out',
  ABORTED: 'aborted',
};
const END_EVENTS = [
  'ACTOR.RUN.SUCCEEDED',
  'ACTOR.RUN.FAILED',
  'ACTOR.RUN.TIMED_OUT',
  'ACTOR.RUN.ABORTED',
] as const;
const TIMEOUT_S = 60;
const TIMEOUT_PER_SCRAPE_S = 6;
const TIMEOUT_TO_S = 420;
/** After a run's own time-out it has this long to reach its end. */
const END_GRACE_MS = 120_000;
const LONG_POLL_S = 60;
const RECENT_RUNS = 1_000;
const MINIMUM_KEPT_MS = 86_400_000;
/**
 * A dataset can be read a little before its rows can: before it counts as empty, or as shorter than
 * what was charged, it is read again after each of these.
 */
const READ_AGAIN_AFTER_MS = [1_000, 2_000, 4_000, 8_000];

/** Seconds that a run of so many scrapes may take. */
export const runTimeout = (scrapes: number): number =>
  Math.min(TIMEOUT_S + TIMEOUT_PER_SCRAPE_S * (scrapes - 1), TIMEOUT_TO_S);

/**
 * `start` is a POST without an idempotency key: a repeated one may bill a second run, so the client
 * tries it once only.
 */
export function apifyClients({ token, baseUrl, clock, startWithinMs = 30_000 }: ApifyOptions): {
  starting: ApifyClient;
  reading: ApifyClient;
} {
  const common = { token, ...(baseUrl ? { baseUrl } : {}) };
  const starting = new ApifyClient({
    ...common,
    maxRetries: 0,
    timeoutSecs: Math.ceil(startWithinMs / 1_000),
  });
  const reading = new ApifyClient({
    ...common,
    maxRetries: 2,
    minDelayBetweenRetriesMillis: Math.ceil(250 / clock.speed),
    timeoutSecs: 90,
  });
  for (const client of [starting, reading]) {
    keepRetryAfter(client);
    // What it would say in a format of its own, the fault that we log says as well.
    client.httpClient.logger.setLevel(0);
  }
  return { starting, reading };
}

/**
 * The client's error keeps an answer's `error.data` but none of its headers: Retry-After is put
 * where it survives.
 */
function keepRetryAfter(client: ApifyClient): void {
  client.httpClient.axios.interceptors.response.use((response) => {
    const after: unknown = response.headers['retry-after'];
    const error = (response.data as { error?: { data?: object } } | undefined)?.error;
    if (after !== undefined && error && typeof error === 'object')
      error.data = { ...error.data, retryAfter: after };
    return response;
  });
}

/** An actor of Apify's store as a source: one run for many addresses. */
export class ApifySource implements Source {
  readonly name: string;
  readonly billed = true;
  readonly #clients: ReturnType<typeof apifyClients>;
  readonly #fields: string[];
  readonly #unread: UnreadFields;
  readonly #timely = new Timely();
  #minimumMicroUsd: number;
  #listed: PricingInfo | null = null;
  #minimumUntil = new Date(0);

  constructor(
    readonly actor: Actor,
    readonly options: ApifyOptions,
  ) {
    this.name = `apify:${actor.id}`;
    this.#clients = apifyClients(options);
    this.#clients.starting.httpClient.axios.defaults.transport = this.#timely.transport;
    this.#minimumMicroUsd = actor.minimumMicroUsd;
    // Apify picks whole fields, of which `a.b` may be one.
    const read = fieldsOf(actor).flatMap((path) => [path, path.split('.')[0]!]);
    this.#fields = [...new Set([...read, 'error', 'errorCode', 'noResults'])];
    this.#unread = new UnreadFields(actor.configured ?? []);
  }

  get platform() {
    return this.actor.platform;
  }
  get metrics() {
    return this.actor.viewFields;
  }
  get perMinute() {
    return this.actor.perMinute;
  }

  expectedCostMicroUsd(scrapes: number): number {
    const { startMicroUsd, resultMicroUsd } = this.actor;
    return startMicroUsd + scrapes * resultMicroUsd;
  }

  /**
   * Twice the expected price: error rows and duplicates are billed as well. Apify refuses a cap
   * below the actor's own minimum.
   */
  async maxCostMicroUsd(scrapes: number): Promise<number> {
    await this.#readMinimum();
    return this.#cap(scrapes);
  }

  #cap(scrapes: number): number {
    const { startMicroUsd, resultMicroUsd } = this.actor;
    return Math.max(this.#minimumMicroUsd, startMicroUsd + 2 * scrapes * resultMicroUsd);
  }

  /**
   * The smallest cap that the actor takes, as it says itself, asked once a day; the configured one
   * if it says none, or says nothing now.
   */
  async #readMinimum(): Promise<void> {
    const now = this.options.clock.now();
    if (now < this.#minimumUntil) return;
    const actor = await this.#call('reading an actor', () =>
      this.#clients.reading.actor(this.actor.id).get(),
    ).catch(() => null);
    if (!actor) return;
    // Prices of the future are in the list as well.
    const inForce = actor.pricingInfos?.findLast(({ startedAt }) => startedAt <= now);
    const usd =
      inForce?.pricingModel === 'PAY_PER_EVENT' ? inForce.minimalMaxTotalChargeUsd : undefined;
    this.#minimumMicroUsd = usd === undefined ? this.actor.minimumMicroUsd : Math.ceil(usd * 1e6);
    this.#listed = (inForce as PricingInfo | undefined) ?? null;
    this.#minimumUntil = new Date(now.getTime() + MINIMUM_KEPT_MS);
  }

  endsWithinMs(scrapes: number): number {
    return runTimeout(scrapes) * 1000 + END_GRACE_MS;
  }

  /** One call and nothing before it: the claim that it is made on grows old. */
  async start(scrapes: readonly Scrape[], inTime: () => boolean): Promise<string> {
    const { webhook } = this.options;
    const options = {
      timeout: runTimeout(scrapes.length),
      maxTotalChargeUsd: this.#cap(scrapes.length) / 1e6,
      ...(webhook ? { webhooks: [askedWebhook(webhook)] } : {}),
    };
    const start = () =>
      this.#clients.starting.actor(this.actor.id).start(this.#input(scrapes), options);
    const run = await this.#call('starting a run', () => this.#timely.run(inTime, start));
    return run.id;
  }

  async find(
    scrapes: readonly Scrape[],
    since: Date,
    take: (run: string) => Promise<boolean>,
  ): Promise<string | null> {
    const { reading } = this.#clients;
    const wanted = Object.entries(this.#input(scrapes));
    const startedAfter = new Date(since.getTime() - CLOCK_TOLERANCE_MS);
    const recent = await this.#call('listing runs', () =>
      reading.actor(this.actor.id).runs().list({ desc: true, limit: RECENT_RUNS, startedAfter }),
    );
    for (const { id } of recent.items) {
      const input = await this.#call('reading an input', () =>
        reading.run(id).keyValueStore().getRecord('INPUT'),
      );
      // What was not given, Apify may have filled in from the actor's defaults.
      const given = (input?.value ?? {}) as Record<string, unknown>;
      const same = wanted.every(([field, value]) => isDeepStrictEqual(given[field], value));
      if (same && (await take(id))) return id;
    }
    return null;
  }

  async collect(id: string, scrapes: readonly Scrape[], signal: AbortSignal): Promise<Collected> {
    const run = await this.#ended(id, scrapes.length, signal);
    const status = ENDED[run.status] ?? 'timed_out';
    // Only a run that does not tell its bill needs the account's tier.
    const tier = typeof run.usageTotalUsd === 'number' ? null : await this.options.tier?.();
    const terms = { tier: tier ?? null, listed: this.#listed };
    const items = await this.#rowsOf(run, status, signal).catch((error: unknown) => {
      if (!(error instanceof SourceFault)) throw error;
      const billedMicroUsd = billOf(run as BilledRun, 0, this.actor, terms);
      throw new SourceFault(error.message, error.fault, { cause: error.cause, billedMicroUsd });
    });
    const rows = items.filter(isRow);
    const unread = this.#unread.take(rows);
    if (unread.length > 0)
      this.options.log?.warn(
        { source: this.name, fields: unread },
        'fields that SOURCES_FILE names stand in no row of this actor: mend their names',
      );
    const said = resultsOf(scrapes, rows, this.actor, status);
    return { ...said, status, ...this.#billed(run, items.length, terms) };
  }

  /** The dataset of a run that was cut off is billed and readable: what it has is used. */
  async #rowsOf(run: ActorRun, status: RunStatus, signal: AbortSignal): Promise<unknown[]> {
    const read = () =>
      this.#clients.reading
        .dataset(run.defaultDatasetId)
        .listItems({ clean: false, fields: this.#fields });
    const fewest = Math.max(status === 'succeeded' ? 1 : 0, rowsCharged(run as BilledRun));
    for (const pause of [...READ_AGAIN_AFTER_MS, null]) {
      const { items } = await this.#call('reading a dataset', read);
      if (items.length >= fewest || pause === null) return items;
      await this.options.clock.sleep(pause, signal);
      if (signal.aborted) throw new SourceFault('stopping', { code: 'ECONNABORTED' });
    }
    return [];
  }

  #billed(run: ActorRun, rows: number, terms: BillingTerms) {
    const costMicroUsd = billOf(run as BilledRun, rows, this.actor, terms);
    const unpriced = unpricedIn(run as BilledRun, this.actor, terms);
    if (unpriced.length === 0) return { costMicroUsd };
    this.options.log?.warn(
      { source: this.name, run: run.id, events: unpriced },
      'a run has charged for events whose price nobody tells; the bill leaves them out',
    );
    return { costMicroUsd, estimated: true };
  }

  #input(scrapes: readonly Scrape[]): Record<string, unknown> {
    return inputOf(
      this.actor,
      scrapes.map(({ request }) => request.url),
    );
  }

  async #ended(id: string, scrapes: number, signal: AbortSignal): Promise<ActorRun> {
    const { clock, webhook } = this.options;
    const deadline = clock.now().getTime() + this.endsWithinMs(scrapes);
    for (;;) {
      const run = await this.#get(id, webhook ? 0 : LONG_POLL_S);
      if (run.status in ENDED) return run;
      if (clock.now().getTime() > deadline) return this.#cutOff(id);
      if (signal.aborted) throw new SourceFault('stopping', { code: 'ECONNABORTED' });
      // A webhook that never comes costs a minute, and no more.
      await (webhook
        ? webhook.ends.wait(id, LONG_POLL_S * 1000, signal)
        : clock.sleep(1_000, signal));
    }
  }

  /**
   * A run that outlives its own time-out is stopped: it would go on being billed, and its scrapes
   * need an end.
   */
  async #cutOff(id: string): Promise<ActorRun> {
    await this.#call('aborting a run', () => this.#clients.reading.run(id).abort());
    return this.#get(id, LONG_POLL_S);
  }

  async #get(id: string, waitForFinish: number): Promise<ActorRun> {
    const run = await this.#call('waiting for a run', () =>
      this.#clients.reading.run(id).get({ waitForFinish }),
    );
    if (!run)
      throw new SourceFault(`The run ${id} is not known to Apify any more.`, {
        status: 404,
        type: 'record-not-found',
      });
    return run;
  }

  async #call<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { code } = error as { code?: string };
      const { statusCode, type, data } = error instanceof ApifyApiError ? error : {};
      const fault = {
        status: statusCode,
        type,
        code,
        retryAfter: retryAfterOf(data?.['retryAfter'], this.options.clock.now()),
      };
      throw new SourceFault(`Apify: ${what} failed (${(error as Error).message})`, fault, {
        cause: error,
      });
    }
  }
}

const askedWebhook = ({ url, secret }: { url: string; secret: string }) => ({
  eventTypes: END_EVENTS,
  requestUrl: url,
  headersTemplate: JSON.stringify({ [WEBHOOK_SECRET_HEADER]: secret }),
});

const isRow = (item: unknown): item is Record<string, unknown> =>
  typeof item === 'object' && item !== null && !Array.isArray(item);
