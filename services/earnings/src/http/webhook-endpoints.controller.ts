import { Controller, Get, Inject, Post } from '@nestjs/common';
import type { Clock } from '@cliptally/contracts';
import {
  WebhookDeliveriesAnswer,
  WebhookDeliveryAnswer,
  WebhookEndpointAnswer,
  WebhookEndpointDeletedAnswer,
  WebhookEndpointsAnswer,
  WebhookReplayAnswer,
  WebhookSecretAnswer,
} from '@cliptally/contracts/api';
import { Endpoints, type Delivery, type Endpoint } from '../webhooks/index.js';
import type { Caller } from '@cliptally/contracts/api';
import { requireOwner } from './auth/ownership.js';
import { Ask, Operation, type Asked } from './operation.js';
import { isInstantAndId, pageOf, placeIn } from './paging.js';
import { badRequest, forbidden, notFound } from './problem.js';
import type { Nothing } from './schemas.js';
import { CLOCK } from './tokens.js';
import {
  NewWebhookEndpoint,
  WebhookDeliveriesQuery,
  WebhookEndpointChange,
  WebhookEndpointsQuery,
  WebhookOff,
  WebhookReplay,
} from './webhook-schemas.js';

const LIST = 'webhook-endpoints';
const DELIVERIES = 'webhook-deliveries';

/** Where outgoing webhooks go: the operator's own endpoints, and those of brands. */
@Controller('webhook-endpoints')
export class WebhookEndpointsController {
  constructor(
    @Inject(Endpoints) private readonly endpoints: Endpoints,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @Operation({
    summary: 'Add an endpoint; the answer alone has the secret that its webhooks are signed with',
    roles: ['admin', 'brand'],
    status: 201,
    body: NewWebhookEndpoint,
    answer: WebhookSecretAnswer,
    refusals: ['endpoint_address', 'no_mail', 'webhook_type', 'too_many_endpoints'],
  })
  async add(@Ask() { caller, body, commandId }: Asked<NewWebhookEndpoint>) {
    const { form, url, types, brandId = caller.role === 'brand' ? caller.subject : null } = body;
    if (caller.role === 'brand' && brandId !== caller.subject)
      throw forbidden('A brand adds endpoints of its own only: leave brandId out.');
    // A brand could send mail to strangers in our name.
    if (caller.role === 'brand' && form === 'email')
      throw forbidden('Only an admin adds mailboxes: ask the operator.');
    const { endpoint, secret } = await this.endpoints.add(commandId, { brandId, form, url, types });
    return { ...endpointView(endpoint), secret };
  }

  @Get()
  @Operation({
    summary: 'List endpoints, newest first',
    roles: ['admin', 'brand'],
    status: 200,
    query: WebhookEndpointsQuery,
    answer: WebhookEndpointsAnswer,
  })
  async list(@Ask() { caller, query }: Asked<Nothing, WebhookEndpointsQuery>) {
    const { limit, cursor, brandId } = query;
    const found = await this.endpoints.list({
      brandId: caller.role === 'brand' ? caller.subject : brandId,
      after: placeIn(cursor, isInstantAndId, LIST),
      limit: limit + 1,
    });
    const { rows, next } = pageOf(
      found,
      limit,
      ({ createdAt, endpointId }) => [createdAt.toISOString(), endpointId],
      LIST,
    );
    return { items: rows.map(endpointView), next };
  }

  @Get(':id')
  @Operation({
    summary: 'Show an endpoint',
    roles: ['admin', 'brand'],
    status: 200,
    answer: WebhookEndpointAnswer,
  })
  async show(@Ask() { caller, params }: Asked) {
    return endpointView(await this.#own(caller, params['id']!));
  }

  @Post(':id/change')
  @Operation({
    summary: 'Give an endpoint another address, or other types; what waits for it is sent there',
    roles: ['admin', 'brand'],
    status: 200,
    body: WebhookEndpointChange,
    answer: WebhookEndpointAnswer,
    refusals: ['endpoint_address', 'webhook_type'],
  })
  async change(@Ask() { caller, params, body }: Asked<WebhookEndpointChange>) {
    const endpoint = await this.#own(caller, params['id']!);
    return endpointView(await this.endpoints.change(endpoint, body));
  }

  @Post(':id/delete')
  @Operation({
    summary:
      'Delete an endpoint, its secrets and all that waits for it; nothing is sent to it again',
    roles: ['admin', 'brand'],
    status: 200,
    answer: WebhookEndpointDeletedAnswer,
  })
  async delete(@Ask() { caller, params }: Asked) {
    const { endpointId } = await this.#own(caller, params['id']!);
    await this.endpoints.delete(endpointId);
    return { endpointId, deleted: true };
  }

  @Post(':id/disable')
  @Operation({
    summary: 'Send nothing to an endpoint any more',
    roles: ['admin', 'brand'],
    status: 200,
    body: WebhookOff,
    answer: WebhookEndpointAnswer,
  })
  async disable(@Ask() { caller, params, body }: Asked<WebhookOff>) {
    const { endpointId } = await this.#own(caller, params['id']!);
    return endpointView(await this.endpoints.disable(endpointId, body.reason));
  }

  @Post(':id/enable')
  @Operation({
    summary: 'Send to an endpoint again: what waited for it, and what happens from now on',
    roles: ['admin', 'brand'],
    status: 200,
    answer: WebhookEndpointAnswer,
    refusals: ['too_many_endpoints'],
  })
  async enable(@Ask() { caller, params }: Asked) {
    const { endpointId } = await this.#own(caller, params['id']!);
    return endpointView(await this.endpoints.enable(endpointId));
  }

  @Post(':id/rotate')
  @Operation({
    summary: 'Make a new secret; the old one signs beside it for 24 hours',
    roles: ['admin', 'brand'],
    status: 200,
    answer: WebhookSecretAnswer,
  })
  async rotate(@Ask() { caller, params, commandId }: Asked) {
    const endpoint = await this.#own(caller, params['id']!);
    const secret = await this.endpoints.rotate(commandId, endpoint.endpointId);
    return { ...endpointView(endpoint), secret };
  }

  @Post(':id/test')
  @Operation({
    summary: 'Send a webhook of the type webhook.test; its delivery shows the outcome',
    roles: ['admin', 'brand'],
    status: 200,
    answer: WebhookDeliveryAnswer,
    refusals: ['endpoint_state'],
  })
  async test(@Ask() { caller, params, commandId }: Asked) {
    const { endpointId } = await this.#own(caller, params['id']!);
    return deliveryView(await this.endpoints.test(commandId, endpointId));
  }

  @Post(':id/replay')
  @Operation({
    summary: 'Send again: one webhook, or everything of a time, also what was never sent',
    roles: ['admin', 'brand'],
    status: 200,
    body: WebhookReplay,
    answer: WebhookReplayAnswer,
    refusals: ['endpoint_state'],
  })
  async replay(@Ask() { caller, params, body, commandId }: Asked<WebhookReplay>) {
    const { endpointId } = await this.#own(caller, params['id']!);
    const { webhookId, from, to = this.clock.now().toISOString() } = body;
    if ((webhookId === undefined) === (from === undefined))
      throw badRequest('Name either a webhook by webhookId, or a time by from.', [
        { field: 'webhookId', message: 'is needed, or from' },
      ]);
    if (webhookId !== undefined) {
      if (!(await this.endpoints.replayOne(endpointId, webhookId)))
        throw notFound(
          `There is no webhook "${webhookId}" among the deliveries of the last 30 days; name its time by from and to.`,
        );
      return { endpointId, webhookId };
    }
    if (new Date(from!) > new Date(to))
      throw badRequest('from must not be after to.', [
        { field: 'from', message: 'must not be after to' },
      ]);
    await this.endpoints.replaySpan(commandId, endpointId, new Date(from!), new Date(to));
    return { endpointId, from, to };
  }

  @Get(':id/deliveries')
  @Operation({
    summary: 'List the webhooks of an endpoint, newest first, and the outcome of each',
    roles: ['admin', 'brand'],
    status: 200,
    query: WebhookDeliveriesQuery,
    answer: WebhookDeliveriesAnswer,
  })
  async deliveries(@Ask() { caller, params, query }: Asked<Nothing, WebhookDeliveriesQuery>) {
    const { endpointId } = await this.#own(caller, params['id']!);
    const { limit, cursor, status } = query;
    const found = await this.endpoints.deliveries({
      endpointId,
      status,
      after: placeIn(cursor, isInstantAndId, DELIVERIES),
      limit: limit + 1,
    });
    const { rows, next } = pageOf(
      found,
      limit,
      ({ queuedAt, webhookId }) => [queuedAt.toISOString(), webhookId],
      DELIVERIES,
    );
    return { items: rows.map(deliveryView), next };
  }

  async #own(caller: Caller, id: string): Promise<Endpoint> {
    const endpoint = await this.endpoints.find(id);
    requireOwner(
      caller,
      endpoint && { brandId: endpoint.brandId ?? undefined },
      `endpoint "${id}"`,
    );
    return endpoint!;
  }
}

const instant = (at: Date | null): string | null => at?.toISOString() ?? null;

const endpointView = (endpoint: Endpoint): WebhookEndpointAnswer => {
  const { endpointId, brandId, form, url, types, status, reason } = endpoint;
  return {
    endpointId,
    brandId,
    form,
    url: form === 'slack' || form === 'discord' ? new URL('/', url).href : url,
    types,
    status,
    reason,
    createdAt: endpoint.createdAt.toISOString(),
    failingSince: instant(endpoint.failingSince),
    lastSuccessAt: instant(endpoint.lastSuccessAt),
  };
};

const deliveryView = (delivery: Delivery): WebhookDeliveryAnswer => {
  const { webhookId, type, status, attempts, lastStatus, lastFault } = delivery;
  return {
    webhookId,
    type,
    status,
    attempts,
    queuedAt: delivery.queuedAt.toISOString(),
    nextTryAt: status === 'PENDING' ? delivery.nextTryAt.toISOString() : null,
    deliveredAt: status === 'DELIVERED' ? instant(delivery.endedAt) : null,
    lastStatus,
    lastFault,
  };
};
