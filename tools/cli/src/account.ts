import { PLATFORMS } from '@cliptally/contracts';
import type { AccountAnswer } from '@cliptally/contracts/api';
import { Command, Option } from 'commander';
import { LIMIT, at, given, type Context } from './context.js';
import { card, minute, printList, printOne, type Column } from './output.js';

/** Which accounts of platforms are whose: claim them, prove them, and decide on claims. */
export function accountCommand({ api, output }: Context): Command {
  const account = new Command('account').description('accounts that creators have on platforms');
  const show = (answer: AccountAnswer) => printOne(output, answer, accountCard);
  const platform = () => new Option('--platform <platform>').choices(PLATFORMS);
  account
    .command('claim <creator> [handle]')
    .description('say that an account is a creator’s own; the answer has the code that proves it')
    .addOption(platform().makeOptionMandatory())
    .option('--external-id <id>', 'the id that the platform gives the account')
    .action(async (creator: string, handle: string | undefined, options, command) =>
      show(await (await api(command)).post(at`/creators/${creator}/accounts`, given({ ...options, handle }))),
    ); // prettier-ignore
  account
    .command('list')
    .description('claims, oldest first')
    .option('--creator <id>', 'only those of a creator')
    .addOption(platform())
    .addOption(new Option('--status <status>').choices(['CLAIMED', 'VERIFIED', 'RELEASED']))
    .option(...LIMIT)
    .action(async ({ creator, limit, ...filter }, command) => {
      const path = creator === undefined ? '/accounts' : at`/creators/${creator}/accounts`;
      const found = await (await api(command)).list<AccountAnswer>(path, filter, limit);
      printList(output, found, COLUMNS, 'No accounts.');
    });
  account
    .command('verify <id>')
    .description('look for the code now, by a scrape of a clip of the account; once an hour')
    .action(async (id, _, command) =>
      printOne(
        output,
        await (await api(command)).post<{ requestId: string }>(at`/accounts/${id}/verify`),
        ({ requestId }) => `A scrape is requested: ${requestId}`,
      ),
    );
  account
    .command('confirm <id>')
    .description('take the creator’s word')
    .option('--take-over', 'take the account from the creator who has it')
    .action(async (id, options, command) =>
      show(await (await api(command)).post(at`/accounts/${id}/confirm`, given(options))),
    );
  account
    .command('release <id>')
    .description('the account is the creator’s no more')
    .option('--reason <text>')
    .action(async (id, options, command) =>
      show(await (await api(command)).post(at`/accounts/${id}/release`, given(options))),
    );
  return account;
}

const nameOf = ({ handle, externalId }: AccountAnswer): string =>
  handle === null ? (externalId ?? '') : `@${handle}`;

const COLUMNS: readonly Column<AccountAnswer>[] = [
  ['ID', (one) => one.accountId],
  ['CREATOR', (one) => one.creatorId],
  ['PLATFORM', (one) => one.platform],
  ['ACCOUNT', nameOf],
  ['STATUS', (one) => (one.contested ? `${one.status}, another creator has it` : one.status)],
  ['CLAIMED', (one) => minute(one.claimedAt)],
];

const accountCard = (one: AccountAnswer): string =>
  card([
    ['id', one.accountId],
    ['creator', one.creatorId],
    ['account', `${nameOf(one)} on ${one.platform}`],
    ['status', one.status],
    ['code', one.code],
    ['next', one.sentence],
  ]);
