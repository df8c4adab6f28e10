import { idOf } from '../log.js';
import {
  PAID,
  accrual,
  forget,
  fresh,
  lateFirstObservation,
  linesOf,
  nth,
  rich,
  type Fault,
  type Line,
} from './fault.js';

export const SETTLEMENTS: Fault[] = [
  {
    name: 'a line gets more than it is due',
    make: (log) => void (linesOf(accrual(log, 'ample'))[0]!.amount = 2_001),
    what: 'youtube-a gets more than it is due',
    expected: 'at most 2000',
    found: '2001',
    type: 'EarningsAccrued',
  },
  {
    name: 'what is due is another sum',
    make: (log) =>
      log.events.forEach((e) => {
        if (e === accrual(log, 'over')) {
          linesOf(e)[0]!.due = 2_001;
          linesOf(e)[0]!.amount = 2_001;
          e.data['total'] = 2_001;
        }
      }),
    what: 'due of youtube-o is another',
    expected: '2000',
    found: '2001',
    type: 'EarningsAccrued',
  },
  {
    name: 'a share is a unit too small, and another one too large',
    make: (log) => {
      const [one, two] = linesOf(accrual(log, 'rest'));
      one!.amount--;
      two!.amount++;
    },
    what: 'amount of youtube-r1 is another',
    expected: '43',
    found: '42',
    type: 'EarningsAccrued',
  },
  {
    name: 'the unit of a tie went to a later approval',
    make: (log) => {
      const [one, , three] = linesOf(accrual(log, 'tie'));
      one!.amount++;
      three!.amount--;
    },
    what: 'amount of youtube-t3 is another',
    expected: '334',
    found: '333',
    type: 'EarningsAccrued',
  },
  {
    name: 'unpaid is not what was left',
    make: (log) =>
      void (nth(log, 'campaign-ends', 'CampaignBudgetExhausted').data['unpaid'] = 1_999),
    what: 'unpaid is not what the settlement left unpaid',
    expected: '2000',
    found: '1999',
    type: 'CampaignBudgetExhausted',
  },
  {
    name: 'the budget of the end is another',
    make: (log) =>
      void (nth(log, 'campaign-ends', 'CampaignBudgetExhausted', 1).data['budget'] = 1_000),
    what: 'budget is not that of the campaign',
    expected: '1300',
    found: '1000',
    type: 'CampaignBudgetExhausted',
  },
  {
    name: 'the end of the budget is not said',
    make: (log) => forget(log, nth(log, 'campaign-tie', 'CampaignBudgetExhausted')),
    what: 'the budget ends with this settlement',
    expected: 'CampaignBudgetExhausted',
    found: 'none',
    type: 'EarningsAccrued',
  },
  {
    name: 'the budget has not ended',
    make: (log) => {
      fresh(log);
      log.settle('fresh', PAID, { exhausted: { budget: 100_000, unpaid: 0 } });
    },
    what: 'the budget does not end with this settlement',
    expected: '100000 remaining',
    found: 'CampaignBudgetExhausted',
    type: 'CampaignBudgetExhausted',
  },
  {
    name: 'a clip that was due something has no line',
    make: (log) => {
      fresh(log);
      log.seen('h', 5_000);
      log.settle('fresh', PAID);
    },
    what: 'youtube-h was due 1000 and has no line',
    expected: 'a line of 1000',
    found: 'none',
    type: 'EarningsAccrued',
  },
  {
    name: 'a clip is left out that was due nothing',
    make: (log) => {
      fresh(log);
      log.settle('fresh', PAID, { leftOut: ['h'] });
    },
    what: 'leftOut names youtube-h, which was due nothing',
    expected: 'due something',
    found: 'youtube-h',
    type: 'EarningsAccrued',
  },
  {
    name: 'a clip is left out and paid',
    make: (log) => {
      fresh(log);
      log.settle('fresh', PAID, { leftOut: ['g'] });
    },
    what: 'leftOut names youtube-g, which has a line',
    expected: 'a line or leftOut',
    found: 'both',
    type: 'EarningsAccrued',
  },
  {
    name: 'an observation that was not known yet is paid',
    make: (log) =>
      void (accrual(log, 'ample', 1).data['decidedAt'] = accrual(log, 'ample').position),
    what: 'youtube-a is due nothing and has a line',
    expected: 'no line',
    found: 'a line of 800',
    type: 'EarningsAccrued',
  },
  {
    name: 'a clip without approval is paid',
    make: (log) => {
      fresh(log);
      log.clip('fresh', 'i', 'gil', false);
      log.seen('i', 1_000);
      log.settle('fresh', [...PAID, ['i', 200, 200, [1_000, 0, 200, 0, 0]]]);
    },
    what: 'youtube-i is not approved and has a line',
    expected: 'no line',
    found: 'a line of 200',
    type: 'EarningsAccrued',
  },
  {
    name: 'a clip of another campaign is paid',
    make: (log) => {
      fresh(log);
      log.clip('ample', 'j', 'gil');
      log.events.at(-2)!.data['campaignId'] = 'ends';
      log.settle('fresh', PAID);
      linesOf(log.events.at(-1)!)[0]!['clipId'] = 'youtube-j';
    },
    what: 'youtube-j is not in the campaign',
    expected: 'a clip of the campaign',
    found: 'youtube-j',
    type: 'EarningsAccrued',
  },
  {
    name: 'a line names another creator',
    make: (log) => void (linesOf(accrual(log, 'ample'))[0]!['creatorId'] = 'bob'),
    what: 'the line of youtube-a names another creator',
    expected: 'ann',
    found: 'bob',
    type: 'EarningsAccrued',
  },
  {
    name: 'a line rests on another observation',
    make: (log) =>
      void (linesOf(accrual(log, 'ample', 1))[0]!['observation'] = linesOf(
        accrual(log, 'ample'),
      )[0]!['observation']),
    what: 'youtube-a rests on another observation',
    expected: idOf('seen a 10'),
    found: idOf('seen a 6'),
    type: 'EarningsAccrued',
  },
  {
    name: 'a line begins at other views than the last one ended',
    make: (log) => void (linesOf(accrual(log, 'ample', 1))[0]!['fromViews'] = 9_000),
    what: 'fromViews of youtube-a is another',
    expected: '10000',
    found: '9000',
    type: 'EarningsAccrued',
  },
  {
    name: 'a line does not say its basis',
    make: (log) =>
      void ((linesOf(accrual(log, 'ample'))[0] as Record<string, unknown>)['basis'] = null),
    what: 'the line of youtube-a does not say what it is computed from',
    expected: 'a basis',
    found: 'none',
    type: 'EarningsAccrued',
  },
  {
    name: 'a basis says another baseline',
    make: (log) => void (linesOf(accrual(log, 'late'))[0]!.basis['baseline'] = 39_999),
    what: 'basis.baseline of youtube-l is another',
    expected: '40000',
    found: '39999',
    type: 'EarningsAccrued',
  },
  {
    name: 'a line is of 0',
    make: (log) => {
      const { data } = accrual(log, 'ample');
      data['lines'] = [
        ...(data['lines'] as []),
        { ...(data['lines'] as Line[])[1]!, amount: 0, due: 0 },
      ];
    },
    what: 'the line of youtube-b is of 0',
    expected: 'no line',
    found: 'a line of 0',
    type: 'EarningsAccrued',
  },
  {
    name: 'a total is not the sum',
    make: (log) => void (accrual(log, 'ends').data['total'] = 1_001),
    what: 'the total is not the sum of the lines',
    expected: '1000',
    found: '1001',
    type: 'EarningsAccrued',
  },
  {
    name: "a currency is not the campaign's",
    make: (log) => void (accrual(log, 'yen').data['currency'] = 'USD'),
    what: 'the currency is not that of the campaign',
    expected: 'JPY',
    found: 'USD',
    type: 'EarningsAccrued',
  },
  {
    name: 'an amount is beyond what JSON says exactly',
    make: (log) => void (linesOf(accrual(log, 'yen'))[0]!.amount = 2 ** 53),
    what: 'the amount of youtube-y is no exact whole number',
    expected: 'whole number',
    found: '9007199254740992',
    type: 'EarningsAccrued',
  },
  {
    name: 'a paused campaign settles',
    make: (log) => {
      fresh(log);
      log.campaign('fresh', 'CampaignPaused');
      log.settle('fresh', PAID);
    },
    what: 'a paused campaign settles nothing',
    expected: 'until it is resumed',
    found: 'a settlement',
    type: 'EarningsAccrued',
  },
  {
    name: 'a settlement did not wait for what was outstanding',
    make: (log) => {
      fresh(log, { budget: 3_000 });
      log.request('h', ['fresh'], 'x-1');
      log.minutes(29).settle('fresh', PAID);
    },
    what: 'the settlement had to wait',
    expected: '1 scrape requests outstanding, patience until 2026-03-20T00:30',
    found: '2026-03-20T00:29',
    type: 'EarningsAccrued',
  },
  {
    name: 'a top-up did not wait for the scrapes of its day',
    make: (log) => {
      fresh(log, { budget: 100 });
      log.settle('fresh', [['g', 2_000, 100, [10_000, 0, 2_000, 0, 0]]], {
        exhausted: { budget: 100, unpaid: 1_900 },
      });
      log.on(21).request('h', ['fresh'], 'x-2');
      log.campaign('fresh', 'CampaignToppedUp', { amount: 2_000 });
      log.settle('fresh', [['g', 1_900, 1_900, [10_000, 0, 2_000, 0, 100]]]);
    },
    what: 'the settlement had to wait',
    expected: 'patience until 2026-03-21T00:30',
    found: 'a settlement',
    type: 'EarningsAccrued',
  },
  {
    name: 'an observation after the end is paid',
    make: (log) => {
      fresh(log);
      log.on(21).campaign('fresh', 'CampaignEnded');
      log.on(22).seen('g', 20_000);
      log.settle('fresh', [['g', 4_000, 4_000, [20_000, 0, 4_000, 0, 0]]]);
    },
    what: 'due of youtube-g is another',
    expected: '2000',
    found: '4000',
    type: 'EarningsAccrued',
  },
  {
    name: 'an earlier first observation takes nothing back',
    make: (log) => {
      fresh(log, { countFrom: 'approval' });
      lateFirstObservation(log);
      log.settle('fresh', [['g', 1_000, 1_000, [15_000, 10_000, 1_000, 0, 0]]]);
    },
    what: 'youtube-h has more than it is owed, and nothing was taken back',
    expected: 'a reversal of 400',
    found: 'none',
    type: 'EarningsAccrued',
  },
  {
    name: 'an earlier first observation takes too much back',
    make: (log) => {
      fresh(log, { countFrom: 'approval' });
      lateFirstObservation(log);
      log.settle('fresh', [['g', 1_000, 1_000, [15_000, 10_000, 1_000, 0, 0]]], {
        back: [['h', 0, 401, [20_000, 12_000, 1_600, 0, 2_000]]],
      });
    },
    what: 'the settlement takes back another amount of youtube-h',
    expected: '400',
    found: '401',
    type: 'EarningsReversed',
  },
  {
    name: 'a settlement takes back what is owed',
    make: (log) => {
      rich(log);
      log.settle('fresh', [], { back: [['g', 0, 1, [10_000, 0, 2_000, 0, 2_000]]] });
    },
    what: 'the settlement takes back what youtube-g is owed',
    expected: 'no reversal',
    found: 'a reversal of 1',
    type: 'EarningsReversed',
  },
  {
    name: 'a settlement in two events pays a clip twice',
    make: (log) => {
      fresh(log);
      log.settle('fresh', PAID);
      const last = log.events.at(-1)!;
      log.add(last.stream, last.type, last.data);
    },
    what: 'youtube-g has two lines',
    expected: 'one line',
    found: 'two',
    type: 'EarningsAccrued',
  },
];
