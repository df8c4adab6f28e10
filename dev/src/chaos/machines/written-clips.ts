import {
  clipIdOf,
  derivedId,
  identifyClip,
  newEvent,
  outcomeId,
  streams,
  type EventInput,
  type EventType,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import type { StreamAppend } from '@cliptally/event-store';
import { sampleClip } from '../../world/sample-world.js';
import type { Machines } from './machines.js';

/** Far from the clips that people submit. */
const FIRST = 1_000_000;
const APPENDS = 200;

export interface WrittenClip {
  clipId: string;
  videoId: string;
  platform: Platform;
  url: string;
}

export function clipsOf(count: number): WrittenClip[] {
  return Array.from({ length: count }, (_, n) => {
    const identity = identifyClip(sampleClip(FIRST + n).url);
    if (identity.kind !== 'clip') throw new Error(`The ${n}th sample clip is none.`);
    const { platform, videoId, url } = identity;
    return { clipId: clipIdOf(platform, videoId), videoId, platform, url };
  });
}

/** Writes to the log what services would, for more than the API can take in a minute. */
export class WrittenClips {
  constructor(
    private readonly world: Machines,
    readonly campaignId: string,
    readonly clips: readonly WrittenClip[],
  ) {}

  async begin(budget: number, creatorOf: (nth: number) => string): Promise<void> {
    const { campaignId } = this;
    const now = this.world.clock.now();
    const terms = {
      currency: 'USD',
      budget,
      ratePerThousand: { default: 200 },
      minViews: 0,
      maxPayoutPerClip: null,
      countFrom: 'zero' as const,
      trackingDays: 90,
      startsAt: new Date(now.getTime() - 3_600_000).toISOString(),
      endsAt: null,
      exclusive: true,
      validationDays: 0,
      minPayout: 0,
      anomalyThreshold: null,
    };
    const launch = { campaignId, brandId: 'acme', name: campaignId, terms };
    await this.#append([
      { stream: streams.campaign(campaignId), events: [this.#event('CampaignLaunched', '', launch)], expected: 'none' },
      ...this.clips.map(({ clipId, videoId, platform, url }, nth): StreamAppend => {
        const clip = { clipId, platform, campaignId };
        const submitted = { ...clip, videoId, url, submittedUrl: url, creatorId: creatorOf(nth) };
        return {
          stream: streams.clip(clipId),
          events: [this.#event('ClipSubmitted', clipId, submitted), this.#event('ClipApproved', clipId, { ...clip, by: 'acme' })],
          expected: 'none',
        };
      }),
    ]); // prettier-ignore
  }

  /** Requests without outcomes: work for the scraper. */
  async request(run: string, from = 0, count = this.clips.length): Promise<void> {
    const clips = this.clips.slice(from, from + count);
    await this.#append(clips.map((clip) => this.#request(run, clip)));
  }

  /** Requests with their outcomes, at once: each is of what the source has. */
  async observe(run: string): Promise<void> {
    const now = this.world.clock.now();
    const pairs = this.clips.map((clip): StreamAppend[] => {
      const { clipId, platform, videoId } = clip;
      const request = this.#request(run, clip);
      const { requestId, runId } = request.events[0]!.data as EventInput<'ClipTrackingRequested'>;
      const views = this.world.curves.at(platform, videoId, now)?.views;
      if (views === null || views === undefined) return [];
      const data = { clipId, platform, requestId, runId, source: 'chaos', costMicroUsd: 0, cached: false, views, metric: 'viewCount', observedAt: now.toISOString() };
      const recorded = newEvent('ViewsRecorded', outcomeId(requestId), data, this.#context());
      return [request, { stream: streams.clip(clipId), events: [recorded], expected: 'any' }];
    });
    await this.#append(pairs.flat());
  } // prettier-ignore

  #request(run: string, { clipId, platform, url }: WrittenClip): StreamAppend {
    const runId = `${run}-${clipId}`;
    const requestId = derivedId(runId);
    const data = { requestId, runId, clipId, platform, url, score: 1, campaignIds: [this.campaignId] };
    const event = newEvent('ClipTrackingRequested', requestId, data, this.#context());
    return { stream: streams.trackingRun(runId), events: [event], expected: 'none' };
  } // prettier-ignore

  #event<T extends EventType>(type: T, key: string, data: EventInput<T>): NewEvent {
    return newEvent(type, derivedId(type, this.campaignId, key), data, this.#context());
  }

  #context() {
    return { time: this.world.clock.now(), correlationId: 'chaos', causationId: 'chaos' };
  }

  async #append(appends: readonly StreamAppend[]): Promise<void> {
    for (let from = 0; from < appends.length; from += APPENDS)
      await this.world.store.appendMany(appends.slice(from, from + APPENDS));
  }
}
