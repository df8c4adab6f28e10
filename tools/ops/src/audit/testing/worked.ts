import { WrittenLog } from './log.js';

/**
 * The worked examples of docs/money.md as one log, each figure as the document has it: 200 minor
 * units per thousand views, where nothing else is said.
 */
export function workedLog(): WrittenLog {
  const log = new WrittenLog();
  ample(log);
  ends(log);
  shares(log);
  firstObservation(log);
  waits(log);
  pausedAndEnded(log);
  smallBalances(log);
  movedClip(log);
  feesAndLimits(log);
  anotherField(log);
  other(log);
  return log;
}

/** Sections 5 and 6: settlements, a hold, a reversal; and Ann's payouts of section 7. */
function ample(log: WrittenLog): void {
  log.on(2).launch('ample', { minPayout: 1_000 });
  log.clip('ample', 'a', 'ann');
  log.clip('ample', 'b', 'bob');
  log.clip('ample', 'pending', 'bob', false);
  log.seen('a', 10_000);
  log.seen('b', 2_500);
  log.seen('pending', 9_000);
  log.settle('ample', [['a', 2_000, 2_000, [10_000, 0, 2_000, 0, 0]], ['b', 500, 500, [2_500, 0, 500, 0, 0]]]); // prettier-ignore
  log.on(2.5).seen('a', 14_000);
  // A count that falls takes nothing back.
  log.seen('b', 1_000);
  log.settle('ample', [['a', 800, 800, [14_000, 0, 2_800, 0, 2_000]]]);
  log.mark('ample', 'b', 'Held');
  log.on(3).seen('b', 10_000);
  log.seen('a', 15_000);
  log.settle('ample', [['a', 200, 200, [15_000, 0, 3_000, 0, 2_800]]]);
  log.on(3.5).mark('ample', 'b', 'Released');
  log.settle('ample', [['b', 1_500, 1_500, [10_000, 0, 2_000, 0, 500]]]);
  // Of 30.00 USD 5.00 are reversed: 3,000 more views pay 6.00 all the same.
  log.on(4).reverse('ample', 'a', 500);
  log.seen('a', 18_000);
  log.settle('ample', [['a', 600, 600, [18_000, 0, 3_600, 500, 2_500]]]);
  log.on(5).add('payout-ann', 'PayoutAccountSet', {
    creatorId: 'ann',
    provider: 'stripe',
    account: 'acct_ann',
    by: 'ann',
  });
  // Validated by noon of the 5th: 20.00 and 8.00 of the 2nd, less 5.00 reversed.
  log.on(5.5).payout('ann', 'p1', 'PayoutRequested', { currency: 'USD', amount: 2_300 });
  log.payout('ann', 'p1', 'PayoutApproved', {
    destination: { provider: 'stripe', account: 'acct_ann' },
  });
  log.payout('ann', 'p1', 'PayoutPaid', { by: 'cliptally:stripe' });
  log.on(6).payout('ann', 'p1', 'PayoutFailed', { by: 'cliptally:stripe' });
  log.on(9).payout('ann', 'p2', 'PayoutRequested', { currency: 'USD', amount: 3_100 });
  log.payout('ann', 'p2', 'PayoutRejected');
  log.payout('bob', 'p3', 'PayoutRequested', { currency: 'USD', amount: 1_000 });
  log.payout('bob', 'p3', 'PayoutApproved');
  log.payout('bob', 'p3', 'PayoutPaid');
  log.on(10).payout('bob', 'p4', 'PayoutRequested', { currency: 'USD', amount: 1_000 });
  log.payout('bob', 'p4', 'PayoutApproved');
  log.payout('bob', 'p4', 'PayoutFailed');
}

/**
 * 20.00 and 10.00 USD are due, 10.00 remain: 6.67 and 3.33, and 20.00 are unpaid. A top-up of 3.00
 * is 2.00 and 1.00, one of 50.00 the rest.
 */
function ends(log: WrittenLog): void {
  log.on(2).launch('ends', { budget: 1_000 });
  log.clip('ends', 'e1', 'ann');
  log.clip('ends', 'e2', 'bob');
  log.seen('e1', 10_000);
  log.seen('e2', 5_000);
  log.settle('ends', [['e1', 2_000, 667, [10_000, 0, 2_000, 0, 0]], ['e2', 1_000, 333, [5_000, 0, 1_000, 0, 0]]], { exhausted: { budget: 1_000, unpaid: 2_000 } }); // prettier-ignore
  log.on(3).campaign('ends', 'CampaignToppedUp', { amount: 300 });
  log.settle('ends', [['e1', 1_333, 200, [10_000, 0, 2_000, 0, 667]], ['e2', 667, 100, [5_000, 0, 1_000, 0, 333]]], { exhausted: { budget: 1_300, unpaid: 1_700 } }); // prettier-ignore
  log.campaign('ends', 'CampaignToppedUp', { amount: 5_000 });
  log.settle('ends', [['e1', 1_133, 1_133, [10_000, 0, 2_000, 0, 867]], ['e2', 567, 567, [5_000, 0, 1_000, 0, 433]]]); // prettier-ignore
}

/**
 * 0.60, 0.50 and 0.30 are due and 1.00 remains: 0.43, 0.36, 0.21. And three of 10.00 with 10.00
 * left: the unit goes to the first approved.
 */
function shares(log: WrittenLog): void {
  log.on(2).launch('rest', { budget: 100 });
  for (const name of ['r1', 'r2', 'r3']) log.clip('rest', name, 'ann');
  log.seen('r1', 300);
  log.seen('r2', 250);
  log.seen('r3', 150);
  log.settle('rest', [['r1', 60, 43, [300, 0, 60, 0, 0]], ['r2', 50, 36, [250, 0, 50, 0, 0]], ['r3', 30, 21, [150, 0, 30, 0, 0]]], { exhausted: { budget: 100, unpaid: 40 } }); // prettier-ignore
  log.launch('tie', { budget: 1_000 });
  log.on(2.1).clip('tie', 't3', 'bob');
  log.on(2.2).clip('tie', 't2', 'bob');
  log.clip('tie', 't1', 'bob');
  for (const name of ['t1', 't2', 't3']) log.seen(name, 5_000);
  log.settle('tie', [['t1', 1_000, 333, [5_000, 0, 1_000, 0, 0]], ['t2', 1_000, 333, [5_000, 0, 1_000, 0, 0]], ['t3', 1_000, 334, [5_000, 0, 1_000, 0, 0]]], { exhausted: { budget: 1_000, unpaid: 2_000 } }); // prettier-ignore
}

/**
 * Counted from approval: 40,000, then 52,000 are 24.00 USD. An earlier 38,000 adds 4.00; an earlier
 * 41,000 takes 6.00 back, and others get it.
 */
function firstObservation(log: WrittenLog): void {
  log.on(2).launch('late', { countFrom: 'approval', budget: 3_000 });
  log.clip('late', 'l', 'ann');
  log.clip('late', 'm', 'bob');
  log.on(4).seen('l', 40_000);
  log.on(5).seen('l', 52_000);
  log.settle('late', [['l', 2_400, 2_400, [52_000, 40_000, 2_400, 0, 0]]]);
  log.seen('l', 38_000, { observedAt: '2026-03-03T12:00:00Z' });
  log.settle('late', [['l', 400, 400, [52_000, 38_000, 2_800, 0, 2_400]]]);
  log.seen('m', 0, { observedAt: '2026-03-03T00:00:00Z' });
  log.seen('m', 4_500);
  log.seen('l', 41_000, { observedAt: '2026-03-03T00:00:00Z' });
  log.settle('late', [['m', 900, 800, [4_500, 0, 900, 0, 0]]], {
    back: [['l', 0, 600, [52_000, 41_000, 2_200, 0, 2_800]]],
    exhausted: { budget: 3_000, unpaid: 100 },
  });
}

/**
 * With 10.00 USD left 5.00 are paid at once, whatever is outstanding; 4.02 of 5.00 wait: for the
 * outcome, or for 30 minutes.
 */
function waits(log: WrittenLog): void {
  log.on(2).launch('waits', { budget: 1_000 });
  log.clip('waits', 'w1', 'ann');
  log.clip('waits', 'w2', 'ann');
  log.request('w2', ['waits'], 'w-1');
  log.seen('w1', 2_500);
  log.settle('waits', [['w1', 500, 500, [2_500, 0, 500, 0, 0]]]);
  log.seen('w1', 4_510);
  log.minutes(29).seen('w2', 10, { key: 'w-1' });
  log.settle('waits', [['w1', 402, 402, [4_510, 0, 902, 0, 500]], ['w2', 2, 2, [10, 0, 2, 0, 0]]]); // prettier-ignore
  log.request('w2', ['waits'], 'w-2');
  log.on(2.5).seen('w1', 4_800);
  log.minutes(30).settle('waits', [['w1', 58, 58, [4_800, 0, 960, 0, 902]]]);
}

/**
 * A paused campaign pays when it is resumed; an ended one pays what was seen before its end,
 * however late it arrives.
 */
function pausedAndEnded(log: WrittenLog): void {
  log.on(2).launch('over');
  log.clip('over', 'o', 'ann');
  log.campaign('over', 'CampaignPaused');
  log.on(3).seen('o', 10_000);
  log.campaign('over', 'CampaignResumed');
  log.settle('over', [['o', 2_000, 2_000, [10_000, 0, 2_000, 0, 0]]]);
  log.on(5).campaign('over', 'CampaignEnded');
  log.on(6).seen('o', 12_000, { observedAt: '2026-03-04T00:00:00Z' });
  log.seen('o', 50_000, { observedAt: '2026-03-05T00:00:00Z' });
  log.settle('over', [['o', 400, 400, [12_000, 0, 2_400, 0, 2_000]]]);
}

/**
 * Caps, minimums, other currencies, rates of a platform, a clip that is left out, and a decision
 * that knew little of a long log.
 */
function other(log: WrittenLog): void {
  log.on(2).launch('capped', { maxPayoutPerClip: 5_000, minViews: 1_000 });
  log.clip('capped', 'c1', 'ann');
  log.clip('capped', 'c2', 'ann');
  log.seen('c1', 24_999);
  log.seen('c2', 999);
  log.settle('capped', [['c1', 4_999, 4_999, [24_999, 0, 4_999, 0, 0]]]);
  log.seen('c1', 80_000);
  log.seen('c2', 1_000);
  log.settle('capped', [['c1', 1, 1, [80_000, 0, 5_000, 0, 4_999]]], { leftOut: ['c2'] });
  log.launch('yen', { currency: 'JPY', ratePerThousand: { default: 7, youtube: 300 } });
  log.clip('yen', 'y', 'ann');
  log.clip('yen', 'z', 'ann', false);
  log.seen('y', 12_345);
  const decidedAt = log.head;
  log.seen('y', 20_000);
  log.review('yen', 'z', 'ClipApproved');
  log.seen('z', 1_000);
  log.settle('yen', [['y', 3_703, 3_703, [12_345, 0, 3_703, 0, 0]]], { decidedAt });
  log.settle('yen', [['y', 2_297, 2_297, [20_000, 0, 6_000, 0, 3_703]], ['z', 300, 300, [1_000, 0, 300, 0, 0]]]); // prettier-ignore
}

/** D2 and D1: 2.00 of X stay there below its minimum of 50.00, until X and Y are over. */
function smallBalances(log: WrittenLog): void {
  log.on(2).launch('x', { minPayout: 5_000 });
  log.launch('y', { minPayout: 1_000, endsAt: '2026-03-10T00:00:00Z' });
  log.clip('x', 'x1', 'sam');
  log.clip('y', 'y1', 'sam');
  log.seen('x1', 1_000);
  log.settle('x', [['x1', 200, 200, [1_000, 0, 200, 0, 0]]]);
  log.seen('y1', 15_000);
  log.settle('y', [['y1', 3_000, 3_000, [15_000, 0, 3_000, 0, 0]]]);
  const ask = (payoutId: string, amount: number, basis: object) =>
    log.payout('sam', payoutId, 'PayoutRequested', { currency: 'USD', amount, basis });
  log.on(6);
  ask('sam-1', 3_000, { available: 3_200, kept: 200, minimum: 1_000 });
  log.on(12).campaign('x', 'CampaignEnded');
  ask('sam-2', 200, { available: 200, kept: 0, minimum: 0 });
  log.payout('sam', 'sam-2', 'PayoutRejected');
  // D3: paid outside, in one append.
  log.payout('sam', 'hand', 'PayoutRequested', { currency: 'USD', amount: 150, outside: true });
  log.payout('sam', 'hand', 'PayoutApproved');
  log.payout('sam', 'hand', 'PayoutPaid');
}

/** D5: 8,000 views at 2.00 in the wrong campaign are 16.00 USD; in the right one 40.00 at 5.00. */
function movedClip(log: WrittenLog): void {
  log.on(2).launch('wrong');
  log.launch('right', { ratePerThousand: { default: 500 } });
  log.clip('wrong', 'mv', 'mia');
  log.on(3).seen('mv', 3_000);
  log.on(4).seen('mv', 8_000);
  log.settle('wrong', [['mv', 1_600, 1_600, [8_000, 0, 1_600, 0, 0]]]);
  log.on(5).move('mv', 'wrong', 'right', 1_600, {
    approvedAt: '2026-03-02T00:00:00.000Z',
    highWater: [8_000, '2026-03-04T00:00:00.000Z'],
    first: [3_000, '2026-03-03T00:00:00.000Z'],
  });
  log.settle('right', [['mv', 4_000, 4_000, [8_000, 0, 4_000, 0, 0]]]);
}

/** 5.00 USD a clip and 10.00 for 5,000 views; 25.00 for a creator: 10.00 of 15.00 remain. */
function feesAndLimits(log: WrittenLog): void {
  const milestones = [{ views: 5_000, bonus: 1_000 }];
  log.on(2).launch('fees', { flatFee: 500, milestones, maxPayoutPerCreator: 2_500, minViews: 100 });
  log.clip('fees', 'f1', 'flo');
  log.minutes(1).clip('fees', 'f2', 'flo');
  log.seen('f1', 2_500);
  log.seen('f2', 99);
  log.settle('fees', [['f1', 1_000, 1_000, [2_500, 0, 1_000, 0, 0], { flat: 500, creatorRoom: 2_500 }], ['f2', 500, 500, [99, 0, 500, 0, 0], { flat: 500, creatorRoom: 1_500 }]]); // prettier-ignore
  log.on(3).seen('f1', 5_000);
  log.settle('fees', [['f1', 1_000, 1_000, [5_000, 0, 2_500, 0, 1_000], { flat: 500, bonus: 1_000, creatorRoom: 1_000 }]]); // prettier-ignore
  // D4: posted before the campaign, 4,000,000 views at the first observation.
  log.on(2).launch('aged', { oldPosts: 'first_observation' });
  log.clip('aged', 'o1', 'flo');
  log.on(3).seen('o1', 4_000_000, { postedAt: '2023-03-01T00:00:00Z' });
  log.seen('o1', 4_010_000);
  log.settle('aged', [['o1', 2_000, 2_000, [4_010_000, 4_000_000, 2_000, 0, 0]]]);
}

/** From 40,000 to 52,000 views, then from 150,000 to 155,000 plays: 17,000 count at 2.00 USD. */
function anotherField(log: WrittenLog): void {
  const [clipId, plays] = ['youtube-vf', { metric: 'plays' }];
  log.on(2).launch('plays', { countFrom: 'approval' });
  log.clip('plays', 'vf', 'vic');
  log.on(3).seen('vf', 40_000);
  log.on(4).seen('vf', 52_000);
  log.settle('plays', [['vf', 2_400, 2_400, [52_000, 40_000, 2_400, 0, 0]]]);
  const change = { clipId, platform: 'youtube', from: 'm', to: 'plays', baseline: 'own' };
  log.together(() => log.add(`clip-${clipId}`, 'ViewFieldChanged', { ...change, reason: 'r', by: 'admin' })); // prettier-ignore
  log.on(5).seen('vf', 150_000, plays);
  log.on(6).seen('vf', 155_000, plays);
  log.settle('plays', [['vf', 1_000, 1_000, [155_000, 138_000, 3_400, 0, 2_400], { field: 'plays' }]]); // prettier-ignore
  // The line begins where the field did.
  const { lines } = log.events.at(-1)!.data as { lines: { fromViews: number }[] };
  lines[0]!.fromViews = 150_000;
}
