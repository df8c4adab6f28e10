import type { FundingAnswer } from '@cliptally/contracts/api';
import { Command } from 'commander';
import { amount, at, type Context } from './context.js';
import { minute, money, printOne, table, type Column } from './output.js';

/** What brands have paid in for their campaigns. */
export function brandCommand({ api, output }: Context): Command {
  const brand = new Command('brand').description('what a brand has paid in for campaigns');
  brand
    .command('funding <brand>')
    .description('paid in, committed to campaigns, and left')
    .action(async (id, _, command) =>
      show(await (await api(command)).get<FundingAnswer>(at`/brands/${id}/funding`)),
    );
  brand
    .command('fund <brand>')
    .argument('<amount>', 'minor units', amount)
    .description('record a payment of the brand; once for each reference')
    .requiredOption('--currency <code>', 'ISO 4217, for example USD')
    .requiredOption('--reference <text>', 'what the bank or the payment service calls the payment')
    .action(async (id, value, { currency, reference }, command) =>
      show(
        await (
          await api(command)
        ).post<FundingAnswer>(at`/brands/${id}/funding`, { currency, amount: value, reference }),
      ),
    );
  brand
    .command('refund <brand>')
    .argument('<amount>', 'minor units', amount)
    .description('record that money of a payment went back to the brand; once for each --refund')
    .requiredOption('--currency <code>', 'ISO 4217, for example USD')
    .requiredOption('--reference <text>', 'the payment')
    .requiredOption('--refund <text>', 'what the bank or the payment service calls the refund')
    .action(async (id, value, { currency, reference, refund: refundId }, command) => {
      const body = { currency, amount: value, reference, refundId };
      show(await (await api(command)).post<FundingAnswer>(at`/brands/${id}/funding/refunds`, body));
    });
  brand
    .command('undo-refund <brand> <refund>')
    .description('record that a refund has failed, or a dispute was won')
    .action(async (id, refundId, _, command) =>
      show(
        await (
          await api(command)
        ).post<FundingAnswer>(at`/brands/${id}/funding/refunds/undo`, { refundId }),
      ),
    );
  return brand;

  function show(answer: FundingAnswer): void {
    printOne(output, answer, ({ brandId, prefunding, currencies, payments, refunds }) =>
      [
        `${brandId} ${prefunding ? 'launches campaigns up to what is left' : 'may launch campaigns whatever is left (PREFUNDING is off)'}.`,
        currencies.length === 0 ? 'Nothing was paid in.' : table(currencies, CURRENCIES),
        ...(payments.length === 0 ? [] : [table(payments, PAYMENTS)]),
        ...(refunds.length === 0 ? [] : [table(refunds, REFUNDS)]),
      ].join('\n\n'),
    );
  }
}

type Row = FundingAnswer['currencies'][number];
const CURRENCIES: readonly Column<Row>[] = [
  ['PAID IN', (one) => money(one.funded, one.currency)],
  ['REFUNDED', (one) => money(one.refunded, one.currency)],
  ['COMMITTED', (one) => money(one.committed, one.currency)],
  ['RETURNED', (one) => money(one.returned, one.currency)],
  ['LEFT', (one) => money(one.left, one.currency)],
];
const PAYMENTS: readonly Column<FundingAnswer['payments'][number]>[] = [
  ['AT', (one) => minute(one.at)],
  ['AMOUNT', (one) => money(one.amount, one.currency)],
  ['REFERENCE', (one) => one.reference],
  ['BY', (one) => one.by],
];
const REFUNDS: readonly Column<FundingAnswer['refunds'][number]>[] = [
  ['WENT BACK AT', (one) => minute(one.at)],
  ['AMOUNT', (one) => money(one.amount, one.currency)],
  ['OF', (one) => one.reference],
  ['REFUND', (one) => one.refundId],
  ['UNDONE AT', (one) => (one.undoneAt === null ? '' : minute(one.undoneAt))],
  ['BY', (one) => one.by],
];
