import { z } from 'zod';
import type { Clock } from '@cliptally/contracts';
import { apifyId } from './chance.js';
import { ApiError } from './errors.js';
import { USER_ID, viewOf, type Run, type Webhook } from './runs.js';

const Parameter = z.object({
  eventTypes: z.array(z.string()),
  requestUrl: z.url(),
  payloadTemplate: z.string().optional(),
  headersTemplate: z.string().optional(),
  doNotRetry: z.boolean().optional(),
});

/** The `webhooks` parameter of a start: base64 of a JSON array. */
export function parseWebhooks(parameter: string | null): Webhook[] {
  if (parameter === null) return [];
  try {
    const webhooks = z
      .array(Parameter)
      .parse(JSON.parse(Buffer.from(parameter, 'base64').toString('utf8')));
    for (const { headersTemplate } of webhooks)
      if (headersTemplate) JSON.parse(filled(headersTemplate, {}));
    return webhooks;
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? z.prettifyError(error)
        : 'it, or a headers template in it, is not JSON';
    throw new ApiError(
      400,
      'invalid-parameter',
      `Invalid value provided in webhooks parameter: ${why}`,
    );
  }
}

const RETRIES = 11;

/**
 * What a run that has ended sends to those who asked for it. Resolves when everything is delivered
 * or tried for the last time.
 */
export async function dispatchWebhooks(
  run: Run,
  clock: Clock,
  closing: AbortSignal,
  sent: () => void,
): Promise<void> {
  const does = run.faults.find((f) => f.kind === 'webhook')?.does;
  const eventType = `ACTOR.RUN.${run.plan.ends.replace('-', '_')}`;
  const asked = run.webhooks.filter((webhook) => webhook.eventTypes.includes(eventType));
  if (does === 'never') return;
  await Promise.all(
    asked.map(async (webhook, i) => {
      // A forger knows the address, but neither the secret in the headers nor the id of a run.
      const forged = message(run, 'ACTOR.RUN.SUCCEEDED', clock, apifyId(run.id, 'forged'));
      if (does === 'forged')
        await post(webhook.requestUrl, forged, {}, apifyId(run.id, i, 'forged'), closing);
      const variables = message(run, eventType, clock);
      const headers = webhook.headersTemplate
        ? (JSON.parse(filled(webhook.headersTemplate, variables)) as Record<string, string>)
        : {};
      const payload = webhook.payloadTemplate
        ? filled(webhook.payloadTemplate, variables)
        : variables;
      for (const _ of does === 'twice' ? ['once', 'again'] : ['once']) {
        for (
          let attempt = 0;
          attempt <= (webhook.doNotRetry ? 0 : RETRIES) && !closing.aborted;
          attempt++
        ) {
          // Apify waits 1 min, 2 min, 4 min, ... and gives up after 11 retries, in about 32 h.
          if (attempt > 0) await clock.sleep(60_000 * 2 ** (attempt - 1), closing);
          sent();
          if (
            await post(
              webhook.requestUrl,
              payload,
              headers,
              apifyId(run.id, i, 'dispatch'),
              closing,
            )
          )
            break;
        }
      }
    }),
  );
}

function message(
  run: Run,
  eventType: string,
  clock: Clock,
  runId = run.id,
): Record<string, unknown> {
  const now = clock.now();
  const resource = { ...viewOf(run, now.getTime()), id: runId };
  return {
    userId: USER_ID,
    createdAt: now,
    eventType,
    eventData: { actorId: run.actorId, actorRunId: runId },
    resource,
  };
}

/** Puts the variables of a template in, as JSON: `{{eventType}}`, `{{resource.id}}`. */
const filled = (template: string, variables: Record<string, unknown>): string =>
  template.replace(/\{\{([\w.]+)\}\}/g, (_, path: string) =>
    JSON.stringify(
      path
        .split('.')
        .reduce<unknown>(
          (at, key) => (at as Record<string, unknown> | null | undefined)?.[key],
          variables,
        ) ?? null,
    ),
  );

async function post(
  url: string,
  payload: unknown,
  headers: Record<string, string>,
  dispatchId: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'x-apify-webhook': 'true',
        'x-apify-webhook-dispatch-id': dispatchId,
      },
      body: typeof payload === 'string' ? payload : JSON.stringify(payload),
      signal,
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
