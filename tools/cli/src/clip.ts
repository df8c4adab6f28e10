import { Command } from 'commander';
import type { ClipAnswer, ShortLinkAnswer } from '@cliptally/contracts/api';
import { at, given, instant, type Context } from './context.js';
import { card, count, minute, money, printOne, table, type Column } from './output.js';
import { countsCommand, listCommand } from './review-lists.js';
import { reviewCommand } from './reviews.js';

type InCampaign = ClipAnswer['campaigns'][number];

export function clipCommand(context: Context): Command {
  const clip = new Command('clip').description('submit clips, decide on them, show them');
  clip
    .command('submit <url>')
    .description('submit a clip to a campaign')
    .requiredOption('--campaign <id>', 'the campaign')
    .option('--creator <id>', 'whose clip it is; a creator itself needs no such flag')
    .action(async (url, { campaign, creator }, command) => {
      const asked = given({ url, campaignId: campaign, creatorId: creator });
      const answer = await (
        await context.api(command)
      ).post<ClipAnswer | ShortLinkAnswer>('/clips', asked);
      if ('status' in answer)
        printOne(
          context.output,
          answer,
          (link) => `${linkCard(link)}\n\nSee what becomes of it: clip show ${link.linkId}`,
        );
      else show(answer);
    });
  listCommand(clip, context);
  countsCommand(clip, context);
  reviewCommand(clip, context);
  clip
    .command('show <id>')
    .description('one clip, with what it has earned in each campaign; or one waiting short link')
    .action(async (id, _, command) => {
      const api = await context.api(command);
      // A clip's id begins with its platform.
      if (/^[0-9a-f]{8}-/.test(id))
        printOne(context.output, await api.get<ShortLinkAnswer>(at`/short-links/${id}`), linkCard);
      else show(await api.get(at`/clips/${id}`));
    });
  for (const [name, what] of [
    ['approve', 'approve: its views count from now on'],
    ['release', 'release from a hold; what was due is paid'],
  ] as const)
    decision(name, what).action(async (id, options, command) => decide(id, name, options, command));
  decision('reject', 'reject, with a reason that the creator sees')
    .requiredOption('--reason <text>')
    .action(async (id, options, command) => decide(id, 'reject', options, command));
  decision('hold', 'hold: accrues nothing until it is released')
    .requiredOption('--reason <text>')
    .option('--review-at <instant>', 'when it is decided; in three days if it is left out', instant)
    .action(async (id, options, command) => decide(id, 'hold', options, command));
  clip
    .command('track <id>')
    .description('request a scrape now, outside any tracking run')
    .action(async (id, _, command) => {
      const answer = await (
        await context.api(command)
      ).post<{ requestId: string }>(at`/clips/${id}/track`);
      printOne(
        context.output,
        answer,
        ({ requestId }) => `A scrape of ${id} is requested (${requestId}).`,
      );
    });
  clip
    .command('restore <id>')
    .description('bring a retired clip back: it is scraped as before; a creator may once a day')
    .action(async (id, _, command) =>
      show(await (await context.api(command)).post(at`/clips/${id}/restore`)),
    );
  decision('appeal', 'object to a rejection or a hold, once')
    .requiredOption('--text <text>')
    .action((id, options, command) => decide(id, 'appeal', options, command));
  for (const [name, granted, what] of [
    ['grant-appeal', true, 'the creator is right: the clip is approved or released'],
    ['deny-appeal', false, 'the decision stays'],
  ] as const)
    decision(name, what)
      .requiredOption('--reason <text>', 'its creator reads it')
      .action(async (id, { campaign, reason }, command) =>
        show(
          await (
            await context.api(command)
          ).post(at`/clips/${id}/appeal/answer`, given({ campaignId: campaign, granted, reason })),
        ),
      );
  decision('move', 'to the campaign it belongs to, with its dates and its views')
    .requiredOption('--to <campaign>')
    .requiredOption('--reason <text>')
    .action((id, options, command) => decide(id, 'move', options, command));
  clip
    .command('view-field <id> <field>')
    .description('read its views from another field of its sources from now on')
    .requiredOption('--reason <text>')
    .action(async (id, field, { reason }, command) =>
      show(await (await context.api(command)).post(at`/clips/${id}/view-field`, { field, reason })),
    );
  return clip;

  function decision(name: string, what: string): Command {
    return clip
      .command(`${name} <id>`)
      .description(what)
      .option('--campaign <id>', 'needed if the clip is in several');
  }

  async function decide(
    id: string,
    name: string,
    { campaign, ...options }: Record<string, string>,
    command: Command,
  ): Promise<void> {
    show(
      await (
        await context.api(command)
      ).post(`${at`/clips/${id}`}/${name}`, given({ ...options, campaignId: campaign })),
    );
  }

  function show(answer: ClipAnswer): void {
    printOne(context.output, answer, clipCard);
  }
}

/** PENDING, APPROVED, REJECTED, and what stands beside it. */
const stateOf = ({ status, hold, retired }: InCampaign): string =>
  [
    status,
    hold ? `on hold until ${minute(hold.reviewAt)}: ${hold.reason}` : '',
    retired ? `retired (${retired})` : '',
  ]
    .filter(Boolean)
    .join(', ');

const IN_CAMPAIGN: readonly Column<InCampaign>[] = [
  ['CAMPAIGN', (entry) => entry.campaignId],
  ['CREATOR', (entry) => entry.creatorId],
  ['STATUS', stateOf],
  ['EARNED', (entry) => money(entry.earned, entry.currency)],
  ['DUE', (entry) => money(entry.due, entry.currency)],
];

const linkCard = (link: ShortLinkAnswer): string =>
  card([
    ['short link', link.url],
    ['id', link.linkId],
    ['campaign', link.campaignId],
    ['creator', link.creatorId],
    ['status', link.status],
    ['why', link.detail],
    ['clip', link.clipId],
    ['tries', link.tries],
    ['next try', minute(link.nextTryAt)],
    ['last try', link.nextTryAt && minute(link.lastTryAt)],
  ]);

function clipCard(clip: ClipAnswer): string {
  const lines = card([
    ['clip', clip.clipId],
    ['address', clip.url],
    ['views', count(clip.views)],
    ['seen', minute(clip.observedAt)],
    ['source', clip.source],
    ['since', minute(clip.sourceChangedAt)],
    ['view field', clip.viewField],
    ...scrapesIn(clip),
  ]);
  const why = clip.campaigns.flatMap(({ campaignId, keeps = [] }) =>
    keeps.map(({ sentence }) => `${campaignId}: ${sentence}`),
  );
  const parts = [lines, table(clip.campaigns, IN_CAMPAIGN), why.join('\n')];
  return parts.filter(Boolean).join('\n\n');
}

/** The answer to a decision does not have them: a clip that is shown has. */
function scrapesIn({ lastScrapeAt, lastScrapeFailed, nextScrapeAfter }: ClipAnswer) {
  if (nextScrapeAfter === undefined) return [];
  const failed = lastScrapeFailed ? `, failed: ${lastScrapeFailed}` : '';
  return [
    ['last scrape', lastScrapeAt ? `${minute(lastScrapeAt)}${failed}` : null],
    ['next scrape', nextScrapeAfter ? `after ${minute(nextScrapeAfter)}, as its turn comes` : null],
  ] as const;
}
