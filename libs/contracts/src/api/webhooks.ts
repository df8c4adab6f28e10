import { z } from 'zod';
import { EntityId, Instant } from '../events/common.js';

const endpoint = {
  endpointId: EntityId,
  brandId: EntityId.nullable(),
  form: z.enum(['standard', 'slack', 'discord', 'email']),
  url: z.url().describe('Of a chat room its host alone: the rest is a secret.'),
  types: z.array(z.string()),
  status: z.enum(['ENABLED', 'DISABLED', 'DEAD']),
  reason: z.string().nullable(),
  createdAt: Instant,
  failingSince: Instant.nullable(),
  lastSuccessAt: Instant.nullable(),
};
export const WebhookEndpointAnswer = z.object(endpoint).meta({ id: 'WebhookEndpoint' });
/** The only answers that have a secret in them. */
export const WebhookSecretAnswer = z
  .object({ ...endpoint, secret: z.string() })
  .meta({ id: 'WebhookEndpointWithSecret' });
export const WebhookEndpointDeletedAnswer = z
  .object({ endpointId: EntityId, deleted: z.literal(true) })
  .meta({ id: 'WebhookEndpointDeleted' });
export const WebhookEndpointsAnswer = z
  .object({ items: z.array(WebhookEndpointAnswer), next: z.string().nullable() })
  .meta({ id: 'WebhookEndpoints' });

export const WebhookDeliveryAnswer = z
  .object({
    webhookId: z.uuid(),
    type: z.string(),
    status: z.enum(['PENDING', 'DELIVERED', 'FAILED']),
    attempts: z.int().nonnegative(),
    queuedAt: Instant,
    nextTryAt: Instant.nullable(),
    deliveredAt: Instant.nullable(),
    lastStatus: z.int().nullable(),
    lastFault: z.string().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export const WebhookDeliveriesAnswer = z
  .object({ items: z.array(WebhookDeliveryAnswer), next: z.string().nullable() })
  .meta({ id: 'WebhookDeliveries' });
export const WebhookReplayAnswer = z
  .object({
    endpointId: EntityId,
    webhookId: z.uuid().optional(),
    from: Instant.optional(),
    to: Instant.optional(),
  })
  .meta({ id: 'WebhookReplay' });

export type WebhookEndpointAnswer = z.infer<typeof WebhookEndpointAnswer>;
export type WebhookDeliveryAnswer = z.infer<typeof WebhookDeliveryAnswer>;
