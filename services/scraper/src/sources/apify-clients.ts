import type { Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import { ApifyApiError, ApifyClient } from 'apify-client';
import type { RunEnds } from '../run-ends.js';
import { MOST_ANSWER_BYTES, SourceFault, retryAfterOf } from './source.js';

export interface ApifyOptions {
  token: string;
  baseUrl?: string;
  clock: Clock;
  /** The account's tier, by which some events are priced. */
  tier?: () => Promise<string | null>;
  log?: Pick<Log, 'warn'>;
  /** Real time that a start may take to be answered. */
  startWithinMs?: number;
  /** Where Apify shall tell that a run has ended; without it the run is asked for. */
  webhook?: { url: string; secret: string; ends: RunEnds } | undefined;
}

/**
 * `start` is a POST without an idempotency key: a repeated one may bill a second run, so the client
 * tries it once only.
 */
export function apifyClients({ token, baseUrl, clock, startWithinMs = 30_000 }: ApifyOptions): {
  starting: ApifyClient;
  reading: ApifyClient;
} {
  const common = { token, ...(baseUrl ? { baseUrl } : {}) };
  const starting = new ApifyClient({
    ...common,
    maxRetries: 0,
    timeoutSecs: Math.ceil(startWithinMs / 1_000),
  });
  const reading = new ApifyClient({
    ...common,
    maxRetries: 2,
    minDelayBetweenRetriesMillis: Math.ceil(250 / clock.speed),
    timeoutSecs: 90,
  });
  for (const client of [starting, reading]) {
    keepRetryAfter(client);
    client.httpClient.axios.defaults.maxContentLength = MOST_ANSWER_BYTES;
    // What it would say in a format of its own, the fault that we log says as well.
    client.httpClient.logger.setLevel(0);
  }
  return { starting, reading };
}

/**
 * The client's error keeps an answer's `error.data` but none of its headers: Retry-After is put
 * where it survives.
 */
function keepRetryAfter(client: ApifyClient): void {
  client.httpClient.axios.interceptors.response.use((response) => {
    const after: unknown = response.headers['retry-after'];
    const error = (response.data as { error?: { data?: object } } | undefined)?.error;
    if (after !== undefined && error && typeof error === 'object')
      error.data = { ...error.data, retryAfter: after };
    return response;
  });
}

/** Calls Apify; rejects with a {@link SourceFault} that says `what` failed. */
export async function callApify<T>(what: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as { code?: string };
    const { statusCode, type, data } = error instanceof ApifyApiError ? error : {};
    const retryAfter = retryAfterOf(data?.['retryAfter'], clock.now());
    throw new SourceFault(
      `Apify: ${what} failed (${(error as Error).message})`,
      { status: statusCode, type, code, retryAfter },
      { cause: error },
    );
  }
}
