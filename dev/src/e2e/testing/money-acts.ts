import type { CampaignTerms } from '@cliptally/contracts';
import * as fc from 'fast-check';
import { on } from '../../../../services/earnings/src/domain/testing/facts.js';

/** Of different currencies; the first two share one. */
export const CAMPAIGNS: Record<string, Partial<CampaignTerms>> = {
  spring: { budget: 4_000, platformFee: { basisPoints: 1_337, bearer: 'brand' } },
  autumn: { budget: 60_000, endsAt: on(5), platformFee: { basisPoints: 250, bearer: 'creator' } },
  tea: { budget: 90_000, currency: 'JPY', countFrom: 'approval' },
};
const CAMPAIGN_IDS = Object.keys(CAMPAIGNS);
const CREATORS = ['ann', 'bea'];
const VIDEOS = ['1', '2', '3'];

/** One thing that somebody does, or tries to do: what the rules refuse changes nothing. */
export type Act =
  | { act: 'submit'; video: string; campaignId: string; creatorId: string }
  | {
      act: 'approve' | 'reject' | 'hold' | 'release' | 'settlement fails';
      video: string;
      campaignId: string;
    }
  | { act: 'reverse'; video: string; campaignId: string; percent: number }
  | { act: 'observe'; video: string; views: number }
  | { act: 'settle' | 'top up' | 'pause' | 'resume' | 'end'; campaignId: string }
  | { act: 'request'; creatorId: string; currency: string; percent: number }
  | {
      act: 'approve payout' | 'reject payout' | 'pay' | 'pay by Stripe' | 'fail' | 'come back';
      payout: number;
    };

const video = fc.constantFrom(...VIDEOS);
const campaignId = fc.constantFrom(...CAMPAIGN_IDS);
const creatorId = fc.constantFrom(...CREATORS);
const percent = fc.integer({ min: 1, max: 100 });
const payout = fc.nat({ max: 5 });
const currency = fc.constantFrom('USD', 'USD', 'JPY');
const views = fc.integer({ min: 100, max: 30_000 });
const does = <A extends string>(...acts: A[]) => fc.constantFrom(...acts);

const kinds: { weight: number; arbitrary: fc.Arbitrary<Act> }[] = [
  { weight: 6, arbitrary: fc.record({ act: does('submit'), video, campaignId, creatorId }) },
  { weight: 8, arbitrary: fc.record({ act: does('approve', 'approve', 'reject', 'hold', 'release', 'release'), video, campaignId }) },
  { weight: 1, arbitrary: fc.record({ act: does('settlement fails'), video, campaignId }) },
  { weight: 6, arbitrary: fc.record({ act: does('observe'), video, views }) },
  { weight: 8, arbitrary: fc.record({ act: does('settle'), campaignId }) },
  { weight: 1, arbitrary: fc.record({ act: does('reverse'), video, campaignId, percent }) },
  { weight: 1, arbitrary: fc.record({ act: does('top up', 'pause', 'resume', 'resume', 'end'), campaignId }) },
  { weight: 4, arbitrary: fc.record({ act: does('request'), creatorId, currency, percent }) },
  { weight: 7, arbitrary: fc.record({ act: does('approve payout', 'approve payout', 'reject payout', 'pay', 'pay by Stripe', 'fail', 'come back'), payout }) },
]; // prettier-ignore

const beginning = fc.record({
  videos: fc.subarray(VIDEOS, { minLength: 1 }),
  campaign: campaignId,
  creator: creatorId,
  count: views,
  asks: fc.boolean(),
});

/** Clips that earn, often a payment, and then anything. */
export const acts: fc.Arbitrary<Act[]> = fc
  .tuple(beginning, fc.array(fc.oneof(...kinds), { minLength: 15, maxLength: 60, size: 'max' }))
  .map(([{ videos, campaign, creator, count, asks }, rest]) => [
    ...videos.flatMap((id): Act[] => [
      { act: 'submit', video: id, campaignId: campaign, creatorId: creator },
      { act: 'approve', video: id, campaignId: campaign },
      { act: 'observe', video: id, views: count },
    ]),
    { act: 'settle', campaignId: campaign },
    ...(asks ? payment(creator, CAMPAIGNS[campaign]?.currency ?? 'USD') : []),
    ...rest,
  ]);

const payment = (creator: string, inCurrency: string): Act[] => [
  { act: 'request', creatorId: creator, currency: inCurrency, percent: 50 },
  { act: 'approve payout', payout: 0 },
  { act: 'pay', payout: 0 },
];
