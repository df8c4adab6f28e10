import {
  clipIdOf,
  derivedId,
  outcomeId,
  shortened,
  streams,
  type IdentifiedClip,
  type NewEvent,
} from '@cliptally/contracts';
import { attempt, by, event, type Derived } from './derived.js';
import type { OldSubmission, OldSystem } from './tables.js';

const DAY_MS = 86_400_000;

const SOURCE = 'import';

/**
 * One step of a clip's history; at the same instant a submission comes before its approval, and
 * that before an observation.
 */
interface Step {
  at: number;
  rank: number;
  event: NewEvent;
}

export function clipStreams(
  old: OldSystem,
  identities: ReadonlyMap<string, IdentifiedClip | { reason: string }>,
  launched: ReadonlySet<string>,
  derived: Derived,
): void {
  const histories = new Map<string, Step[]>();
  const views = Map.groupBy(old.view_tracking, ({ clipId }) => clipId);
  const submissions = Map.groupBy(old.clip_submissions, ({ clipId }) => clipId);
  const taken = new Map<string, string>();
  for (const clip of old.clips) {
    const identity = identities.get(clip.id)!;
    if ('reason' in identity) {
      derived.leftOut.push({ table: 'clips', id: clip.id, reason: identity.reason });
      continue;
    }
    const clipId = clipIdOf(identity.platform, identity.videoId);
    derived.clipIds.set(clip.id, clipId);
    const history = histories.get(clipId) ?? [];
    histories.set(clipId, history);
    const counts = countsOf(views.get(clip.id) ?? [], derived);
    for (const submission of submissions.get(clip.id) ?? []) {
      const before = taken.get(`${clipId} ${submission.campaignId}`);
      const steps = attempt(derived, 'clip_submissions', submission.id, () => {
        if (!launched.has(submission.campaignId))
          return `its campaign ${submission.campaignId} was not imported`;
        if (before !== undefined) {
          derived.duplicates.add(clip.id);
          return `it is the same video as the clip ${before}, which was submitted to ${submission.campaignId} before`;
        }
        return submissionSteps(submission, identity, clip.url, counts[0]?.views, clip.id, derived);
      });
      if (!steps) continue;
      taken.set(`${clipId} ${submission.campaignId}`, clip.id);
      history.push(...steps);
    }
    for (const { id, at, views } of counts)
      history.push({
        at,
        rank: 3,
        event: observation(identity, derivedId('import', 'view_tracking', id), at, views),
      });
  }
  for (const [clipId, history] of histories) {
    if (!history.some(({ rank }) => rank === 0)) continue;
    const events = history
      .toSorted((a, b) => a.at - b.at || a.rank - b.rank)
      .map(({ event }) => event);
    derived.streams.push({ stream: streams.clip(clipId), events });
  }
}

function submissionSteps(
  row: OldSubmission,
  clip: IdentifiedClip,
  submittedUrl: string,
  firstTracked: number | undefined,
  oldClipId: string,
  derived: Derived,
): Step[] {
  const { platform, videoId, url } = clip;
  const clipId = clipIdOf(platform, videoId);
  const id = (step: string) => derivedId('import', 'clip_submissions', row.id, step);
  const inCampaign = { clipId, platform, campaignId: row.campaignId };
  const step = (rank: number, at: Date, made: NewEvent): Step => ({
    at: at.getTime(),
    rank,
    event: made,
  });
  const submitted = event(
    'ClipSubmitted',
    id('submitted'),
    row.createdAt,
    {
      ...inCampaign,
      videoId,
      url,
      submittedUrl: shortened(submittedUrl, 2048),
      creatorId: row.userId,
    },
    id('submitted'),
  );
  const steps = [step(0, row.createdAt, submitted)];
  const status = row.status.toUpperCase();
  // If it is not known when a clip was reviewed, its views count from the beginning: nobody
  // earns less for a missing date.
  const reviewed = row.reviewedAt ?? row.createdAt;
  if (status === 'REJECTED') {
    const reason = shortened(row.rejectionReason?.trim() || 'rejected in the replaced system', 500);
    steps.push(
      step(
        1,
        row.reviewedAt ?? row.updatedAt,
        event(
          'ClipRejected',
          id('rejected'),
          row.reviewedAt ?? row.updatedAt,
          { ...inCampaign, reason, by },
          id('submitted'),
        ),
      ),
    );
  } else if (status !== 'PENDING') {
    steps.push(
      step(
        1,
        reviewed,
        event('ClipApproved', id('approved'), reviewed, { ...inCampaign, by }, id('submitted')),
      ),
    );
    const baseline = row.initialViews === null ? 0 : Number(row.initialViews);
    // A baseline is what was seen at the beginning; above the first count that was tracked it is no
    // such thing.
    if (firstTracked !== undefined && baseline > firstTracked)
      derived.overwrittenBaselines.add(oldClipId);
    else if (baseline > 0)
      steps.push({
        at: reviewed.getTime(),
        rank: 2,
        event: observation(clip, id('baseline'), reviewed.getTime(), baseline),
      });
  }
  return steps;
}

/**
 * What was tracked, in order. A count of 0 after a higher one is a missing count: the old system
 * stored the one for the other. An instant that is exactly midnight is a day only: the count was
 * seen by the end of it.
 */
function countsOf(
  rows: OldSystem['view_tracking'],
  derived: Derived,
): { id: string; at: number; views: number }[] {
  const counts = [];
  let seen = 0;
  for (const { id, views, createdAt } of rows) {
    const count = views === null ? 0 : Math.trunc(Number(views));
    if (count < 0 || (count === 0 && seen > 0) || views === null) {
      derived.notes.zeroCounts++;
      continue;
    }
    seen = Math.max(seen, count);
    const midnight = createdAt.getTime() % DAY_MS === 0;
    if (midnight) derived.notes.daysOnly++;
    counts.push({ id, at: createdAt.getTime() + (midnight ? DAY_MS - 1 : 0), views: count });
  }
  return counts;
}

function observation(
  { platform, videoId }: IdentifiedClip,
  requestId: string,
  at: number,
  views: number,
): NewEvent {
  const time = new Date(at);
  const data = {
    clipId: clipIdOf(platform, videoId),
    platform,
    requestId,
    runId: SOURCE,
    source: SOURCE,
    costMicroUsd: 0,
    views,
    metric: SOURCE,
    observedAt: time.toISOString(),
    cached: false,
  };
  return event('ViewsRecorded', outcomeId(requestId), time, data, requestId);
}
