import type { ActorRun } from 'apify-client';
import { fieldsOf, inputOf, type Actor } from '../domain/actors.js';
import {
  billOf,
  rowsCharged,
  unpricedIn,
  type BilledRun,
  type BillingTerms,
} from '../domain/bill.js';
import type { RunStatus } from '../domain/absent.js';
import { resultsOf } from '../domain/row.js';
import type { Scrape } from '../domain/scrape.js';
import { UnreadFields } from '../domain/unread-fields.js';
import { apifyClients, callApify, type ApifyOptions } from './apify-clients.js';
import { PriceLists } from './apify-price-list.js';
import { cutOff, findRuns, runOf } from './apify-runs.js';
import { askedWebhook } from './apify-webhook.js';
import { Timely } from './deadline-transport.js';
import { SourceFault, type Collected, type Source } from './source.js';

const ENDED: Record<string, RunStatus> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  'TIMED-OUT': 'timed_out',
  ABORTED: 'aborted',
};
const TIMEOUT_S = 60;
const TIMEOUT_PER_SCRAPE_S = 6;
const TIMEOUT_TO_S = 420;
/** After a run's own time-out it has this long to reach its end. */
const END_GRACE_MS = 120_000;
const LONG_POLL_S = 60;
/**
 * A dataset can be read a little before its rows can: before it counts as empty, or as shorter than
 * what was charged, it is read again after each of these.
 */
const READ_AGAIN_AFTER_MS = [1_000, 2_000, 4_000, 8_000];

/** Seconds that a run of so many scrapes may take. */
export const runTimeout = (scrapes: number): number =>
  Math.min(TIMEOUT_S + TIMEOUT_PER_SCRAPE_S * (scrapes - 1), TIMEOUT_TO_S);

/** An actor of Apify's store as a source: one run for many addresses. */
export class ApifySource implements Source {
  readonly name: string;
  readonly billed = true;
  readonly platform: Actor['platform'];
  readonly metrics: readonly string[];
  readonly perMinute: number;
  readonly #clients: ReturnType<typeof apifyClients>;
  readonly #fields: string[];
  readonly #unread: UnreadFields;
  readonly #timely = new Timely();
  readonly #prices: PriceLists;

  constructor(
    readonly actor: Actor,
    readonly options: ApifyOptions,
  ) {
    this.name = `apify:${actor.id}`;
    this.platform = actor.platform;
    this.metrics = actor.viewFields;
    this.perMinute = actor.perMinute;
    this.#clients = apifyClients(options);
    this.#clients.starting.httpClient.axios.defaults.transport = this.#timely.transport;
    this.#prices = new PriceLists(this.#clients.reading, options.clock, actor);
    // Apify picks whole fields, of which `a.b` may be one.
    const read = fieldsOf(actor).flatMap((path) => [path, path.split('.')[0]!]);
    this.#fields = [...new Set([...read, 'error', 'errorCode', 'noResults'])];
    this.#unread = new UnreadFields(actor.configured ?? []);
  }

  expectedCostMicroUsd(scrapes: number): number {
    const { startMicroUsd, resultMicroUsd } = this.actor;
    return startMicroUsd + scrapes * resultMicroUsd;
  }

  async maxCostMicroUsd(scrapes: number): Promise<number> {
    await this.#prices.refresh();
    return this.#cap(scrapes);
  }

  /**
   * Twice the expected price: error rows and duplicates are billed as well. Apify refuses a cap
   * below the actor's own minimum.
   */
  #cap(scrapes: number): number {
    const { startMicroUsd, resultMicroUsd } = this.actor;
    const { minimumMicroUsd } = this.#prices.newest;
    return Math.max(minimumMicroUsd, startMicroUsd + 2 * scrapes * resultMicroUsd);
  }

  endsWithinMs(scrapes: number): number {
    return runTimeout(scrapes) * 1000 + END_GRACE_MS;
  }

  /** One call and nothing before it: the claim that it is made on grows old. */
  async start(scrapes: readonly Scrape[], inTime: () => boolean): Promise<string> {
    const { webhook, clock } = this.options;
    const options = {
      timeout: runTimeout(scrapes.length),
      maxTotalChargeUsd: this.#cap(scrapes.length) / 1e6,
      ...(webhook ? { webhooks: [askedWebhook(webhook)] } : {}),
    };
    const start = () =>
      this.#clients.starting.actor(this.actor.id).start(this.#input(scrapes), options);
    const run = await callApify('starting a run', clock, () => this.#timely.run(inTime, start));
    return run.id;
  }

  find(scrapes: readonly Scrape[], since: Date, until: Date): Promise<string[]> {
    const input = this.#input(scrapes);
    return findRuns(this.#clients.reading, this.options.clock, this.actor.id, input, since, until);
  }

  async collect(id: string, scrapes: readonly Scrape[], signal: AbortSignal): Promise<Collected> {
    const run = await this.#ended(id, scrapes.length, signal);
    const status = ENDED[run.status] ?? 'timed_out';
    // Only a run that does not tell its bill needs the account's tier.
    const tier = typeof run.usageTotalUsd === 'number' ? null : await this.options.tier?.();
    const terms = { tier: tier ?? null, listed: this.#prices.newest.listed };
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

  async #ended(id: string, scrapes: number, signal: AbortSignal): Promise<ActorRun> {
    const { clock, webhook } = this.options;
    const { reading } = this.#clients;
    const deadline = clock.now().getTime() + this.endsWithinMs(scrapes);
    for (;;) {
      const run = await runOf(reading, clock, id, webhook ? 0 : LONG_POLL_S);
      if (run.status in ENDED) return run;
      if (clock.now().getTime() > deadline) return cutOff(reading, clock, id, LONG_POLL_S);
      if (signal.aborted) throw stopping();
      // A webhook that never comes costs a minute, and no more.
      await (webhook
        ? webhook.ends.wait(id, LONG_POLL_S * 1000, signal)
        : clock.sleep(1_000, signal));
    }
  }

  /** The dataset of a run that was cut off is billed and readable: what it has is used. */
  async #rowsOf(run: ActorRun, status: RunStatus, signal: AbortSignal): Promise<unknown[]> {
    const { clock } = this.options;
    const dataset = this.#clients.reading.dataset(run.defaultDatasetId);
    const read = () => dataset.listItems({ clean: false, fields: this.#fields });
    const fewest = Math.max(status === 'succeeded' ? 1 : 0, rowsCharged(run as BilledRun));
    for (let again = 0; ; again++) {
      const { items } = await callApify('reading a dataset', clock, read);
      const pause = READ_AGAIN_AFTER_MS[again];
      if (items.length >= fewest || pause === undefined) return items;
      await clock.sleep(pause, signal);
      if (signal.aborted) throw stopping();
    }
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
    const urls = scrapes.map(({ request }) => request.url);
    return inputOf(this.actor, urls);
  }
}

const stopping = () => new SourceFault('stopping', { code: 'ECONNABORTED' });

const isRow = (item: unknown): item is Record<string, unknown> =>
  typeof item === 'object' && item !== null && !Array.isArray(item);
