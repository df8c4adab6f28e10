import { PLATFORMS } from '@cliptally/contracts';
import type { ClipAnswer, ClipCountsAnswer, ShortLinkAnswer } from '@cliptally/contracts/api';
import { writeCsv } from '@cliptally/spreadsheets';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { given, whole, type Context } from './context.js';
import { card, count, minute, money, printList, printOne, type Column } from './output.js';
import { REVIEW_HEADER } from './reviews.js';

type InCampaign = ClipAnswer['campaigns'][number];
type Entry = ClipAnswer & { entry: InCampaign };

const STATES = ['pending', 'approved', 'rejected', 'held', 'retired'];
const SORTS = ['id', 'oldest', 'newest', 'score'];
/** So much of a reason is shown in a list; "clip show" has all of it. */
const SHOWN_OF_A_REASON = 80;

function hours(text: string): number {
  if (!/^\d{1,6}(\.\d+)?$/.test(text))
    throw new InvalidArgumentError('Write a number of hours, for example 24 or 0.5.');
  return Number(text);
}

/** What is meant, of lists and counts alike. */
const withFilters = (command: Command): Command =>
  command
    .option('--campaign <id>', 'only in that campaign')
    .option('--creator <id>', 'only of that creator')
    .addOption(new Option('--platform <platform>', 'only of that platform').choices(PLATFORMS))
    .option('--min-age <hours>', 'only submitted so long ago or longer', hours)
    .option('--min-score <score>', 'only held by the anomaly rules with this score or more', whole)
    .option('--overdue', 'only those whose deadline or date of review has passed')
    .option('--appealed', 'only those with an objection that waits for an answer');

interface Filters {
  campaign?: string;
  creator?: string;
  platform?: string;
  minAge?: number;
  minScore?: number;
  overdue?: true;
  appealed?: true;
}

const queryOf = ({ campaign, creator, platform, minAge, minScore, overdue, appealed }: Filters) =>
  given({
    campaignId: campaign,
    creatorId: creator,
    platform,
    minAgeHours: minAge?.toString(),
    minScore: minScore?.toString(),
    overdue: overdue && 'true',
    appealed: appealed && 'true',
  });

export function countsCommand(clip: Command, { api, output }: Context): void {
  withFilters(clip.command('counts'))
    .description('how many are pending, approved, rejected, held and retired, overdue and appealed')
    .action(async (filters: Filters, command: Command) => {
      const counts = await (await api(command)).get<ClipCountsAnswer>('/clips/counts', queryOf(filters)); // prettier-ignore
      printOne(output, counts, (all) =>
        card(Object.entries(all).map(([state, n]) => [state, count(n)] as const)),
      );
    });
}

export function listCommand(clip: Command, { api, output }: Context): void {
  withFilters(clip.command('list'))
    .description(
      'clips by what is decided of them, for example those to be reviewed: --status pending --sort oldest; without filters also short links that wait',
    )
    .addOption(new Option('--status <state>', 'only in that state').choices(STATES))
    .addOption(
      new Option('--sort <order>', 'score: of the anomaly rules, the highest first')
        .choices(SORTS)
        .default('id'),
    )
    .option('--out <path>', 'a CSV file to fill in with decisions and give to "clip review"')
    .option('--limit <n>', 'show at most so many', whole, 50)
    .action(async ({ status, sort, out, limit, ...filters }: ListOptions, command: Command) => {
      const client = await api(command);
      const query = { ...queryOf(filters), ...given({ status }) };
      const found = await client.list<ClipAnswer>('/clips', { ...query, sort }, limit);
      const rows = found.items.flatMap((one) =>
        one.campaigns
          .filter((entry) => meant(entry, filters, status))
          .map((entry) => ({ ...one, entry })),
      );
      if (out !== undefined) {
        writeFileSync(out, writeCsv([REVIEW_HEADER, ...rows.map(rowOf)]));
        output.note(
          `${rows.length} clips are in ${out}: fill in decision (approve, reject or release) and reason, then clip review ${out}.`,
        );
        return printList(output, { items: [], more: found.more }, [], '');
      }
      const links = await linksOf(filters, status, (which) =>
        client.list<ShortLinkAnswer>('/short-links', which, limit),
      );
      if (output.json) {
        const items = [...found.items, ...links.items.map((link) => ({ ...link, campaigns: [] }))];
        return printList(output, { items, more: found.more || links.more }, [], '');
      }
      printList(output, { items: rows, more: found.more }, COLUMNS, 'No clips.');
      if (links.items.length === 0) return;
      output.out('');
      printList(output, links, LINK_COLUMNS, '');
    });
}

interface ListOptions extends Filters {
  status?: string;
  sort: string;
  out?: string;
  limit: number;
}

/** Short links have neither a state of clips nor a score: they stand in lists that ask for none. */
async function linksOf(
  { campaign, creator, ...others }: Filters,
  status: string | undefined,
  list: (
    which: Record<string, string | undefined>,
  ) => Promise<{ items: ShortLinkAnswer[]; more: boolean }>,
): Promise<{ items: ShortLinkAnswer[]; more: boolean }> {
  if (status !== undefined || Object.keys(others).length > 0) return { items: [], more: false };
  const { items, more } = await list({ campaignId: campaign, creatorId: creator });
  return { items: items.filter((link) => link.status !== 'RESOLVED'), more };
}

/** The API gives a clip with all its campaigns: those that are not asked for are left out. */
const meant = (entry: InCampaign, { campaign, creator }: Filters, status?: string): boolean =>
  (campaign === undefined || entry.campaignId === campaign) &&
  (creator === undefined || entry.creatorId === creator) &&
  (status === undefined || stateIn(entry) === status);

const stateIn = ({ status, hold, retired }: InCampaign): string => {
  if (hold) return 'held';
  return retired ? 'retired' : status.toLowerCase();
};

/** PENDING, APPROVED, REJECTED, and what stands beside it. */
const shownState = ({ status, hold, retired }: InCampaign): string =>
  [status, hold ? 'on hold' : '', retired ? `retired (${retired})` : ''].filter(Boolean).join(', ');

function whyOf({ hold, rejection, appeal }: InCampaign): string | null {
  const why = appeal && !appeal.answer ? `objection: ${appeal.text}` : (hold ?? rejection)?.reason;
  if (!why) return null;
  const line = why.replace(/\s+/g, ' ');
  return line.length > SHOWN_OF_A_REASON ? `${line.slice(0, SHOWN_OF_A_REASON - 1)}…` : line;
}

const COLUMNS: readonly Column<Entry>[] = [
  ['CLIP', (clip) => clip.clipId],
  ['VIEWS', (clip) => count(clip.views)],
  ['SEEN', (clip) => minute(clip.observedAt)],
  ['CAMPAIGN', ({ entry }) => entry.campaignId],
  ['CREATOR', ({ entry }) => entry.creatorId],
  ['STATUS', ({ entry }) => shownState(entry)],
  ['EARNED', ({ entry }) => money(entry.earned, entry.currency)],
  ['DUE', ({ entry }) => money(entry.due, entry.currency)],
  ['SUBMITTED', ({ entry }) => minute(entry.submittedAt)],
  ['REVIEW AT', ({ entry }) => minute(entry.reviewAt)],
  ['SCORE', ({ entry }) => entry.hold?.anomaly?.score],
  ['WHY', ({ entry }) => whyOf(entry)],
];

/** In the order of {@link REVIEW_HEADER}. */
const rowOf = ({ clipId, url, views, entry }: Entry): string[] => [
  clipId,
  entry.campaignId,
  '',
  '',
  stateIn(entry),
  entry.creatorId,
  url,
  views === null ? '' : String(views),
  String(entry.hold?.anomaly?.score ?? ''),
  whyOf(entry) ?? '',
];

const LINK_COLUMNS: readonly Column<ShortLinkAnswer>[] = [
  ['SHORT LINK', (link) => link.url],
  ['ID', (link) => link.linkId],
  ['CAMPAIGN', (link) => link.campaignId],
  ['CREATOR', (link) => link.creatorId],
  ['STATUS', (link) => link.status],
  ['TRIES', (link) => link.tries],
  ['NEXT TRY', (link) => minute(link.nextTryAt)],
  ['WHY', (link) => link.detail],
];
