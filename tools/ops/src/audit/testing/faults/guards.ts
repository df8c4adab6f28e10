import type { WrittenLog } from '../log.js';
import { PAID, accrual, forget, fresh, nth, request, rich, type Fault } from './fault.js';

/** Clips of one creator in a campaign that takes two a day, each counted. */
function submitted(log: WrittenLog, clips: readonly string[], counted = clips.length): void {
  log.launch('few', { maxSubmissionsPerDay: 2 });
  clips.forEach((name, nth) => {
    log.clip('few', name, 'ann', false);
    const data = { campaignId: 'few', creatorId: 'ann', day: log.time.slice(0, 10), clipId: `youtube-${name}` }; // prettier-ignore
    if (nth < counted)
      log.together(() => log.add(`submission-day-${data.day}-few`, 'SubmissionCounted', data));
  });
}

export const GUARDS: Fault[] = [
  {
    name: 'a creator submits more in a day than the campaign takes',
    make: (log) => submitted(log, ['few1', 'few2', 'few3']),
    what: 'ann has made more submissions on 2026-03-02 than the campaign takes',
    expected: 'at most 2',
    found: '3',
    type: 'SubmissionCounted',
  },
  {
    name: 'a submission is not counted',
    make: (log) => submitted(log, ['few1', 'few2'], 1),
    what: 'a submission is not counted in a campaign that limits them',
    expected: 'SubmissionCounted',
    found: 'none',
    type: 'ClipSubmitted',
  },
  {
    name: 'a hold came in between',
    make: (log) => {
      fresh(log);
      const decidedAt = log.head;
      log.mark('fresh', 'h', 'Held');
      log.minutes(1).settle('fresh', PAID, { decidedAt });
    },
    what: 'something came into the campaign stream between the decision and its event',
    expected: 'no event of campaign-fresh after',
    found: 'CampaignClipHeld',
    type: 'EarningsAccrued',
  },
  {
    name: 'a top-up came in between',
    make: (log) => {
      fresh(log);
      const decidedAt = log.head;
      log.campaign('fresh', 'CampaignToppedUp', { amount: 1 });
      log.settle('fresh', PAID, { decidedAt });
    },
    what: 'something came into the campaign stream between the decision and its event',
    expected: 'no event of campaign-fresh after',
    found: 'CampaignToppedUp',
    type: 'EarningsAccrued',
  },
  {
    name: 'two settlements were decided on one state',
    make: (log) => {
      fresh(log);
      const decidedAt = log.head;
      log.settle('fresh', PAID);
      log.settle('fresh', PAID, { decidedAt });
    },
    what: 'something came into the campaign stream between the decision and its event',
    expected: 'after',
    found: 'EarningsAccrued',
    type: 'EarningsAccrued',
  },
  {
    name: 'a clip accrues while it is held',
    make: (log) => {
      fresh(log);
      log.mark('fresh', 'g', 'Held');
      log.minutes(1).settle('fresh', PAID);
    },
    what: 'youtube-g accrues while it is held',
    expected: 'no line between ClipHeld and ClipReleased',
    found: 'a line of 2000',
    type: 'EarningsAccrued',
  },
  {
    name: 'a figure is an observation that nobody has confirmed',
    make: (log) => {
      fresh(log);
      log.seen('g', 12_000);
      log.events.at(-1)!.data['runId'] = 'confirmed-a-scrape';
    },
    what: 'nobody has confirmed the figure',
    expected: 'FigureConfirmed youtube-g a-scrape beside it',
    found: 'none',
    type: 'ViewsRecorded',
  },
  {
    name: 'a confirmed figure is no observation',
    make: (log) => {
      fresh(log);
      const data = { clipId: 'youtube-g', platform: 'youtube', requestId: 'a-scrape', by: 'root' };
      log.together(() => log.add('clip-youtube-g', 'FigureConfirmed', data));
    },
    what: 'the figure that was confirmed is no observation',
    expected: 'ViewsRecorded youtube-g a-scrape beside it',
    found: 'none',
    type: 'FigureConfirmed',
  },
  {
    name: 'a move has no notice',
    make: (log) => forget(log, nth(log, 'campaign-right', 'CampaignClipMoved')),
    what: 'the campaign does not know of the move',
    expected: 'CampaignClipMoved right youtube-mv beside it',
    found: 'none',
    type: 'ClipApproved',
  },
  {
    name: 'a moved clip brings along more views than were seen',
    make: (log) => {
      const { data } = nth(log, 'clip-youtube-mv', 'ClipApproved', 1);
      (data['moved'] as { highWater: { views: number } }).highWater.views = 9_000;
    },
    what: 'youtube-mv was moved with another highWater',
    expected: '8000 at',
    found: '9000 at',
    type: 'ClipApproved',
  },
  {
    name: 'a moved clip keeps earnings where it was',
    make: (log) => {
      forget(log, nth(log, 'campaign-wrong', 'EarningsReversed'));
      forget(log, nth(log, 'payout-mia', 'CreatorEarningsReversed'));
    },
    what: 'youtube-mv was moved and keeps earnings here',
    expected: '0',
    found: '1600',
    type: 'CampaignClipMoved',
  },
  {
    name: 'a hold has no notice',
    make: (log) => forget(log, nth(log, 'campaign-ample', 'CampaignClipHeld')),
    what: 'the campaign does not know of it',
    expected: 'CampaignClipHeld ample youtube-b beside it',
    found: 'none',
    type: 'ClipHeld',
  },
  {
    name: 'a notice has no release',
    make: (log) => forget(log, nth(log, 'clip-youtube-b', 'ClipReleased')),
    what: 'the clip does not know of it',
    expected: 'ClipReleased ample youtube-b',
    found: 'none',
    type: 'CampaignClipReleased',
  },
  {
    name: 'a notice was written at another time',
    make: (log) => {
      log.on(21).mark('ample', 'b', 'Held');
      log.events.at(-1)!.time = '2026-03-21T00:00:01.000Z';
    },
    what: 'the campaign does not know of it',
    expected: 'CampaignClipHeld',
    found: 'none',
    type: 'ClipHeld',
  },
  {
    name: 'the payouts do not know of a reversal',
    make: (log) => forget(log, nth(log, 'payout-ann', 'CreatorEarningsReversed')),
    what: 'the payouts of ann do not know of it',
    expected: 'CreatorEarningsReversed',
    found: 'none',
    type: 'EarningsReversed',
  },
  {
    name: 'the payouts know of another sum',
    make: (log) => void (nth(log, 'payout-ann', 'CreatorEarningsReversed').data['amount'] = 499),
    what: 'the payouts of ann do not know of it',
    expected: 'ann 500',
    found: 'none',
    type: 'EarningsReversed',
  },
  {
    name: 'a payout id was not taken',
    make: (log) => forget(log, nth(log, 'unique-payout-id-p2', 'PayoutIdTaken')),
    what: 'the payout id was not taken',
    expected: 'PayoutIdTaken p2 ann',
    found: 'none',
    type: 'PayoutRequested',
  },
  {
    name: 'two payouts have one id',
    make: (log) => {
      rich(log);
      request(log, 'p1', 100);
    },
    what: 'the payout id p1 is taken',
    expected: 'an id of its own',
    found: 'payout-ann',
    type: 'PayoutRequested',
  },
  {
    name: 'decidedAt is in the future',
    make: (log) => void (accrual(log, 'ample').data['decidedAt'] = 200),
    what: 'decidedAt is not before its own event',
    expected: 'a position before 10',
    found: '200',
    type: 'EarningsAccrued',
  },
  {
    name: 'decidedAt is no position',
    make: (log) => void (accrual(log, 'ample').data['decidedAt'] = 'now'),
    what: 'decidedAt is no position',
    expected: 'whole number',
    found: 'now',
    type: 'EarningsAccrued',
  },
  {
    name: 'the last money is passed',
    make: (log) => {
      fresh(log, { budget: 1_999 });
      log.settle('fresh', PAID);
    },
    what: 'accrued less reversed passes the budget',
    expected: 'at most 1999',
    found: '2000',
    type: 'EarningsAccrued',
  },
  {
    name: 'the most for a clip is passed, be it without a position',
    make: (log) => {
      fresh(log, { maxPayoutPerClip: 1_999 });
      log.settle('fresh', PAID, { decidedAt: null });
    },
    what: 'youtube-g has more than the most for a clip',
    expected: 'at most 1999',
    found: '2000',
    type: 'EarningsAccrued',
  },
];
