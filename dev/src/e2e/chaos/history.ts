import { derivedId, newEvent, outcomeId, streams } from '@cliptally/contracts';
import type { StreamAppend } from '@cliptally/event-store';

/**
 * Lanes write side by side, each one step after the other; a step is a tracking run of so many
 * scrapes and then their outcomes.
 */
export const LANES = 4;
const SCRAPES = 4;
const CLIPS = 200;
const VIDEO = 'clip';

const clipIdOfNth = (n: number): string => `youtube-${VIDEO}${String(n % CLIPS).padStart(7, '0')}`;

const begin = Date.parse('2026-11-23T00:00:00Z');

/**
 * Everything follows from lane and step, so that a writer that is started again writes the very
 * same events again.
 */
export function stepOf(
  lane: number,
  step: number,
): { run: StreamAppend; outcomes: StreamAppend[] } {
  const runId = `chaos-${lane}-${step}`;
  const context = {
    time: new Date(begin + step * 60_000),
    correlationId: runId,
    causationId: runId,
  };
  const scrapes = Array.from({ length: SCRAPES }, (_, i) => ({
    requestId: derivedId(runId, i),
    clipId: clipIdOfNth((step * SCRAPES + i) * LANES + lane),
  }));
  const platform = 'youtube' as const;
  const started = newEvent(
    'TrackingRunStarted',
    derivedId(runId),
    {
      runId,
      slot: context.time.toISOString(),
      policy: 'chaos',
      candidates: CLIPS,
      requested: SCRAPES,
      estimatedCostMicroUsd: 0,
    },
    context,
  );
  const requests = scrapes.map(({ requestId, clipId }) =>
    newEvent(
      'ClipTrackingRequested',
      requestId,
      {
        requestId,
        runId,
        clipId,
        platform,
        url: 'https://www.youtube.com/',
        score: 1,
        campaignIds: ['chaos'],
      },
      context,
    ),
  );
  const outcomes = scrapes.map(({ requestId, clipId }) => {
    const outcome = {
      clipId,
      platform,
      requestId,
      runId,
      source: 'chaos',
      costMicroUsd: 1,
      cached: false,
    };
    const seen = {
      views: (step + 1) * 1_000 + lane,
      metric: 'viewCount',
      observedAt: context.time.toISOString(),
    };
    const recorded = newEvent(
      'ViewsRecorded',
      outcomeId(requestId),
      { ...outcome, ...seen },
      context,
    );
    return { stream: streams.clip(clipId), events: [recorded], expected: 'any' as const };
  });
  return {
    run: { stream: streams.trackingRun(runId), events: [started, ...requests], expected: 'none' },
    outcomes,
  };
}

/** A campaign that can pay for everything, and its clips. */
export function beginning(): StreamAppend[] {
  const at = { time: new Date(begin), correlationId: 'chaos', causationId: 'chaos' };
  const terms = {
    currency: 'USD',
    budget: 9e12,
    ratePerThousand: { default: 100 },
    minViews: 0,
    maxPayoutPerClip: null,
    countFrom: 'zero' as const,
    trackingDays: 3_650,
    startsAt: at.time.toISOString(),
    endsAt: null,
    exclusive: true,
    validationDays: 3,
    minPayout: 0,
  };
  const launched = newEvent(
    'CampaignLaunched',
    derivedId('chaos'),
    { campaignId: 'chaos', brandId: 'b', name: 'chaos', terms },
    at,
  );
  const clips = Array.from({ length: CLIPS }, (_, n): StreamAppend => {
    const clipId = clipIdOfNth(n);
    const clip = { clipId, platform: 'youtube' as const, campaignId: 'chaos' };
    const url = 'https://www.youtube.com/';
    const submitted = newEvent(
      'ClipSubmitted',
      derivedId('s', n),
      { ...clip, videoId: clipId, url, submittedUrl: url, creatorId: 'ada' },
      at,
    );
    return {
      stream: streams.clip(clipId),
      events: [submitted, newEvent('ClipApproved', derivedId('a', n), { ...clip, by: 'b' }, at)],
      expected: 'none',
    };
  });
  return [{ stream: streams.campaign('chaos'), events: [launched], expected: 'none' }, ...clips];
}
