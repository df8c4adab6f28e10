import { EVENT_TYPES, type EventData, type EventInput, type EventType } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { kindOf, sentence, withoutLists } from './sentence.js';

const names = (id: string) => (id === 'tea' ? 'Kyoto tea house' : id);
const sentenceOf = <T extends EventType>(type: T, data: Partial<EventInput<T>>) =>
  sentence(type, withoutLists(data as EventData<T>), names);

describe('the newest events in plain words', () => {
  it('says what happened, with money in its own decimals', () => {
    const line = {
      clipId: 'x-1',
      creatorId: 'c',
      fromViews: 0,
      toViews: 1,
      due: 1,
      amount: 1,
      observation: 'o',
    };
    expect(sentenceOf('ViewsRecorded', { clipId: 'x-1', views: 12_345, cached: false })).toBe(
      'x-1 has 12,345 views.',
    );
    expect(
      sentenceOf('EarningsAccrued', {
        campaignId: 'tea',
        currency: 'JPY',
        total: 1_500,
        lines: [line, line],
      }),
    ).toBe('1,500 JPY earned by 2 clips of Kyoto tea house.');
    expect(sentenceOf('ScrapeFailed', { clipId: 'x-1', attempts: 1, reason: 'private' })).toBe(
      'x-1 could not be scraped after 1 attempt: it is private.',
    );
    expect(
      sentenceOf('ScrapeBatchCompleted', { source: 'apify', platform: 'tiktok', looks: 1, recorded: 0, costMicroUsd: 1_500, durationMs: 900, status: 'timed_out' }),
    ).toBe('apify completed 0 of 1 TikTok scrape in 0.9 s for $0.0015 (timed out).'); // prettier-ignore
    expect(
      sentenceOf('CampaignBudgetExhausted', {
        campaignId: 'tea',
        currency: 'KWD',
        budget: 1,
        unpaid: 1_234,
      }),
    ).toBe('The budget of Kyoto tea house is used up; 1.234 KWD beyond it stay unpaid.');
  });

  it('says that a clip could not be settled, as a failure', () => {
    expect(kindOf('ClipSettlementFailed')).toBe('failure');
    expect(
      sentenceOf('ClipSettlementFailed', {
        campaignId: 'tea',
        clipId: 'x-1',
        reason: 'the ratio is not finite.',
      }),
    ).toBe('x-1 could not be settled in Kyoto tea house: the ratio is not finite.');
  });

  it('leaves out only what the sentence of another event says', () => {
    expect(EVENT_TYPES.filter((type) => kindOf(type) === null)).toEqual([
      // ClipHeld, ClipReleased, ClipApproved
      'CampaignClipHeld',
      'CampaignClipReleased',
      'CampaignClipMoved',
      // ClipHeld, ClipReleased
      'ClipPostSeen',
      // the end of the wait, the run, the end of the batch
      'ShortLinkTried',
      'ClipTrackingRequested',
      'ScrapeBatchStarted',
      // EarningsReversed, PayoutRequested
      'CreatorEarningsReversed',
      'PayoutIdTaken',
      'SubmissionCounted',
      // AccountVerified, AccountReleased
      'AccountOwnerChanged',
      // CampaignLaunched, CampaignToppedUp
      'BudgetCommitted',
    ]);
  });
});
