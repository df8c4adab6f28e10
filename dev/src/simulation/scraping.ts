import {
  derivedId,
  newEvent,
  streams,
  type AnyEvent,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { isTransient } from '@cliptally/event-store';
import { runRelay, silentLog } from '@cliptally/messaging';
import { JetStreamServer, Poison, RetryLater } from '@cliptally/messaging/nest';
import { Scheduler } from '@cliptally/scheduler';
import {
  LoggedRequests,
  StreamTails,
  MapScrapeState,
  ScrapeController,
  ScrapeRequestHandler,
  SourceRouter,
  consumerOf,
  giveUp,
  type ScrapeState,
} from '@cliptally/scraper';
import { JetStream } from './jetstream.js';
import { Life } from './loop.js';
import { poolOf, storeOf } from './outside.js';
import type { Outside } from './services.js';
import { Providers } from './sources.js';
import { SimulatedTimers } from './timers.js';

const PLATFORMS: readonly Platform[] = ['tiktok', 'youtube', 'x'];
const SLOT_MS = 15 * 60_000;
/** Small batches, so that most seeds have several at once. */
const FLOW = {
  maxAckPending: 20,
  maxInFlight: 8,
  batchSize: 3,
  lingerMs: 2_000,
  batchesAtOnce: 2,
  ackWaitMs: 30_000,
};

const away = () => new Error('NATS gives no answer.');

export interface SimulatedClip {
  clipId: string;
  platform: Platform;
  campaignId: string;
  creatorId: string;
}

/**
 * The way of a scrape request: from the scheduler or a person into the log, by the relay to
 * JetStream, to a scraper, which asks a source and appends the outcome. Every process may die.
 */
export class Scraping {
  readonly providers: Providers;
  readonly jetstream: JetStream;
  readonly #outside: Outside;
  readonly #timers: SimulatedTimers;
  readonly #state = new MapScrapeState();
  /** Two of each at most: the one that goes on, and one that takes over too early. */
  readonly #relays: Life[] = [];
  readonly #scrapers: Life[] = [];
  #asked = 0;
  #started = 0;

  constructor(outside: Outside) {
    this.#outside = outside;
    const { time, loop, chance } = outside;
    this.#timers = new SimulatedTimers(time, loop, chance);
    this.jetstream = new JetStream(loop, chance, this.#timers);
    this.providers = new Providers(loop, chance, time, () => chance.of([0, 10, 700, 4_000, -200]));
  }

  /** Whether every event is published and every request is answered. */
  async atRest(): Promise<boolean> {
    return this.jetstream.position === (await this.#outside.log.head()) && this.jetstream.idle;
  }

  /** Starts a process for each that has died; now and then one more. */
  start(more = false): void {
    for (const [lives, begin] of [
      [this.#relays, this.#relay],
      [this.#scrapers, this.#scraper],
    ] as const) {
      const alive = lives.filter(({ crashed }) => !crashed);
      if (alive.length === 0 || (more && alive.length === 1)) alive.push(begin());
      lives.splice(0, Infinity, ...alive);
    }
  }

  /** SIGKILL of one of the processes. */
  kill(): void {
    this.#outside.chance.of([...this.#relays, ...this.#scrapers])?.crash();
  }

  /** A tracking run of the present slot, as Kubernetes starts it: perhaps twice. */
  schedule(): void {
    for (let times = this.#outside.chance.happens(0.2) ? 2 : 1; times > 0; times--)
      this.#scheduler((scheduler, slot) => scheduler.run(slot));
  }

  /** The scheduler's projection follows up to the end of the log. */
  plan(): void {
    this.#scheduler((scheduler, slot) => scheduler.plan(slot));
  }

  #scheduler(work: (scheduler: Scheduler, slot: Date) => Promise<unknown>): void {
    const { log, client, loop, clock } = this.#outside;
    const slot = new Date(Math.floor(clock.now().getTime() / SLOT_MS) * SLOT_MS);
    const life = new Life('scheduler');
    const [store, pool] = [storeOf(log, life, loop), poolOf(client, life, loop)];
    const scheduler = new Scheduler(store, pool, { clock, log: silentLog });
    loop.begin(life, async () => {
      try {
        await work(scheduler, slot);
      } catch (error) {
        // The next slot comes.
        if (!isTransient(error)) throw error;
      }
    });
  }

  /** A person asks for one clip to be scraped now. */
  request({ clipId, platform, campaignId }: SimulatedClip): void {
    const { log, loop, clock } = this.#outside;
    const requestId = derivedId('request', this.#asked++);
    const runId = `manual-${requestId}`;
    const data = { requestId, runId, clipId, platform, url: 'https://example.com/', score: 1, campaignIds: [campaignId] }; // prettier-ignore
    const context = { time: clock.now(), correlationId: 'simulated', causationId: 'simulated' };
    const event = newEvent('ClipTrackingRequested', requestId, data, context) as NewEvent;
    const life = new Life('person, scrape');
    loop.begin(life, async () => {
      const store = storeOf(log, life, loop);
      for (let tries = 0; tries < 20; tries++) {
        try {
          await store.append(streams.trackingRun(runId), [event], 'any');
          return;
        } catch {
          // Asked for again: the id is the same.
        }
      }
    });
  }

  #relay = (): Life => {
    const { log, loop } = this.#outside;
    const life = new Life(`relay ${++this.#started}`);
    const relay = { store: storeOf(log, life, loop), nats: this.jetstream.as(life), log: silentLog, timers: this.#timers, window: 8 }; // prettier-ignore
    loop.begin(life, () => runRelay(relay, new AbortController().signal));
    return life;
  };

  #scraper = (): Life => {
    const { log, loop, clock, chance } = this.#outside;
    const life = new Life(`scraper ${++this.#started}`);
    const store = storeOf(log, life, loop);
    const tails = new StreamTails(store, this.#timers);
    const common = { store, tails, state: this.#stateOf(life), clock, log: silentLog, timers: this.#timers }; // prettier-ignore
    const handlers = new Map(
      PLATFORMS.map((platform) => {
        const router = new SourceRouter({
          ...common,
          ...FLOW,
          platform,
          sources: [this.providers.billed(platform, life), this.providers.official(platform, life)],
          limits: this.providers.limits(life, clock),
          mayPay: () => Promise.resolve(true),
          jitter: () => chance.next(),
          signal: new AbortController().signal,
        });
        const metrics = ['views'];
        return [platform, new ScrapeRequestHandler({ ...common, ...FLOW, platform, router, metrics })]; // prettier-ignore
      }),
    );
    const requests = new LoggedRequests(tails, silentLog);
    const controller = new ScrapeController(handlers, requests, silentLog);
    const server = new JetStreamServer({
      nats: this.jetstream.as(life),
      log: silentLog,
      timers: this.#timers,
      consumers: PLATFORMS.map((platform) => consumerOf(platform, FLOW)),
      async onDeadLetter(event, reason) {
        if (event?.type === 'ClipTrackingRequested' && (await requests.has(event)))
          await giveUp(handlers.get(event.data.platform)!.options, event.data, event, reason);
      },
    });
    // As Nest does it: the transport is handed what the error asks for.
    const scrape = (event: Extract<AnyEvent, { type: 'ClipTrackingRequested' }>) =>
      controller.scrape(event).catch((error: unknown) => {
        throw error instanceof RetryLater || error instanceof Poison ? error.getError() : error;
      });
    server.addHandler('ClipTrackingRequested', scrape, true);
    // A process that cannot start ends, and is started again.
    server.listen((error) => error && life.crash());
    return life;
  };

  /** What scrapers share in NATS, as one of them sees it: each call may be lost. */
  #stateOf(life: Life): ScrapeState {
    const { loop } = this.#outside;
    const state = this.#state;
    const call = loop.callsOf(life, away);
    return {
      observationsOf: (ids) => call('state: observations', () => state.observationsOf(ids)),
      keepObservations: (them) =>
        call('state: keep observations', () => state.keepObservations(them)),
      batchesOf: (ids) => call('state: batches', () => state.batchesOf(ids)),
      keepBatch: (batch) => call('state: keep a batch', () => state.keepBatch(batch)),
      runOf: (runs, batch) => call('state: run of a batch', () => state.runOf(runs, batch)),
      takeRun: (run, batch) => call('state: take a run', () => state.takeRun(run, batch)),
      claim: (scrapes, claim, last) =>
        call('state: claim', () => state.claim(scrapes, claim, last)),
      firstOfDay: (day, names) => call('state: first of day', () => state.firstOfDay(day, names)),
    };
  }
}
