import type { Platform } from '@cliptally/contracts';
import { createHash } from 'node:crypto';

const DAY_MS = 86_400_000;

export interface SampleCampaign {
  campaignId: string;
  brandId: string;
  name: string;
  currency: string;
  budget: number;
  ratePerThousand: Record<string, number> & { default: number };
  minViews?: number;
  maxPayoutPerClip?: number;
  countFrom?: 'zero' | 'approval';
  oldPosts?: 'count';
  trackingDays: number;
  validationDays?: number;
  startsAt: string;
  endsAt?: string;
  exclusive?: boolean;
}

export interface SampleClip {
  url: string;
  campaignId: string;
  creatorId: string;
}

/**
 * Campaigns that show the rules at work: one ends its budget within minutes and pays out at once,
 * one counts from approval, one pays in yen.
 */
export function sampleCampaigns(start: Date): SampleCampaign[] {
  // The clips of the sample world were posted before it began.
  const opening = { startsAt: start.toISOString(), oldPosts: 'count' } as const;
  return [
    { campaignId: 'spring-drop', brandId: 'acme', name: 'Spring drop', currency: 'USD', budget: 1_500_000, ratePerThousand: { default: 150, youtube: 200 }, minViews: 1_000, maxPayoutPerClip: 75_000, trackingDays: 30, validationDays: 1, ...opening },
    { campaignId: 'launch-night', brandId: 'acme', name: 'Launch night (small budget)', currency: 'USD', budget: 25_000, ratePerThousand: { default: 250 }, trackingDays: 7, validationDays: 0, ...opening },
    { campaignId: 'evergreen', brandId: 'northwind', name: 'Evergreen', currency: 'USD', budget: 800_000, ratePerThousand: { default: 80 }, countFrom: 'approval', trackingDays: 60, ...opening, endsAt: new Date(start.getTime() + 90 * DAY_MS).toISOString() },
    { campaignId: 'tokyo-nights', brandId: 'kaze', name: 'Tokyo nights', currency: 'JPY', budget: 900_000, ratePerThousand: { default: 120 }, trackingDays: 14, ...opening },
  ]; // prettier-ignore
}

/** Clips with many views from the beginning, for who wants to submit one and has none. */
export const EXAMPLES: readonly string[] = ['04', '06', '10', '12', '13', '18', '20', '21'].map(
  (n) => `https://www.tiktok.com/@you/video/75100000000000000${n}`,
);

const PLATFORM_MIX: readonly Platform[] = [
  'tiktok',
  'youtube',
  'instagram',
  'tiktok',
  'x',
  'youtube',
  'instagram',
  'tiktok',
  'facebook',
  'youtube',
];
const CAMPAIGN_MIX = [
  'spring-drop',
  'launch-night',
  'evergreen',
  'spring-drop',
  'tokyo-nights',
  'evergreen',
  'spring-drop',
  'launch-night',
];

/** The nth sample clip; the same n is the same clip in every sample world. */
export function sampleClip(n: number): SampleClip {
  return {
    url: urlOf(PLATFORM_MIX[n % PLATFORM_MIX.length]!, n),
    campaignId: CAMPAIGN_MIX[n % CAMPAIGN_MIX.length]!,
    creatorId: `creator-${String((n * 7) % 40).padStart(2, '0')}`,
  };
}

function urlOf(platform: Platform, n: number): string {
  const hash = createHash('sha256').update(`sample clip ${n}`).digest();
  const digits = (hash.readBigUInt64BE(0) % 10n ** 17n).toString().padStart(17, '0');
  const code = hash.toString('base64url').slice(0, 11);
  switch (platform) {
    case 'tiktok':
      return `https://www.tiktok.com/@creator/video/75${digits}`;
    case 'youtube':
      return `https://www.youtube.com/watch?v=${code}`;
    case 'instagram':
      return `https://www.instagram.com/reel/D${code.slice(0, 10)}/`;
    case 'x':
      return `https://x.com/creator/status/19${digits}`;
    default:
      return `https://www.facebook.com/reel/1${digits.slice(0, 14)}`;
  }
}

/**
 * Real videos of a replay, spread over three campaigns in one currency with a budget that one cycle
 * does not end.
 */
export function replayCampaigns(start: Date): SampleCampaign[] {
  return ['replay-a', 'replay-b', 'replay-c'].map((campaignId, i) => ({
    campaignId,
    brandId: 'acme',
    name: `Replay ${'ABC'[i]}`,
    currency: 'USD',
    budget: [50_000_000, 20_000_000, 500_000][i]!,
    ratePerThousand: { default: [10, 5, 20][i]! },
    minViews: 1_000,
    trackingDays: 60,
    startsAt: start.toISOString(),
  }));
}

export const replayClip = (url: string, n: number): SampleClip => ({
  url,
  campaignId: `replay-${'abc'[n % 3]}`,
  creatorId: `creator-${n % 40}`,
});
