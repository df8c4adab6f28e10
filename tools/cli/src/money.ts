import { Command, Option } from 'commander';
import { writeFileSync } from 'node:fs';
import type {
  BalancesAnswer,
  PayoutAnswer,
  StatementLineAnswer,
  TransfersAnswer,
} from '@cliptally/contracts/api';
import { LIMIT, amount, at, given, type Context } from './context.js';
import { wrongUse } from './failure.js';
import { encodingOption, SHEET } from './import/command.js';
import { csvOf } from './import/read-file.js';
import { card, count, minute, money, printList, printOne, table, type Column } from './output.js';

export function payoutCommand(context: Context): Command {
  const payout = new Command('payout').description(
    'ask for payouts, decide on them, record what became of them',
  );
  payout
    .command('request')
    .argument('<amount>', 'minor units', amount)
    .description('ask for a payout')
    .requiredOption('--currency <code>', 'ISO 4217, for example USD')
    .option('--creator <id>', 'for whom; a creator itself needs no such flag')
    .option('--id <id>', 'its id; one is made if there is none')
    .action(async (value, { currency, creator, id }, command) =>
      show(
        await (
          await context.api(command)
        ).post('/payouts', given({ currency, amount: value, creatorId: creator, payoutId: id })),
      ),
    );
  payout
    .command('list')
    .description('payouts, newest first')
    .option('--creator <id>', 'only those of a creator')
    .addOption(
      new Option('--status <status>', 'only those').choices([
        'REQUESTED',
        'APPROVED',
        'REJECTED',
        'PAID',
        'FAILED',
      ]),
    )
    .option(...LIMIT)
    .action(async ({ creator, status, limit }, command) =>
      printList(
        context.output,
        await (
          await context.api(command)
        ).list<PayoutAnswer>('/payouts', { creatorId: creator, status }, limit),
        PAYOUTS,
        'No payouts.',
      ),
    );
  payout
    .command('show <id>')
    .description('one payout')
    .action(async (id, _, command) =>
      show(await (await context.api(command)).get(at`/payouts/${id}`)),
    );
  payout
    .command('approve <id>')
    .description('approve; the money may leave')
    .action(async (id, options, command) => decide(id, 'approve', options, command));
  payout
    .command('reject <id>')
    .description('reject; its amount is available again')
    .requiredOption('--reason <text>')
    .action(async (id, options, command) => decide(id, 'reject', options, command));
  payout
    .command('paid <id>')
    .description('record that the money has left')
    .requiredOption('--reference <text>', 'what the bank or the payment service calls the transfer')
    .action(async (id, { reference }, command) =>
      decide(id, 'paid', { externalReference: reference }, command),
    );
  payout
    .command('failed <id>')
    .description('record that the transfer failed; its amount is available again')
    .requiredOption('--reason <text>')
    .action(async (id, options, command) => decide(id, 'failed', options, command));
  payout
    .command('transfers')
    .description('the approved payouts that a person has to transfer, as a CSV file')
    .requiredOption('--out <path>', 'where it is written')
    .action(async ({ out }, command) => {
      const list = await (await context.api(command)).download('/payouts/transfers.csv');
      writeFileSync(out, list);
      context.output.note(`The list is in ${out}: fill in references, then payout record ${out}.`);
    });
  payout
    .command('record <file>')
    .description(
      'record transfers: the list as CSV or Excel, with a reference or an error in each row that is done',
    )
    .addOption(encodingOption())
    .option(...SHEET)
    .option('--dry-run', 'show what would come of it, and write nothing')
    .action(async (file, { encoding, sheet, dryRun = false }, command) => {
      const csv = await csvOf(file, given({ encoding, sheet }));
      const path = `/payouts/transfers.csv${dryRun ? '?dryRun=true' : ''}`;
      const done = await (await context.api(command)).upload<TransfersAnswer>(path, csv);
      printOne(
        context.output,
        done,
        ({ paid, failed, unchanged }) =>
          `${paid} paid, ${failed} failed, ${unchanged} as they were.${dryRun ? '\nNothing was written: it was a dry run.' : ''}`,
      );
    });
  return payout;

  async function decide(id: string, name: string, body: object, command: Command): Promise<void> {
    show(await (await context.api(command)).post(`${at`/payouts/${id}`}/${name}`, body));
  }

  function show(answer: PayoutAnswer): void {
    printOne(context.output, answer, (one) =>
      card([
        ['payout', one.payoutId],
        ['creator', one.creatorId],
        ['amount', money(one.amount, one.currency)],
        ['status', one.status],
        ['to', one.destination?.account],
        ['cannot be approved until', one.waitsUntil && minute(one.waitsUntil)],
        ['reference', one.externalReference],
        ['reason', one.reason],
      ]),
    );
  }
}

const PAYOUTS: readonly Column<PayoutAnswer>[] = [
  ['PAYOUT', (payout) => payout.payoutId],
  ['CREATOR', (payout) => payout.creatorId],
  ['AMOUNT', (payout) => money(payout.amount, payout.currency)],
  ['STATUS', (payout) => payout.status],
  ['TO', (payout) => payout.destination?.account],
  ['WAITS UNTIL', (payout) => payout.waitsUntil && minute(payout.waitsUntil)],
  ['REFERENCE', (payout) => payout.externalReference],
  ['WHY', (payout) => payout.reason],
];

export function balanceCommand({ api, output }: Context): Command {
  return new Command('balance')
    .argument('<creator>', 'whose')
    .description('what a creator has, by currency')
    .action(async (creator, _, command) => {
      const answer = await (
        await api(command)
      ).get<BalancesAnswer>(at`/creators/${creator}/balance`);
      printOne(output, answer, ({ balances }) =>
        balances.length === 0
          ? 'Nothing has been earned yet.'
          : [table(balances, BALANCE), ...balances.map(comingIn)].filter(Boolean).join('\n\n'),
      );
    });
}

type BalanceLine = BalancesAnswer['balances'][number];

/** What becomes available when, and what a minimum keeps. */
const comingIn = ({ currency, upcoming, kept }: BalanceLine): string =>
  [
    ...upcoming.map(({ at: when, amount: sum }) => `${money(sum, currency)} are available from ${minute(when)} on.`),
    ...kept.map(({ campaignId, amount: sum, minimum }) => `${money(sum, currency)} of ${campaignId} wait until ${money(minimum, currency)} are earned there.`),
  ].join('\n'); // prettier-ignore
const BALANCE: readonly Column<BalanceLine>[] = [
  ['EARNED', (line) => money(line.accrued, line.currency)],
  ['TAKEN BACK', (line) => money(line.reversed, line.currency)],
  ['FEES', (line) => money(line.fees, line.currency)],
  ['PAID', (line) => money(line.paid, line.currency)],
  ['RESERVED', (line) => money(line.reserved, line.currency)],
  ['VALIDATING', (line) => money(line.validating, line.currency)],
  ['AVAILABLE', (line) => money(line.available, line.currency)],
  ['SMALLEST PAYOUT', (line) => money(line.minimumPayout, line.currency)],
];

export function statementCommand({ api, output }: Context): Command {
  return new Command('statement')
    .description(
      'every line of what a creator, a clip or a campaign has earned, back to the observation that it rests on',
    )
    .option('--creator <id>')
    .option('--clip <id>')
    .option('--campaign <id>')
    .option('--currency <code>', 'only that')
    .option(...LIMIT)
    .action(async ({ creator, clip, campaign, currency, limit }, command) => {
      const scopes = [
        creator && at`/creators/${creator}`,
        clip && at`/clips/${clip}`,
        campaign && at`/campaigns/${campaign}`,
      ].filter(Boolean);
      if (scopes.length !== 1) throw wrongUse('Name one of --creator, --clip and --campaign.');
      const found = await (
        await api(command)
      ).list<StatementLineAnswer>(`${scopes[0]}/statement`, { currency }, limit, 'lines');
      printList(output, found, STATEMENT, 'Nothing has been earned yet.');
    });
}

function whyOf(line: StatementLineAnswer): string {
  if (line.kind === 'accrued')
    return `${count(line.fromViews)} to ${count(line.toViews)} views at ${money(line.rate, line.currency)}`;
  if (line.kind === 'payout')
    return `payout ${line.payoutId} ${line.status?.toLowerCase()}${line.note ? ` (${line.note})` : ''}`;
  if (line.fee)
    return `platform fee, ${line.fee.basisPoints / 100} % of ${money(line.fee.of, line.currency)}`;
  return `taken back: ${line.reason}`;
}

const STATEMENT: readonly Column<StatementLineAnswer>[] = [
  ['TIME', (line) => minute(line.at)],
  ['CLIP', (line) => line.clipId],
  ['CAMPAIGN', (line) => line.campaignId],
  ['CREATOR', (line) => line.creatorId],
  ['WHY', whyOf],
  ['AMOUNT', (line) => money(line.amount, line.currency)],
  ['SUM', (line) => money(line.sum, line.currency)],
  ['OBSERVATION', (line) => line.observation],
];
