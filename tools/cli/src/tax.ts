import { Command } from 'commander';
import { readFileSync, writeFileSync } from 'node:fs';
import type { CreatorYearAnswer, TaxProfile, TaxProfileAnswer } from '@cliptally/contracts/api';
import { LIMIT, amount, at, given, whole, type Context } from './context.js';
import { wrongUse } from './failure.js';
import { card, count, minute, money, printList, printOne, type Column } from './output.js';

export function taxCommand(context: Context): Command {
  const { api, output } = context;
  const tax = new Command('tax').description(
    'what creators were paid in a year, and who they are to the tax office',
  );
  tax
    .command('year')
    .argument('<year>', 'of UTC, for example 2026', whole)
    .description('what creators were paid in a year, by currency')
    .option('--currency <code>', 'only that')
    .option('--at-least <amount>', 'only from this gross of the year on, in minor units', amount)
    .option('--out <path>', 'a CSV file with all of them, quarters and tax profiles included')
    .option(...LIMIT)
    .action(async (year, { currency, atLeast, out, limit }, command) => {
      const client = await api(command);
      const query = given({ currency, atLeast: atLeast === undefined ? atLeast : `${atLeast}` });
      if (typeof out === 'string') {
        const path = `${at`/exports/years/${String(year)}/creators`}.csv`;
        const words = new URLSearchParams(query as Record<string, string>).toString();
        writeFileSync(out, await client.download(words ? `${path}?${words}` : path));
        output.note(`The year ${year} is in ${out}.`);
        return;
      }
      const found = await client.list<CreatorYearAnswer>(
        at`/exports/years/${String(year)}/creators`,
        query,
        limit,
      );
      printList(output, found, YEAR, `Nobody was paid anything in ${year}.`);
    });
  tax
    .command('profile <creator>')
    .description('the tax profile of a creator')
    .action(async (creator, _, command) =>
      show(await (await api(command)).get(at`/creators/${creator}/tax-profile`)),
    );
  tax
    .command('set-profile <creator>')
    .description('say who a creator is to the tax office')
    .requiredOption('--file <path>', 'the profile as JSON, as the API takes it')
    .action(async (creator, { file }, command) => {
      const client = await api(command);
      await client.put(at`/creators/${creator}/tax-profile`, profileIn(file));
      show(await client.get(at`/creators/${creator}/tax-profile`));
    });
  tax
    .command('erase-profile <creator>')
    .description('erase the tax profile of a creator')
    .action(async (creator, _, command) => {
      const client = await api(command);
      await client.delete(at`/creators/${creator}/tax-profile`);
      show(await client.get(at`/creators/${creator}/tax-profile`));
    });
  return tax;

  function show(answer: TaxProfileAnswer): void {
    printOne(output, answer, ({ creatorId, profile, changedAt }) =>
      profile
        ? card([
            ['creator', creatorId],
            ['given', minute(changedAt)],
            ...Object.entries(profile).map(([name, value]) => [name, value] as const),
          ])
        : `${creatorId} has given no tax profile.`,
    );
  }
}

function profileIn(file: string): TaxProfile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TaxProfile;
  } catch (error) {
    throw wrongUse(`The profile in ${file} cannot be read: ${(error as Error).message}.`);
  }
}

const YEAR: readonly Column<CreatorYearAnswer>[] = [
  ['CREATOR', (line) => line.creatorId],
  ['GROSS', (line) => money(line.gross, line.currency)],
  ['PAID', (line) => money(line.paid, line.currency)],
  ['RETURNED', (line) => money(line.returned, line.currency)],
  ['FEES', (line) => money(line.fees, line.currency)],
  ['PAYMENTS', (line) => count(line.payments)],
  ['CLIPS', (line) => count(line.clips)],
  ['TAX PROFILE', (line) => line.taxProfileFault ?? (line.hasTaxProfile ? 'yes' : 'no')],
];
