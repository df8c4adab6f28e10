import { idOf } from '../log.js';
import { PAID, accrual, fresh, linesOf, type Fault, type Line } from './fault.js';

export const SETTLEMENT_LINES: Fault[] = [
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
    name: 'an amount is beyond what JSON says exactly',
    make: (log) => void (linesOf(accrual(log, 'yen'))[0]!.amount = 2 ** 53),
    what: 'the amount of youtube-y is no exact whole number',
    expected: 'whole number',
    found: '9007199254740992',
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
