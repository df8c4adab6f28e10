import type { WebhookDeliveryAnswer, WebhookEndpointAnswer } from '@cliptally/contracts/api';
import { Command, Option } from 'commander';
import { LIMIT, at, given, instant, type Context } from './context.js';
import { card, minute, printList, printOne, type Cell, type Column } from './output.js';

type WithSecret = WebhookEndpointAnswer & { secret?: string };

/** Endpoints of webhooks: set them up, try them, and send again what they have missed. */
export function webhookCommand({ api, output }: Context): Command {
  const webhook = new Command('webhook').description(
    'endpoints that get a webhook when something happens',
  );
  const path = '/webhook-endpoints';
  const show = (answer: WithSecret) => printOne(output, answer, endpointCard);
  webhook
    .command('add <url>')
    .description('a new endpoint; its secret is shown here only')
    .option('--types <type...>', 'what it hears of; all it may if left out')
    .option('--brand <id>', 'whose campaigns it hears of')
    .addOption(
      new Option('--form <form>', 'signed JSON, or a sentence for people')
        .choices(['standard', 'slack', 'discord', 'email'])
        .default('standard'),
    )
    .action(async (url: string, { types, brand, form }, command) =>
      show(
        await (await api(command)).post(path, { url, form, ...given({ types, brandId: brand }) }),
      ),
    );
  webhook
    .command('list')
    .description('endpoints, newest first')
    .option(...LIMIT)
    .action(async ({ limit }, command) =>
      printList(
        output,
        await (await api(command)).list<WebhookEndpointAnswer>(path, {}, limit),
        ENDPOINTS,
        'No endpoints.',
      ),
    );
  webhook
    .command('change <id>')
    .description('another address, or other types; what waits goes there')
    .option('--url <url>')
    .option('--types <types...>')
    .action(async (id, options, command) =>
      show(await (await api(command)).post(at`/webhook-endpoints/${id}/change`, given(options))),
    );
  webhook
    .command('delete <id>')
    .description('delete it, with its secrets and all that waits for it')
    .action(async (id, _, command) =>
      printOne(
        output,
        await (
          await api(command)
        ).post<{ endpointId: string }>(at`/webhook-endpoints/${id}/delete`),
        ({ endpointId }) => `${endpointId} is deleted.`,
      ),
    );
  for (const [name, what] of [
    ['enable', 'send to it again: what waited, and what happens from now on'],
    ['disable', 'send nothing to it any more'],
    ['rotate', 'a new secret; the old one signs beside it for 24 hours'],
  ] as const)
    webhook
      .command(`${name} <id>`)
      .description(what)
      .action(async (id, _, command) =>
        show(await (await api(command)).post(at`/webhook-endpoints/${id}/${name}`)),
      );
  webhook
    .command('test <id>')
    .description('send a webhook that says nothing')
    .action(async (id, _, command) =>
      printOne(
        output,
        await (await api(command)).post<WebhookDeliveryAnswer>(at`/webhook-endpoints/${id}/test`),
        ({ webhookId, status }) =>
          card([
            ['webhook', webhookId],
            ['status', status],
          ]),
      ),
    );
  webhook
    .command('deliveries <id>')
    .description('what was sent to it, and the outcomes')
    .option(...LIMIT)
    .action(async (id, { limit }, command) =>
      printList(
        output,
        await (
          await api(command)
        ).list<WebhookDeliveryAnswer>(at`/webhook-endpoints/${id}/deliveries`, {}, limit),
        DELIVERIES,
        'Nothing was sent.',
      ),
    );
  webhook
    .command('replay <id>')
    .description('send again: one webhook, or everything of a time')
    .option('--webhook <id>', 'that one')
    .option('--from <instant>', 'everything from then on', instant)
    .option('--to <instant>', 'up to then; up to now if left out', instant)
    .action(async (id, { webhook: webhookId, from, to }, command) => {
      const asked = given({ webhookId, from, to });
      const answer = await (
        await api(command)
      ).post<object>(at`/webhook-endpoints/${id}/replay`, asked);
      output.out(output.json ? JSON.stringify(answer, null, 2) : 'It is sent again.');
    });
  return webhook;
}

const endpointCard = (endpoint: WithSecret): string =>
  card([
    ['endpoint', endpoint.endpointId],
    ['status', endpoint.status],
    ['brand', endpoint.brandId],
    ['form', endpoint.form],
    ['url', endpoint.url],
    ['types', endpoint.types.join(', ')],
    ...(endpoint.secret ? [['secret', endpoint.secret] as [string, Cell]] : []),
  ]);

const ENDPOINTS: readonly Column<WebhookEndpointAnswer>[] = [
  ['ENDPOINT', ({ endpointId }) => endpointId],
  ['STATUS', ({ status }) => status],
  ['BRAND', ({ brandId }) => brandId],
  ['FORM', ({ form }) => form],
  ['URL', ({ url }) => url],
  ['FAILING SINCE', ({ failingSince }) => minute(failingSince)],
];

const DELIVERIES: readonly Column<WebhookDeliveryAnswer>[] = [
  ['WEBHOOK', ({ webhookId }) => webhookId],
  ['TYPE', ({ type }) => type],
  ['STATUS', ({ status }) => status],
  ['TRIES', ({ attempts }) => attempts],
  ['QUEUED', ({ queuedAt }) => minute(queuedAt)],
  ['LAST FAULT', ({ lastFault }) => lastFault],
];
