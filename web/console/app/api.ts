import { connection } from './connection.js';
import { accepted, renewed, session } from './session.js';
import type { Answer, GetRoute, PostRoute, Route } from './routes.js';

export interface FieldFault {
  field: string;
  message: string;
}

/** A refusal of the API (RFC 9457): `code` is a fixed word, `message` a sentence for people. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: readonly FieldFault[] = [],
    readonly retryAfterMs: number | null = null,
  ) {
    super(detail);
  }
}

/** No answer: the API is down, too slow, or there is no network. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  constructor() {
    super('The server does not answer.');
  }
}

/** Whether the same request may succeed a little later. */
export const passes = (error: unknown): boolean =>
  error instanceof Unreachable ||
  (error instanceof ApiFailure && (error.status === 429 || error.status >= 500));

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;
export interface Asked {
  /** Of the one thing that the path names. */
  id?: string;
  /** Whatever else the path names. */
  params?: Readonly<Record<string, string>>;
  query?: Query;
  signal?: AbortSignal;
}
export interface Sent extends Asked {
  body?: object;
  /** Instead of a body: a file as it is, which the API reads as CSV. */
  file?: Blob;
  /** Sent again with the same key, a request does nothing more. */
  key?: string;
}

/** When the server wants to be asked again; null if it does not say. */
export const waitOf = (error: unknown): number | null =>
  error instanceof ApiFailure ? error.retryAfterMs : null;

const SLOW_MS = 4_000;
const LIMIT_MS = 30_000;
const RETRIES = 3;

/** Reads. Throws {@link ApiFailure} or {@link Unreachable}. */
export const get = <R extends GetRoute>(route: R, asked: Asked = {}): Promise<Answer<R>> =>
  ask(route, asked) as Promise<Answer<R>>;

/** A refusal is kept with its key, also once its cause is gone: the next try has another key. */
const anew = new Map<string, string>();

/**
 * Writes, once: a request without an answer is sent again with its key. Throws {@link ApiFailure}
 * or {@link Unreachable}.
 */
export async function post<R extends PostRoute>(route: R, sent: Sent = {}): Promise<Answer<R>> {
  const given = sent.key;
  const key = (given && anew.get(given)) ?? given ?? crypto.randomUUID();
  const once = { ...sent, key, ...(!sent.file && { body: sent.body ?? {} }) };
  for (let retry = 0; ; retry++)
    try {
      return (await ask(route, once)) as Answer<R>;
    } catch (error) {
      if (given && error instanceof ApiFailure && !passes(error))
        anew.set(given, crypto.randomUUID());
      if (!passes(error) || retry === RETRIES || sent.signal?.aborted) throw error;
      await pause(waitOf(error) ?? 500 * 2 ** retry);
    }
}

/** Reads a file of the API, which is text. Throws {@link ApiFailure} or {@link Unreachable}. */
export const getText = (path: string, query: Query = {}): Promise<string> =>
  ask(`GET ${path}`, { query }) as Promise<string>;

async function ask(
  route: Route | `GET ${string}`,
  { id, params = {}, query = {}, body, file, key, signal }: Sent,
): Promise<unknown> {
  const [method, template] = route.split(' ') as [string, string];
  const parameters = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  ).toString();
  const path =
    template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent((name === 'id' ? id : params[name]) ?? ''),
    ) + (parameters ? `?${parameters}` : '');
  for (;;) {
    const { token } = session.get() ?? {};
    const response = await answerTo(path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(key && { 'idempotency-key': key }),
        ...(body && { 'content-type': 'application/json' }),
        ...(file && { 'content-type': 'text/csv' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      ...(file && { body: file }),
      ...(signal && { signal }),
    });
    // The request waits here until somebody has signed in again, and what was typed stays.
    if (response.status !== 401) {
      accepted(token);
      return read(response);
    }
    await renewed(token, await detailOf(response), signal);
  }
}

/** The sentence of a refusal, empty if there is none. */
export async function detailOf(response: Response): Promise<string> {
  const { detail } = (await response.json().catch(() => ({}))) as { detail?: unknown };
  return typeof detail === 'string' ? detail : '';
}

async function read(response: Response): Promise<unknown> {
  // Lines of JSON are a file.
  const json = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  const content: unknown = json ? await response.json() : await response.text();
  if (response.ok) return content;
  const { code, detail, errors } = (json ? content : {}) as Record<string, unknown>;
  const after = Number(response.headers.get('retry-after'));
  throw new ApiFailure(
    response.status,
    typeof code === 'string' ? code : 'unavailable',
    typeof detail === 'string' ? detail : `The server answers with the status ${response.status}.`,
    (errors ?? []) as FieldFault[],
    after > 0 ? after * 1_000 : null,
  );
}

/** The answer; the connection's state follows from how it went. Throws {@link Unreachable}. */
async function answerTo(path: string, init: RequestInit): Promise<Response> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const slow = setTimeout(() => connection.slow(), SLOW_MS);
  try {
    const response = await fetch(path, {
      ...init,
      credentials: 'omit',
      signal: init.signal ? AbortSignal.any([init.signal, limit]) : limit,
    });
    connection.answered(response.status);
    return response;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    connection.down();
    throw new Unreachable();
  } finally {
    clearTimeout(slow);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
