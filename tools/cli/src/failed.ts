import { Command } from 'commander';
import type { ClipAnswer, RetriedScrapesAnswer } from '@cliptally/contracts/api';
import type { ApiClient } from './api-client.js';
import { LIMIT, at, given, type Context } from './context.js';
import { EXIT, wrongUse } from './failure.js';
import { count, minute, printList, printOne, type Column } from './output.js';

export function failedCommand(context: Context): Command {
  const failed = new Command('failed').description('clips whose newest scrape failed');
  failed
    .command('list')
    .description('what failed, and why')
    .option(...LIMIT)
    .action(async ({ limit }, command) =>
      printList(
        context.output,
        await (await context.api(command)).list<FailedScrape>('/failed-scrapes', {}, limit),
        FAILED,
        'Nothing has failed.',
      ),
    );
  failed
    .command('retry [ids...]')
    .description(
      'scrape again: those that failed, by their ids in the list, or all; each is requested again once, however often this is called',
    )
    .option('--all', 'all that failed and may pass')
    .option('--platform <name>', 'of all: those of one platform')
    .option(
      '--reason <word>',
      'of all: those that failed for this reason, also if it will hardly pass',
    )
    .action(async (ids: string[], { all, platform, reason }, command) => {
      if (ids.length > 0 === (all === true)) throw wrongUse('Name failed scrapes, or --all.');
      if (!all && (platform ?? reason) !== undefined)
        throw wrongUse('--platform and --reason go with --all.');
      const api = await context.api(command);
      const items = all ? await everyPage(api, given({ platform, reason })) : await named(api, ids);
      const requests = items.flatMap(({ requestId }) => requestId ?? []);
      const refused = items.filter(({ requestId }) => requestId === null);
      for (const { detail } of refused) context.output.note(detail!);
      if (context.output.json) context.output.out(JSON.stringify(requests, null, 2));
      else if (requests.length === 1)
        context.output.out(`A new scrape is requested (${requests[0]}).`);
      else if (requests.length > 1 || refused.length === 0)
        context.output.out(`${requests.length} new scrapes are requested.`);
      if (refused.length > 0) context.exit(EXIT.refused);
    });
  failed
    .command('confirm <id>')
    .description('confirm a figure that nobody could believe: it becomes an observation')
    .action(async (id, _, command) => {
      const clip = await (
        await context.api(command)
      ).post<ClipAnswer>(at`/failed-scrapes/${id}/confirm`);
      printOne(context.output, clip, ({ clipId, views }) => `${clipId} has ${count(views)} views.`);
    });
  return failed;
}

const RETRY = '/failed-scrapes/retry';
/** As many as the API takes at once. */
const PAGE = 200;
type Again = RetriedScrapesAnswer['items'];

async function named(api: ApiClient, ids: readonly string[]): Promise<Again> {
  const items: Again = [];
  for (let i = 0; i < ids.length; i += PAGE)
    items.push(
      ...(await api.post<RetriedScrapesAnswer>(RETRY, { ids: ids.slice(i, i + PAGE) })).items,
    );
  return items;
}

async function everyPage(api: ApiClient, which: object): Promise<Again> {
  const items: Again = [];
  for (let cursor: string | undefined; ;) {
    const page = await api.post<RetriedScrapesAnswer>(RETRY, {
      ...which,
      limit: PAGE,
      ...given({ cursor }),
    });
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
}

interface FailedScrape {
  id: string;
  clipId: string;
  reason: string;
  detail: string | null;
  views: number | null;
  retiredAt: string | null;
  retryable: boolean;
  attempts: number;
  failures: number;
  failedAt: string;
}

const FAILED: readonly Column<FailedScrape>[] = [
  ['FAILED SCRAPE', (scrape) => scrape.id],
  ['CLIP', (scrape) => scrape.clipId],
  ['REASON', (scrape) => scrape.reason],
  ['MAY PASS', (scrape) => (scrape.retryable ? 'yes' : 'no')],
  ['ATTEMPTS', (scrape) => scrape.attempts],
  ['IN A ROW', (scrape) => scrape.failures],
  ['SINCE', (scrape) => minute(scrape.failedAt)],
  ['RETIRED', (scrape) => minute(scrape.retiredAt)],
  ['VIEWS', (scrape) => count(scrape.views)],
  ['DETAIL', (scrape) => scrape.detail],
];
