import { PLATFORMS, type CampaignTerms } from '@cliptally/contracts';
import { Command, Option } from 'commander';
import { readFileSync } from 'node:fs';
import type { CampaignAnswer, CloseOutAnswer } from '@cliptally/contracts/api';
import { clockHere } from './connection.js';
import { LIMIT, amount, at, given, instant, whole, type Context } from './context.js';
import { wrongUse } from './failure.js';
import { card, count, minute, money, printList, printOne, type Cell } from './output.js';

export function campaignCommand(context: Context): Command {
  const campaign = new Command('campaign').description('launch campaigns and manage them');
  campaign.addCommand(create(context));
  campaign
    .command('list')
    .description('campaigns, newest first')
    .addOption(new Option('--status <status>', 'only those').choices(['ACTIVE', 'PAUSED', 'ENDED']))
    .option('--brand <id>', 'only those of a brand')
    .option(...LIMIT)
    .action(async ({ status, brand, limit }, command) => {
      const found = await (
        await context.api(command)
      ).list<CampaignAnswer>('/campaigns', { status, brandId: brand }, limit);
      printList(context.output, found, COLUMNS, 'No campaigns.');
    });
  campaign
    .command('show <id>')
    .description('one campaign: its terms, what it has spent, and how long its budget lasts')
    .action(async (id, _, command) =>
      show(await (await context.api(command)).get(at`/campaigns/${id}`)),
    );
  campaign
    .command('top-up <id>')
    .argument('<amount>', 'minor units', amount)
    .description('add to the budget')
    .action(async (id, more, _, command) =>
      show(await (await context.api(command)).post(at`/campaigns/${id}/top-up`, { amount: more })),
    );
  for (const [name, what] of [
    ['pause', 'no scrapes, no new clips, no accruals until it is resumed'],
    ['end', 'for good; what was seen before is still settled'],
  ] as const)
    campaign
      .command(`${name} <id>`)
      .description(what)
      .option('--reason <text>', 'for the record')
      .action(async (id, options, command) =>
        show(await (await context.api(command)).post(at`/campaigns/${id}/${name}`, given(options))),
      );
  campaign
    .command('close-out <id>')
    .description('what it still waits for, and what goes back to the brand')
    .action(async (id, _, command) =>
      printOne(
        context.output,
        await (await context.api(command)).get<CloseOutAnswer>(at`/campaigns/${id}/close-out`),
        ({ closed, waiting, remaining, currency }) =>
          card([
            ['closed', closed ? 'yes' : 'no'],
            ...Object.entries(waiting).map(([what, n]) => [`waits: ${what}`, String(n)] as const),
            ['remaining', money(remaining, currency)],
          ]),
      ),
    );
  campaign
    .command('visibility <id>')
    .description('who may see it: every creator in the catalogue, names on its leaderboard')
    .addOption(new Option('--catalogue <state>', 'shown there or not').choices(['on', 'off']))
    .addOption(new Option('--names <state>', 'creators see each other').choices(['on', 'off']))
    .action(async (id, { catalogue, names }, command) => {
      const isOn = (state?: string) => (state === undefined ? undefined : state === 'on');
      const body = given({ publicCatalogue: isOn(catalogue), leaderboardNames: isOn(names) });
      show(await (await context.api(command)).post(at`/campaigns/${id}/visibility`, body));
    });
  campaign
    .command('resume <id>')
    .description('end a pause')
    .action(async (id, _, command) =>
      show(await (await context.api(command)).post(at`/campaigns/${id}/resume`)),
    );
  return campaign;

  function show(answer: CampaignAnswer): void {
    printOne(context.output, answer, campaignCard);
  }
}

/** Flags of the terms, and a file for those who keep them in one; flags win over the file. */
function create({ api, output }: Context): Command {
  const command = new Command('create')
    .description('launch a campaign; amounts are minor units (150 is 1.50 USD)')
    .option('--file <path>', 'terms as JSON, as the API takes them; flags win over it')
    .option('--id <id>', 'its id; one is made if there is none')
    .option('--brand <id>', 'whose campaign it is; a brand itself needs no such flag')
    .option('--name <text>', 'what creators see')
    .option('--currency <code>', 'ISO 4217, for example USD')
    .option('--budget <amount>', 'minor units', amount)
    .option('--rate <amount>', 'minor units per thousand views', amount)
    .option('--min-views <n>', 'below this a clip earns nothing', whole)
    .option('--max-payout-per-clip <amount>', 'minor units', amount)
    .addOption(
      new Option('--count-from <what>', 'whether views before the approval count').choices([
        'zero',
        'approval',
      ]),
    )
    .option('--tracking-days <n>', 'days from approval during which views count', whole)
    .option('--starts-at <instant>', 'now if it is left out', instant)
    .option('--ends-at <instant>', 'never if it is left out', instant)
    .option('--no-exclusive', 'its clips may earn in other campaigns too')
    .option('--validation-days <n>', 'days until earnings may be paid out', whole)
    .option('--min-payout <amount>', 'minor units', amount)
    .option('--fee <n>', 'platform fee in basis points (250 is 2.5 %)', whole)
    .addOption(
      new Option('--fee-from <whom>', 'who bears the fee; the brand: on top of earnings')
        .choices(['brand', 'creator'])
        .default('brand'),
    )
    .option('--max-submissions-per-day <n>', 'by one creator, in a day of UTC', whole);
  for (const platform of PLATFORMS)
    command.option(
      `--rate-${platform} <amount>`,
      `rate on ${platform}, where it is another`,
      amount,
    );
  return command.action(async (options, command) => {
    const { file, id, brand, rate, exclusive, fee, feeFrom, ...flags } = options as Record<
      string,
      unknown
    >;
    const terms = typeof file === 'string' ? termsIn(file) : {};
    const rates = Object.fromEntries(
      PLATFORMS.map((platform) => [
        platform,
        flags[`rate${platform[0]!.toUpperCase()}${platform.slice(1)}`],
      ]),
    );
    for (const platform of PLATFORMS)
      delete flags[`rate${platform[0]!.toUpperCase()}${platform.slice(1)}`];
    const body = {
      startsAt: clockHere().now().toISOString(),
      ...terms,
      ...given(flags),
      ...(fee !== undefined && { platformFee: { basisPoints: fee, bearer: feeFrom } }),
      ...given({ campaignId: id, brandId: brand, ...(exclusive === false ? { exclusive } : {}) }),
      ratePerThousand: { ...terms.ratePerThousand, ...given({ default: rate, ...rates }) },
    };
    printOne(
      output,
      await (await api(command)).post<CampaignAnswer>('/campaigns', body),
      campaignCard,
    );
  });
}

function termsIn(file: string): Partial<CampaignTerms> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<CampaignTerms>;
  } catch (error) {
    throw wrongUse(`The terms in ${file} cannot be read: ${(error as Error).message}.`);
  }
}

const COLUMNS = [
  ['CAMPAIGN', (c: CampaignAnswer) => c.campaignId],
  ['NAME', (c: CampaignAnswer) => c.name],
  ['BRAND', (c: CampaignAnswer) => c.brandId],
  ['STATUS', (c: CampaignAnswer) => (c.exhausted ? `${c.status}, exhausted` : c.status)],
  ['BUDGET', (c: CampaignAnswer) => money(c.budget, c.currency)],
  ['SPENT', (c: CampaignAnswer) => money(c.spent, c.currency)],
  ['REMAINING', (c: CampaignAnswer) => money(c.remaining, c.currency)],
] as const;

function campaignCard(c: CampaignAnswer): string {
  const rates = Object.entries(c.ratePerThousand).map(
    ([platform, rate]) =>
      `${platform === 'default' ? '' : `${platform} `}${money(rate, c.currency)}`,
  );
  const lines: [string, Cell][] = [
    ['campaign', c.campaignId],
    ['name', c.name],
    ['brand', c.brandId],
    ['status', c.exhausted ? `${c.status}, budget exhausted` : c.status],
    ['budget', money(c.budget, c.currency)],
    ['spent', money(c.spent, c.currency)],
    [
      'platform fee',
      c.platformFee
        ? `${c.platformFee.basisPoints / 100} % borne by the ${c.platformFee.bearer}, ${money(c.fees, c.currency)} so far`
        : null,
    ],
    ['remaining', money(c.remaining, c.currency)],
    ['per thousand', rates.join(', ')],
    ['from', `${count(c.minViews)} views`],
    [
      'at most',
      c.maxPayoutPerClip === null ? null : `${money(c.maxPayoutPerClip, c.currency)} a clip`,
    ],
    [
      'views count',
      `from ${c.countFrom === 'zero' ? 'the first one' : 'approval'}, for ${c.trackingDays} days`,
    ],
    ['runs', `${minute(c.startsAt)} to ${minute(c.endsAt)}`],
    ['exclusive', c.exclusive ? 'yes' : 'no'],
    ['payable after', `${c.validationDays} days, from ${money(c.minPayout, c.currency)} up`],
  ];
  if (c.endedAt) lines.push(['ended', minute(c.endedAt)]);
  if (c.pace) {
    const { expected, soonest, latest } = c.pace.daysLeft;
    const days = (value: number | null) => (value === null ? 'never' : value.toFixed(1));
    lines.push(['pace', `${money(c.pace.perDay, c.currency)} a day`]);
    lines.push([
      'days left',
      expected === null ? null : `${days(expected)} (${days(soonest)} to ${days(latest)})`,
    ]);
  }
  return card(lines);
}
