import {
  derivedId,
  newEvent,
  outcomeId,
  streams,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { Life } from './loop.js';
import { storeOf } from './outside.js';
import type { Outside } from './services.js';

const MINUTE_MS = 60_000;

export interface SimulatedClip {
  clipId: string;
  platform: Platform;
  campaignId: string;
  creatorId: string;
  /** The count that the next observation goes on from. */
  views: number;
}

type OpenRequest = Pick<SimulatedClip, 'clipId' | 'platform'> & { requestId: string };

/** Scrape requests and their outcomes, appended by scrapers of which each has a life of its own. */
export class Scrapers {
  readonly #outside: Outside;
  readonly #clips: readonly SimulatedClip[];
  #open: OpenRequest[] = [];
  #asked = 0;
  /** What scrapers were given: JetStream delivers it again to the one that takes over. */
  readonly #work: [stream: string, event: NewEvent][] = [];

  constructor(outside: Outside, clips: readonly SimulatedClip[]) {
    this.#outside = outside;
    this.#clips = clips;
  }

  request({ clipId, platform, campaignId }: SimulatedClip): void {
    const requestId = derivedId('request', this.#asked++);
    const runId = `manual-${requestId}`;
    const data = {
      requestId,
      runId,
      clipId,
      platform,
      url: 'https://example.com/',
      score: 1,
      campaignIds: [campaignId],
    };
    const event = newEvent('ClipTrackingRequested', requestId, data, this.#context()) as NewEvent;
    // A scraper learns of it from the log.
    this.#append(streams.trackingRun(runId), event, () =>
      this.#open.push({ requestId, clipId, platform }),
    );
  }

  /**
   * An outcome: sometimes twice, late, or without an observation; views grow, stand still or fall.
   */
  answer(): void {
    const { chance } = this.#outside;
    if (this.#open.length === 0) return;
    const [request] = this.#open.splice(chance.below(this.#open.length), 1) as [OpenRequest];
    const late = chance.of([0, 0, 0, 15 * MINUTE_MS]);
    const outcome = chance.happens(0.1)
      ? this.#failure(request)
      : this.#observation(request, chance.of([0, 10, 700, 4_000, -200]), late);
    for (let times = chance.happens(0.2) ? 2 : 1; times > 0; times--)
      this.#append(streams.clip(request.clipId), outcome);
  }

  /** An observation of each open request, with as many more views as `grown` says. */
  observeAll(grown: () => number): void {
    for (const request of this.#open.splice(0))
      this.#append(streams.clip(request.clipId), this.#observation(request, grown(), 0));
  }

  /** Also those whose scraper has died. */
  async answerAll(): Promise<void> {
    const events = await Array.fromAsync(this.#outside.log.readAll(0));
    const answered = new Set(
      events.flatMap(({ type, data }) =>
        type === 'ViewsRecorded' || type === 'ScrapeFailed' ? [data.requestId] : [],
      ),
    );
    this.#open = events.flatMap(({ type, data }) =>
      type === 'ClipTrackingRequested' && !answered.has(data.requestId) ? [data] : [],
    );
    while (this.#open.length > 0) this.answer();
  }

  /** Everything that any of them was given is delivered again. */
  redeliver(): void {
    for (const [stream, event] of this.#work.slice()) this.#append(stream, event);
  }

  #failure({ requestId, clipId, platform }: OpenRequest): NewEvent {
    const data = {
      ...this.#of(requestId),
      clipId,
      platform,
      reason: 'blocked' as const,
      retryable: true,
      attempts: 3,
    };
    return newEvent('ScrapeFailed', outcomeId(requestId), data, this.#context());
  }

  #observation(
    { requestId, clipId, platform }: OpenRequest,
    grown: number,
    lateMs: number,
  ): NewEvent {
    const clip = this.#clips.find((one) => one.clipId === clipId)!;
    clip.views = Math.max(0, clip.views + grown);
    const observedAt = new Date(this.#outside.time.now().getTime() - lateMs).toISOString();
    const of = { ...this.#of(requestId), clipId, platform };
    const data = { ...of, views: clip.views, metric: 'views' as const, observedAt, cached: false };
    return newEvent('ViewsRecorded', outcomeId(requestId), data, this.#context());
  }

  #of = (requestId: string) => ({
    requestId,
    runId: `manual-${requestId}`,
    source: 'simulated',
    costMicroUsd: 0,
  });
  #context = () => ({
    time: this.#outside.time.now(),
    correlationId: 'simulated',
    causationId: 'simulated',
  });

  #append(stream: string, event: NewEvent, appended: () => void = () => {}): void {
    const { log, loop } = this.#outside;
    this.#work.push([stream, event]);
    const life = new Life('scraper');
    loop.begin(life, async () => {
      const store = storeOf(log, life, loop);
      for (let tries = 0; tries < 20; tries++) {
        try {
          await store.append(stream, [event], 'any');
          return appended();
        } catch {
          // The same outcome is appended again: its id follows from the request.
        }
      }
    });
  }
}
