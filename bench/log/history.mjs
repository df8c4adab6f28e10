/**
 * Events as the product writes them: one campaign, its clips, and a count for one clip after the
 * other.
 */
import { derivedId, idOfTime, newEvent, outcomeId } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';

export const CLIPS = 2_000;
const AT = { time: '2026-01-10T00:00:00.000Z', correlationId: 'bench', causationId: 'bench' };
/** Of a campaign with more money than its clips can earn. */
export const terms = { currency: 'USD', budget: 9e12, ratePerThousand: { default: 100 }, minViews: 0, maxPayoutPerClip: null, countFrom: 'zero', trackingDays: 30, startsAt: '2026-01-01T00:00:00Z', endsAt: null, exclusive: true, validationDays: 3, minPayout: 0 }; // prettier-ignore
const clipOf = (n) => ({
  clipId: `youtube-${String(n % CLIPS).padStart(11, 'c')}`,
  platform: 'youtube',
});

/** The nth count, as an append of one event. Each clip is counted once an hour. */
export function views(n) {
  const clip = clipOf(n);
  const requestId = idOfTime(
    new Date(Date.parse(AT.time) + Math.floor(n / CLIPS) * 3_600_000),
    randomUUID(),
  );
  const scrape = { ...clip, requestId, runId: 'r', source: 's', costMicroUsd: 0, cached: false };
  const data = { ...scrape, views: n, metric: 'viewCount', observedAt: AT.time };
  return {
    stream: `clip-${clip.clipId}`,
    events: [newEvent('ViewsRecorded', outcomeId(requestId), data, AT)],
    expected: 'any',
  };
}

export const batches = (count, size, from = 0) =>
  Array.from({ length: count }, (_, b) =>
    Array.from({ length: size }, (_, i) => views(from + b * size + i)),
  );

export async function begin(store) {
  const launched = newEvent(
    'CampaignLaunched',
    derivedId('b'),
    { campaignId: 'bench', brandId: 'b', name: 'b', terms },
    AT,
  );
  await store.append('campaign-bench', [launched], 'none');
  await store.appendMany(
    Array.from({ length: CLIPS }, (_, n) => {
      const clip = { ...clipOf(n), campaignId: 'bench' };
      const submission = {
        ...clip,
        videoId: 'v',
        url: 'https://example.com/',
        submittedUrl: 'u',
        creatorId: 'c',
      };
      const events = [newEvent('ClipSubmitted', randomUUID(), submission, AT), newEvent('ClipApproved', randomUUID(), { ...clip, by: 'b' }, AT)]; // prettier-ignore
      return { stream: `clip-${clip.clipId}`, events, expected: 'none' };
    }),
  );
}
