import type { Timers } from '@cliptally/contracts';
import { sentenceOf } from '../domain/webhook-text.js';
import type { Webhook } from '../domain/webhook.js';
import { AddressRefused, publicAddressesOf, type Lookup } from './address.js';
import type { SendMail } from './mail.js';
import type { PinnedPost } from './post.js';
import type { FailedTry } from './queue.js';
import type { Endpoint } from './rows.js';
import { signedHeaders } from './signature.js';

/** How endpoints are reached; a test has its own. */
export interface WebhookNetwork {
  lookup: Lookup;
  post: PinnedPost;
  /** Null: there is no mail server. */
  mail: SendMail | null;
}

export interface Sending {
  webhookId: string;
  webhook: Webhook;
  endpoint: Pick<Endpoint, 'form' | 'url'>;
  secrets: readonly string[];
  at: Date;
}

/** For one try, in real time. */
const TIMEOUT_MS = 15_000;
const MAIL_TAKEN = 250;

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Tries once; gives the status of a success, else what went wrong. */
export async function send(
  sending: Sending,
  network: WebhookNetwork,
  timers: Timers,
  stop: AbortSignal,
): Promise<number | FailedTry> {
  const late = new AbortController();
  const cancel = timers.after(TIMEOUT_MS, () => late.abort());
  const signal = AbortSignal.any([late.signal, stop]);
  // A look-up cannot be aborted, only left behind.
  const expired = aborted(signal).then((): never => {
    throw new Error('There was no answer within 15 seconds.');
  });
  try {
    return await Promise.race([expired, sendIn(sending, network, signal)]);
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    const what =
      late.signal.aborted || error instanceof AddressRefused
        ? message
        : `It could not be reached (${code ?? message}).`;
    return { status: null, what: what.slice(0, 500), gone: false, retryAfterMs: 0 };
  } finally {
    cancel();
  }
}

async function sendIn(
  sending: Sending,
  { lookup, post, mail }: WebhookNetwork,
  signal: AbortSignal,
): Promise<number | FailedTry> {
  const { webhookId, webhook, endpoint, at } = sending;
  if (endpoint.form === 'email') {
    if (!mail) throw new AddressRefused('No mail server is set up here (SMTP_URL).');
    await mail(endpoint.url.slice('mailto:'.length), webhookId, sentenceOf(webhook));
    return MAIL_TAKEN;
  }
  const { url, addresses } = await publicAddressesOf(endpoint.url, lookup);
  signal.throwIfAborted();
  const { body, headers } = requestOf(sending);
  const { status, retryAfter } = await post(url, addresses, headers, body, signal);
  if (status >= 200 && status < 300) return status;
  return {
    status,
    what: `It answered with the status ${status}.`,
    gone: status === 410,
    retryAfterMs: delayOf(retryAfter, at),
  };
}

/** Slack reads links and mentions between angle brackets. */
const forSlack = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function requestOf({ webhookId, webhook, endpoint, secrets, at }: Sending) {
  if (endpoint.form === 'slack')
    return { headers: {}, body: JSON.stringify({ text: sentenceOf(webhook, forSlack) }) };
  if (endpoint.form === 'discord') {
    const content = sentenceOf(webhook).slice(0, 2_000);
    return { headers: {}, body: JSON.stringify({ content, allowed_mentions: { parse: [] } }) };
  }
  const body = JSON.stringify(webhook);
  return { headers: signedHeaders(webhookId, at, body, secrets), body };
}

/** `Retry-After`: seconds, or an instant. */
function delayOf(header: string | undefined, now: Date): number {
  if (header === undefined) return 0;
  const ms = /^\d{1,9}$/.test(header)
    ? Number(header) * 1000
    : new Date(header).getTime() - now.getTime();
  return ms > 0 ? ms : 0;
}
