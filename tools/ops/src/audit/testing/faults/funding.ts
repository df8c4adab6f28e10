import type { WrittenLog } from '../log.js';
import type { Fault } from './fault.js';

const BRAND = { brandId: 'swede', currency: 'SEK' };

const pays = (log: WrittenLog, amount: number, reference = 'first') =>
  log.together(() => log.add('brand-swede', 'BudgetFunded', { ...BRAND, amount, reference, by: 'admin' })); // prettier-ignore

type Back = 'BudgetRefunded' | 'BudgetRefundUndone';
const back = (log: WrittenLog, type: Back, amount: number, refundId = 're_1', reference = 'first') =>
  log.together(() => log.add('brand-swede', type, { ...BRAND, amount, reference, refundId, by: 'admin' })); // prettier-ignore

/** A launch that its brand has paid for by what `basis` says, in one append. */
function launches(
  log: WrittenLog,
  campaignId: string,
  budget: number,
  basis: { funded: number; committed: number; returned: number },
  amount = budget,
): void {
  const terms = { currency: 'SEK', budget, ratePerThousand: { default: 1 }, startsAt: log.time };
  log.together(() => {
    log.add(`campaign-${campaignId}`, 'CampaignLaunched', { campaignId, brandId: 'swede', name: campaignId, terms }); // prettier-ignore
    log.add('brand-swede', 'BudgetCommitted', { ...BRAND, campaignId, amount, basis });
  });
}

/** A sound beginning: 1,000 paid in, and 600 of it promised. */
function promised(log: WrittenLog): void {
  pays(log, 1_000);
  launches(log, 'one', 600, { funded: 1_000, committed: 0, returned: 0 });
}

export const FUNDING: Fault[] = [
  {
    name: 'a campaign promises more than was paid in',
    make: (log) => {
      promised(log);
      launches(log, 'two', 401, { funded: 1_000, committed: 600, returned: 0 });
    },
    what: 'a campaign promises more than its brand has paid in',
    expected: 'at most 400',
    found: '401',
    type: 'BudgetCommitted',
  },
  {
    name: 'a launch rests on more than was paid in',
    make: (log) => {
      promised(log);
      launches(log, 'two', 500, { funded: 1_100, committed: 600, returned: 0 });
    },
    what: 'the brand has paid in another sum',
    expected: '1000',
    found: '1100',
    type: 'BudgetCommitted',
  },
  {
    name: 'a launch has not seen the one before it',
    make: (log) => {
      promised(log);
      launches(log, 'two', 700, { funded: 1_000, committed: 0, returned: 0 });
    },
    what: 'the brand has promised another sum before',
    expected: '600',
    found: '0',
    type: 'BudgetCommitted',
  },
  {
    name: 'money comes back from a campaign that goes on',
    make: (log) => {
      promised(log);
      launches(log, 'two', 700, { funded: 1_000, committed: 600, returned: 600 });
    },
    what: 'more came back than ended campaigns have left',
    expected: 'at most 0',
    found: '600',
    type: 'BudgetCommitted',
  },
  {
    name: 'a payment is recorded twice',
    make: (log) => {
      promised(log);
      pays(log, 1_000);
    },
    what: 'a payment of a brand counts twice',
    expected: 'one BudgetFunded of a reference',
    found: 'first',
    type: 'BudgetFunded',
  },
  {
    name: 'a campaign promises what was refunded',
    make: (log) => {
      promised(log);
      back(log, 'BudgetRefunded', 300);
      launches(log, 'two', 400, { funded: 1_000, committed: 600, returned: 0 });
    },
    what: 'the brand has paid in another sum',
    expected: '700',
    found: '1000',
    type: 'BudgetCommitted',
  },
  {
    name: 'a refund is recorded twice',
    make: (log) => {
      promised(log);
      for (let i = 0; i < 2; i++) back(log, 'BudgetRefunded', 300);
    },
    what: 'a refund of a brand counts twice',
    expected: 'one BudgetRefunded of a refundId',
    found: 're_1',
    type: 'BudgetRefunded',
  },
  {
    name: 'a payment is refunded that was never made',
    make: (log) => {
      promised(log);
      back(log, 'BudgetRefunded', 300, 're_1', 'second');
    },
    what: 'more is refunded than was paid in',
    expected: 'a payment of this reference',
    found: '300 SEK',
    type: 'BudgetRefunded',
  },
  {
    name: 'one refund is more than its payment',
    make: (log) => {
      promised(log);
      back(log, 'BudgetRefunded', 1_001);
    },
    what: 'more is refunded than was paid in',
    expected: 'at most 1000 SEK',
    found: '1001 SEK',
    type: 'BudgetRefunded',
  },
  {
    name: 'a refund comes back twice',
    make: (log) => {
      promised(log);
      back(log, 'BudgetRefunded', 300);
      for (let i = 0; i < 2; i++) back(log, 'BudgetRefundUndone', 300);
    },
    what: 'a refund comes back that did not go',
    expected: '300, once',
    found: '300',
    type: 'BudgetRefundUndone',
  },
  {
    name: 'less is committed than the campaign promises',
    make: (log) => {
      promised(log);
      launches(log, 'two', 400, { funded: 1_000, committed: 600, returned: 0 }, 1);
    },
    what: 'what is committed is not what was promised',
    expected: '400 for two',
    found: '1 for two',
    type: 'BudgetCommitted',
  },
];

/** What is allowed: all of it, and again what an ended campaign has left. */
export function soundFunding(log: WrittenLog): void {
  promised(log);
  launches(log, 'two', 400, { funded: 1_000, committed: 600, returned: 0 });
  log.campaign('one', 'CampaignEnded');
  log.minutes(1);
  launches(log, 'three', 600, { funded: 1_000, committed: 1_000, returned: 600 });
  // A refund and a dispute of one payment take no more than it was; a won dispute comes back.
  pays(log, 500, 'second');
  back(log, 'BudgetRefunded', 200, 're_2', 'second');
  back(log, 'BudgetRefunded', 500, 'du_2', 'second');
  pays(log, 100, 'third');
  launches(log, 'four', 100, { funded: 1_100, committed: 1_600, returned: 600 });
  back(log, 'BudgetRefundUndone', 500, 'du_2', 'second');
  launches(log, 'five', 300, { funded: 1_400, committed: 1_700, returned: 600 });
}
