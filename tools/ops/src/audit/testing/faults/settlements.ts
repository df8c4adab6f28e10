import {
  PAID,
  accrual,
  forget,
  fresh,
  lateFirstObservation,
  nth,
  rich,
  type Fault,
} from './fault.js';

export const SETTLEMENTS: Fault[] = [
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
];
