import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.js';
import { CliFailure, EXIT, type ExitStatus } from './failure.js';

/** An answer of the API that is no success. */
export class Refused extends CliFailure {
  override readonly name = 'Refused';
  constructor(
    readonly httpStatus: number,
    /** The problem's fixed word, if there is one. */
    readonly code: string,
    message: string,
    /** The fields that it names. */
    readonly errors: readonly { field: string; message: string }[] = [],
  ) {
    super(statusOf(httpStatus), message);
  }
}

const statusOf = (httpStatus: number): ExitStatus => {
  if (httpStatus === 401 || httpStatus === 403) return EXIT.access;
  return httpStatus === 429 || httpStatus >= 500 ? EXIT.unavailable : EXIT.refused;
};

interface ProblemBody {
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
}

const CSV = 'text/csv; charset=utf-8';
const ATTEMPTS = 6;
const TIMEOUT_MS = 30_000;
/** Nothing has happened, and said again later it may. */
const PASSING = (status: number, code: string): boolean =>
  status === 429 ||
  status === 503 ||
  (status === 409 && (code === 'busy' || code === 'in_progress'));

/**
 * The HTTP API as any client uses it. Throws {@link Refused}, or a CliFailure if nobody answers.
 */
export class ApiClient {
  constructor(private readonly connection: Connection) {}

  get<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
    const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    return this.#send<T>(
      'GET',
      given.length > 0 ? `${path}?${new URLSearchParams(given).toString()}` : path,
    );
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.#send<T>('POST', path, body, randomUUID());
  }

  put<T>(path: string, body: object): Promise<T> {
    return this.#send<T>('PUT', path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.#send<T>('DELETE', path);
  }

  /**
   * Without a key, which costs the API two writes: for what the rules let happen only once anyhow.
   */
  make<T>(path: string, body: object): Promise<T> {
    return this.#send<T>('POST', path, body);
  }

  /** At most `limit` things of a list, page by page. */
  async list<T>(
    path: string,
    query: Record<string, string | undefined>,
    limit: number,
    field: 'items' | 'lines' = 'items',
  ): Promise<{ items: T[]; more: boolean }> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.get<{ next: string | null } & Record<string, T[]>>(path, {
        ...query,
        limit: Math.min(200, limit - items.length),
        cursor,
      });
      items.push(...page[field]!);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && items.length < limit);
    return { items, more: cursor !== undefined };
  }

  /** A CSV file that the API writes. */
  download(path: string): Promise<string> {
    return this.#send<string>('GET', path);
  }

  /** A CSV file that the API reads. */
  upload<T>(path: string, csv: string): Promise<T> {
    return this.#send<T>('POST', path, csv, randomUUID());
  }

  async #send<T>(method: string, path: string, body?: object | string, key?: string): Promise<T> {
    const { api, token } = this.connection;
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    const text = typeof body === 'string';
    if (body !== undefined) headers['content-type'] = text ? CSV : 'application/json';
    if (key) headers['idempotency-key'] = key;
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(api + path, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body !== undefined && { body: text ? body : JSON.stringify(body) }),
      }).catch((error: unknown) => unreachable(api, error));
      const csv = response.headers.get('content-type')?.startsWith('text/csv');
      if (csv && response.ok) return `\uFEFF${await response.text()}` as T;
      const answer = (await response.json().catch(() => ({}))) as T & ProblemBody;
      if (response.ok) return answer;
      const { code = '' } = answer;
      if (attempt === ATTEMPTS || !PASSING(response.status, code))
        throw new Refused(response.status, code, sentence(response.status, answer), answer.errors);
      const after = Number(response.headers.get('retry-after') ?? 0.1 * 2 ** attempt);
      await sleep(Math.min(30, Math.max(0.1, after)) * 1_000);
    }
  }
}

function unreachable(api: string, error: unknown): never {
  const { code, message } = (error as { cause?: { code?: string; message?: string } }).cause ?? {};
  const cause = code ?? message ?? (error as Error).name;
  throw new CliFailure(
    EXIT.unavailable,
    `Nobody answers at ${api} (${cause}): is npm start running, or is --api another?`,
  );
}

/**
 * The problem's own sentence; the fields are in it already, but for those of rules that name them
 * apart.
 */
function sentence(status: number, { detail, errors = [] }: ProblemBody): string {
  if (!detail) return `The API answers with status ${status} and no reason.`;
  const unsaid = errors.filter(
    ({ field, message }) => !detail.includes(field) && !detail.includes(message),
  );
  return [detail, ...unsaid.map(({ field, message }) => `  ${field}: ${message}`)].join('\n');
}
