import type { Webhook } from '../domain/webhook.js';
import type { Health } from '../domain/webhook-retries.js';

export type EndpointStatus = 'ENABLED' | 'DISABLED' | 'DEAD';
/** A signed webhook, or the same as a sentence for people. */
export type EndpointForm = 'standard' | 'slack' | 'discord' | 'email';
export type DeliveryStatus = 'PENDING' | 'DELIVERED' | 'FAILED';

export interface Endpoint extends Health {
  endpointId: string;
  /** Null: the operator's. */
  brandId: string | null;
  form: EndpointForm;
  url: string;
  types: string[];
  status: EndpointStatus;
  /** Why it is not enabled. */
  reason: string | null;
  createdAt: Date;
  fromPosition: number;
  lastSuccessAt: Date | null;
}

export interface Delivery {
  endpointId: string;
  webhookId: string;
  type: string;
  position: number;
  stream: string;
  revision: number;
  payload: Webhook | null;
  status: DeliveryStatus;
  attempts: number;
  queuedAt: Date;
  firstTriedAt: Date | null;
  nextTryAt: Date;
  endedAt: Date | null;
  lastStatus: number | null;
  lastFault: string | null;
}

/** A webhook before it is known who wants it. */
export interface Queued extends Pick<Delivery, 'webhookId' | 'type' | 'position' | 'stream'> {
  revision: number;
  payload: Webhook | null;
  /** Whose campaign it is of. */
  brandId: string | null;
}

export const ENDPOINT_COLUMNS = `
  e.endpoint_id as "endpointId", e.brand_id as "brandId", e.form, e.url, e.types, e.status, e.reason,
  e.created_at as "createdAt", e.from_position::float8 as "fromPosition", e.failures,
  e.failing_since as "failingSince", e.rests_until as "restsUntil",
  e.last_success_at as "lastSuccessAt"`;

export const DELIVERY_COLUMNS = `
  d.endpoint_id as "endpointId", d.webhook_id as "webhookId", d.type,
  d.position::float8 as position, d.stream, d.revision, d.payload, d.status, d.attempts,
  d.queued_at as "queuedAt", d.first_tried_at as "firstTriedAt", d.next_try_at as "nextTryAt",
  d.ended_at as "endedAt", d.last_status as "lastStatus", d.last_fault as "lastFault"`;
