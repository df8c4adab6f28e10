import type { CatalogueEntryAnswer, LeaderboardAnswer } from '@cliptally/contracts/api';
import { Command, Option } from 'commander';
import { LIMIT, at, type Context } from './context.js';
import { card, count, money, printList, printOne, type Column } from './output.js';

/** What creators may know of campaigns before they submit. */
export function catalogueCommand({ api, output }: Context): Command {
  const catalogue = new Command('catalogue').description('campaigns that take clips');
  catalogue
    .command('list')
    .description('campaigns in the catalogue, newest first')
    .option(...LIMIT)
    .action(async ({ limit }, command) =>
      printList(
        output,
        await (await api(command)).list<CatalogueEntryAnswer>('/catalogue', {}, limit),
        ENTRIES,
        'No campaigns.',
      ),
    );
  catalogue
    .command('show <campaign>')
    .description('one of them, with its terms')
    .action(async (id, _, command) =>
      printOne(output, await (await api(command)).get<CatalogueEntryAnswer>(at`/catalogue/${id}`), (one) =>
        [
          card([
            ['campaign', one.campaignId],
            ['name', one.name],
            ['remaining', money(one.remaining, one.currency)],
            ['days left', one.daysLeft?.toFixed(1)],
            ['clips paid', count(one.clipsPaid)],
            ['hours to review', one.medianReviewHours?.toFixed(1)],
            ['hours to payout', one.medianPayoutHours?.toFixed(1)],
          ]),
          ...one.terms,
        ].join('\n'),
      ),
    ); // prettier-ignore
  catalogue
    .command('leaderboard <campaign>')
    .description('creators of a campaign')
    .addOption(
      new Option('--by <figure>', 'what ranks are by')
        .choices(['earned', 'views'])
        .default('earned'),
    )
    .option(...LIMIT)
    .action(async (id, { by, limit }, command) => {
      const path = at`/campaigns/${id}/leaderboard`;
      const client = await api(command);
      const { currency } = await client.get<LeaderboardAnswer>(`${path}?limit=1`);
      const found = await client.list<LeaderboardAnswer['items'][number]>(path, { by }, limit);
      printList(output, found, ranks(currency), 'No creators.');
    });
  return catalogue;
}

const ENTRIES: readonly Column<CatalogueEntryAnswer>[] = [
  ['CAMPAIGN', (one) => one.campaignId],
  ['NAME', (one) => one.name],
  ['PER 1,000', (one) => money(one.ratePerThousand.default, one.currency)],
  ['REMAINING', (one) => money(one.remaining, one.currency)],
  ['DAYS LEFT', (one) => one.daysLeft?.toFixed(1)],
  ['CLIPS PAID', (one) => count(one.clipsPaid)],
];

const ranks = (currency: string): readonly Column<LeaderboardAnswer['items'][number]>[] => [
  ['RANK', (one) => one.rank],
  ['CREATOR', (one) => one.creatorId],
  ['CLIPS', (one) => count(one.clips)],
  ['VIEWS', (one) => count(one.views)],
  ['EARNED', (one) => money(one.earned, currency)],
];
