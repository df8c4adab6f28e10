import { EntityId, Instant, Text } from '@cliptally/contracts';
import { z } from 'zod';
import { WEBHOOK_TYPES } from '../domain/webhook.js';
import { ShortLinksQuery } from './schemas.js';

const { limit, cursor } = ShortLinksQuery.shape;

export const NewWebhookEndpoint = z.strictObject({
  form: z
    .enum(['standard', 'slack', 'discord', 'email'])
    .default('standard')
    .describe('Signed JSON for programs, or a sentence for a chat room or a mailbox.'),
  url: z
    .url()
    .max(2048)
    .refine((url) => Text.safeParse(url).success)
    .describe(
      'Where webhooks are posted to: an https address of the public Internet, or mailto: and a mailbox.',
    ),
  types: z
    .array(z.enum(WEBHOOK_TYPES))
    .min(1)
    .max(WEBHOOK_TYPES.length)
    .optional()
    .describe('Which webhooks it gets; all that its owner may have if it is left out.'),
  brandId: EntityId.optional().describe(
    "Whose campaigns it hears of; the operator's endpoint, which hears of all, has none.",
  ),
});
export const WebhookEndpointsQuery = z.strictObject({
  limit,
  cursor,
  brandId: EntityId.optional(),
});
export const WebhookEndpointChange = NewWebhookEndpoint.pick({ url: true, types: true }).partial();
export const WebhookOff = z.strictObject({ reason: Text.trim().max(500).default('') });
export const WebhookReplay = z.strictObject({
  webhookId: z.uuid().optional().describe('One webhook of the deliveries.'),
  from: Instant.optional().describe('Or everything from this instant on ...'),
  to: Instant.optional().describe('... up to this one; up to now if it is left out.'),
});
export const WebhookDeliveriesQuery = z.strictObject({
  limit,
  cursor,
  status: z.enum(['PENDING', 'DELIVERED', 'FAILED']).optional(),
});

export type NewWebhookEndpoint = z.output<typeof NewWebhookEndpoint>;
export type WebhookEndpointsQuery = z.output<typeof WebhookEndpointsQuery>;
export type WebhookEndpointChange = z.output<typeof WebhookEndpointChange>;
export type WebhookOff = z.output<typeof WebhookOff>;
export type WebhookReplay = z.output<typeof WebhookReplay>;
export type WebhookDeliveriesQuery = z.output<typeof WebhookDeliveriesQuery>;
