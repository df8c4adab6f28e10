import {
  ManualClock,
  derivedId,
  newEvent,
  streams,
  systemTimers,
  type EventInput,
  type EventType,
  type Platform,
} from '@cliptally/contracts';
import { MemoryEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { ACTORS, type Actor } from '../domain/actors.js';
import { resultsOf } from '../domain/row.js';
import type { Scrape } from '../domain/scrape.js';
import { ScrapeRequestHandler } from '../request-handler.js';
import { SourceRouter } from '../source-router.js';
import type { Collected, Source } from '../sources/source.js';
import { MapScrapeState } from '../scrape-state/map-scrape-state.js';
import { NO_LIMITS } from './faulty-world.js';

export type Row = Record<string, unknown>;
const HOUR_MS = 3_600_000;

/** A billed source that gives the rows that a test lays out, as an actor of the platform would. */
class RowSource implements Source {
  readonly platform: Platform;
  readonly metrics: readonly string[];
  readonly perMinute = 60;
  readonly billed = true;
  rows: readonly Row[] = [];
  /** The clips of each run. */
  readonly runs: string[][] = [];

  constructor(
    readonly name: string,
    readonly actor: Actor,
  ) {
    this.platform = actor.platform;
    this.metrics = actor.viewFields;
  }

  expectedCostMicroUsd = (scrapes: number) =>
    this.actor.startMicroUsd + scrapes * this.actor.resultMicroUsd;
  maxCostMicroUsd = (scrapes: number) => Promise.resolve(this.expectedCostMicroUsd(scrapes));
  endsWithinMs = () => 60_000;
  start = (scrapes: readonly Scrape[]) =>
    Promise.resolve(`run ${this.runs.push(scrapes.map(({ videoId }) => videoId))}`);
  find = (): Promise<string[]> => Promise.resolve([]);
  async collect(_run: string, scrapes: readonly Scrape[]): Promise<Collected> {
    return {
      ...resultsOf(scrapes, this.rows, this.actor, 'succeeded'),
      status: 'succeeded',
      costMicroUsd: this.expectedCostMicroUsd(scrapes.length),
    };
  }
}

/** Addresses whose video id is `id`. */
const ADDRESS: Record<Platform, (id: string) => string> = {
  tiktok: (id) => `https://www.tiktok.com/@a/video/${id}`,
  youtube: (id) => `https://www.youtube.com/shorts/${id}`,
  instagram: (id) => `https://www.instagram.com/reel/${id}/`,
  x: (id) => `https://x.com/a/status/${id}`,
  facebook: (id) => `https://www.facebook.com/reel/${id}/`,
};

/**
 * The request handler of one platform on a clock that the test moves, with its log, before sources
 * whose rows the test lays out. `second` adds a source to fall back to.
 */
export function clipWorld(platform: Platform, { second = false } = {}) {
  const clock = new ManualClock('2026-05-10T00:00:00Z');
  const store = new MemoryEventStore();
  const state = new MapScrapeState();
  const actor = ACTORS.find((one) => one.platform === platform)!;
  const [source, other] = [new RowSource('first', actor), new RowSource('second', actor)];
  const sources = second ? [source, other] : [source];
  const common = { platform, store, state, clock, log: silentLog, timers: systemTimers };
  const router = new SourceRouter({
    ...common,
    sources,
    limits: NO_LIMITS,
    mayPay: () => Promise.resolve(true),
    ackWaitMs: 30_000,
    jitter: () => 0,
    signal: new AbortController().signal,
  });
  const handlerOf = (batchSize: number) =>
    new ScrapeRequestHandler({
      ...common,
      router,
      metrics: actor.viewFields,
      batchSize,
      lingerMs: 60_000,
      batchesAtOnce: 1,
    });
  const outcomes = async () =>
    (await Array.fromAsync(store.readAll(0))).filter(
      (event) => event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed',
    );
  let requests = 0;

  return {
    clock,
    store,
    source,
    other,
    outcomes,
    pass: (hours: number) => clock.advance(hours * HOUR_MS),
    /** Scrapes the clips in one batch; gives the reason or the views of each. */
    async scrape(ids: readonly string[], { forced = false } = {}): Promise<(string | number)[]> {
      const runId = `${forced ? 'manual-' : ''}r${requests++}`;
      const before = (await outcomes()).length;
      const handler = handlerOf(ids.length);
      await Promise.all(
        ids.map((id) => {
          const clipId = `${platform}-${id}`;
          const requestId = derivedId(runId, clipId);
          const of = { requestId, runId, clipId, platform, url: ADDRESS[platform](id) };
          const request = { ...of, score: 1, campaignIds: ['c'] };
          return handler.handle(request, { correlationId: 't', position: 0 });
        }),
      );
      const made = (await outcomes()).slice(before);
      return ids.map((id) => {
        const event = made.find(({ data }) => data.clipId === `${platform}-${id}`)!;
        return event.type === 'ViewsRecorded' ? event.data.views : event.data.reason;
      });
    },
    /** Appends what another service would. */
    async append<T extends EventType>(id: string, type: T, data: EventInput<T>): Promise<void> {
      const context = { time: clock.now(), correlationId: 't', causationId: 't' };
      const event = newEvent(type, derivedId(type, requests++), data, context);
      await store.append(streams.clip(`${platform}-${id}`), [event], 'any');
    },
    /** Retirements and restorations, in order. */
    async changes(): Promise<string[]> {
      const log = await Array.fromAsync(store.readAll(0));
      return log.flatMap(({ type, data }) =>
        type === 'ClipRetired' || type === 'ClipRestored' ? [`${type} ${data.reason}`] : [],
      );
    },
    async lastOutcome() {
      return (await outcomes()).at(-1)!;
    },
  };
}
