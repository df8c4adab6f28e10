import { idOf } from '../log.js';
import { PAID, fresh, request, rich, type Fault } from './fault.js';

export const PAYOUTS: Fault[] = [
  {
    name: 'more is reversed than a clip has',
    make: (log) => {
      rich(log);
      log.reverse('fresh', 'g', 2_001);
    },
    what: 'more was taken back than youtube-g has',
    expected: 'at least 0 left',
    found: '-1',
    type: 'EarningsReversed',
  },
  {
    name: 'more is asked for than is available',
    make: (log) => {
      rich(log);
      request(log, 'q', 2_001);
    },
    what: 'more was asked for than was available',
    expected: 'at most 2000',
    found: '2001',
    type: 'PayoutRequested',
  },
  {
    name: 'more is asked for than is validated',
    make: (log) => {
      fresh(log);
      log.settle('fresh', PAID);
      log.on(22.99);
      request(log, 'q', 1);
    },
    what: 'more was asked for than was available',
    expected: 'at most 0',
    found: '1',
    type: 'PayoutRequested',
  },
  {
    name: 'what is reserved is asked for again',
    make: (log) => {
      rich(log);
      request(log, 'q', 1_500);
      request(log, 'r', 501);
    },
    what: 'more was asked for than was available',
    expected: 'at most 500',
    found: '501',
    type: 'PayoutRequested',
  },
  {
    name: 'less is asked for than the minimum of the campaigns',
    make: (log) => {
      rich(log, { minPayout: 500 });
      request(log, 'q', 499);
    },
    what: 'less was asked for than the minimum',
    expected: 'at least 500',
    found: '499',
    type: 'PayoutRequested',
  },
  {
    name: 'less is asked for than the configured minimum',
    make: (log) => {
      rich(log);
      request(log, 'q', 999);
    },
    what: 'less was asked for than the minimum',
    expected: 'at least 1000',
    found: '999',
    type: 'PayoutRequested',
    options: { minimums: { USD: 1_000 } },
  },
  {
    name: 'money is asked for that a campaign keeps',
    make: (log) => {
      rich(log, { minPayout: 2_001 });
      request(log, 'q', 2_000, undefined, { available: 2_000, kept: 0, minimum: 0 });
    },
    what: 'money was asked for that a campaign keeps',
    expected: 'at most 0',
    found: '2000',
    type: 'PayoutRequested',
  },
  {
    name: 'a request says another minimum than that of its campaigns',
    make: (log) => {
      rich(log, { minPayout: 500 });
      request(log, 'q', 2_000, undefined, { available: 2_000, kept: 0, minimum: 0 });
    },
    what: 'basis.minimum of the request is another',
    expected: '500',
    found: '0',
    type: 'PayoutRequested',
  },
  {
    name: 'a request did not know of another',
    make: (log) => {
      rich(log);
      const decidedAt = log.head;
      request(log, 'q', 1_500);
      request(log, 'r', 500, decidedAt);
    },
    what: 'something came into the payout stream between the decision and its event',
    expected: 'no event of payout-gil after',
    found: 'PayoutRequested',
    type: 'PayoutRequested',
  },
  {
    name: 'a payment did not know of a reversal',
    make: (log) => {
      rich(log);
      request(log, 'q', 2_000);
      log.payout('gil', 'q', 'PayoutApproved');
      const decidedAt = log.head;
      log.reverse('fresh', 'g', 2_000);
      log.payout('gil', 'q', 'PayoutPaid', {}, decidedAt);
    },
    what: 'something came into the payout stream between the decision and its event',
    expected: 'after',
    found: 'CreatorEarningsReversed',
    type: 'PayoutPaid',
  },
  {
    name: 'something is approved while the balance is below 0',
    make: (log) => {
      rich(log);
      request(log, 'q', 2_000);
      log.reverse('fresh', 'g', 1);
      log.payout('gil', 'q', 'PayoutApproved');
    },
    what: 'nothing is approved or paid while the balance is below 0',
    expected: 'at least 0',
    found: '-1',
    type: 'PayoutApproved',
  },
  {
    name: 'a payout is paid without approval',
    make: (log) => {
      rich(log);
      request(log, 'q', 100);
      log.payout('gil', 'q', 'PayoutPaid');
    },
    what: 'PayoutPaid of a payout in another state',
    expected: 'APPROVED',
    found: 'REQUESTED',
    type: 'PayoutPaid',
  },
  {
    name: 'a payout is paid twice',
    make: (log) => {
      rich(log);
      request(log, 'q', 100);
      for (const type of ['PayoutApproved', 'PayoutPaid', 'PayoutPaid'])
        log.payout('gil', 'q', type);
    },
    what: 'PayoutPaid of a payout in another state',
    expected: 'APPROVED',
    found: 'PAID',
    type: 'PayoutPaid',
  },
  {
    name: 'a payout is rejected after its approval',
    make: (log) => {
      rich(log);
      request(log, 'q', 100);
      for (const type of ['PayoutApproved', 'PayoutRejected']) log.payout('gil', 'q', type);
    },
    what: 'PayoutRejected of a payout in another state',
    expected: 'REQUESTED',
    found: 'APPROVED',
    type: 'PayoutRejected',
  },
  {
    name: 'a payment by hand fails after it was paid',
    make: (log) => {
      rich(log);
      request(log, 'q', 100);
      for (const type of ['PayoutApproved', 'PayoutPaid', 'PayoutFailed'])
        log.payout('gil', 'q', type);
    },
    what: 'a payment that a person made cannot fail after it was paid',
    expected: 'APPROVED',
    found: 'PAID',
    type: 'PayoutFailed',
  },
  {
    name: 'a person says how a payout ended that Stripe carries out',
    make: (log) => {
      rich(log);
      request(log, 'q', 100);
      log.payout('gil', 'q', 'PayoutApproved', {
        destination: { provider: 'stripe', account: 'acct_gil' },
      });
      log.payout('gil', 'q', 'PayoutPaid');
    },
    what: 'Stripe alone says how a payout ended that it carries out',
    expected: 'cliptally:stripe',
    found: 'admin',
    type: 'PayoutPaid',
  },
  {
    name: 'a payment did not know that something was taken back, be it that it is covered',
    make: (log) => {
      rich(log);
      request(log, 'q', 100);
      log.payout('gil', 'q', 'PayoutApproved');
      const decidedAt = log.head;
      log.reverse('fresh', 'g', 100);
      log.payout('gil', 'q', 'PayoutPaid', {}, decidedAt);
    },
    what: 'something came into the payout stream between the decision and its event',
    expected: 'after',
    found: 'CreatorEarningsReversed',
    type: 'PayoutPaid',
  },
  {
    name: 'nobody asked for a payout',
    make: (log) => {
      rich(log);
      log.payout('gil', 'q', 'PayoutApproved');
    },
    what: 'PayoutApproved of a payout in another state',
    expected: 'REQUESTED',
    found: 'nobody asked for',
    type: 'PayoutApproved',
  },
  {
    name: 'the destination is another account',
    make: (log) => {
      rich(log);
      log.add('payout-gil', 'PayoutAccountSet', {
        creatorId: 'gil',
        provider: 'stripe',
        account: 'acct_gil',
        by: 'gil',
      });
      request(log, 'q', 100);
      log.payout('gil', 'q', 'PayoutApproved', {
        destination: { provider: 'stripe', account: 'acct_hal' },
      });
    },
    what: 'the destination is not the account that was set',
    expected: 'stripe acct_gil',
    found: 'stripe acct_hal',
    type: 'PayoutApproved',
  },
  {
    name: 'the destination is an account that was set after the request',
    make: (log) => {
      rich(log);
      const asked = { provider: 'manual', account: 'old bank' };
      const set = { creatorId: 'gil', provider: 'manual', by: 'gil' };
      log.add('payout-gil', 'PayoutAccountSet', { ...set, account: asked.account });
      log.payout('gil', 'q', 'PayoutRequested', {
        currency: 'USD',
        amount: 100,
        destination: asked,
      });
      log.add('payout-gil', 'PayoutAccountSet', { ...set, account: 'new bank' });
      log.payout('gil', 'q', 'PayoutApproved', {
        destination: { provider: 'manual', account: 'new bank' },
      });
    },
    what: 'the destination is not the account that was set',
    expected: 'manual old bank',
    found: 'manual new bank',
    type: 'PayoutApproved',
  },
  {
    name: 'a creator is paid more than accrued less reversed, be it without a position',
    make: (log) => {
      rich(log);
      for (const type of ['PayoutRequested', 'PayoutApproved', 'PayoutPaid'])
        log.add('payout-gil', type, {
          payoutId: 'q',
          creatorId: 'gil',
          currency: 'USD',
          amount: 2_001,
          by: 'admin',
        });
    },
    what: 'the creator was paid more than accrued less reversed',
    expected: 'at most 2000',
    found: '2001',
    type: 'PayoutPaid',
  },
  {
    name: 'a scrape request has two outcomes',
    make: (log) => {
      log.request('a', ['ample'], 'twice');
      log.seen('a', 1, { key: 'twice' });
      log.seen('a', 2, { key: 'twice' });
      log.events.at(-1)!.id = idOf('another');
    },
    what: `the scrape request ${idOf('twice')} has two outcomes`,
    expected: 'one outcome',
    found: 'another',
    type: 'ViewsRecorded',
  },
  {
    name: 'a stream has a gap',
    make: (log) => void log.events.at(-1)!.revision++,
    what: 'campaign-yen has a gap or goes back',
    expected: 'revision 2',
    found: 'revision 3',
    type: 'EarningsAccrued',
  },
  {
    name: 'positions do not grow',
    make: (log) => void (log.events[5]!.position = 5),
    what: 'positions do not grow',
    expected: 'above 5',
    found: '5',
    type: 'ClipSubmitted',
  },
  {
    name: 'an event is there twice',
    make: (log) => void (log.events[7]!.id = log.events[6]!.id),
    what: 'the event is in the log twice',
    expected: 'an id of its own',
    found: 'the id at 7',
    type: 'ViewsRecorded',
  },
  {
    name: 'a budget is beyond what JSON says exactly',
    make: (log) => {
      log.campaign('ample', 'CampaignToppedUp', { amount: Number.MAX_SAFE_INTEGER });
    },
    what: 'the budget is no longer exact',
    expected: 'at most 9007199254740991',
    found: '9007199254840991',
    type: 'CampaignToppedUp',
  },
];
