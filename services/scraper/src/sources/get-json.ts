import { SourceFault, retryAfterOf } from './source.js';

export interface Got {
  status: number;
  ok: boolean;
  /** Null where it was no JSON. */
  body: unknown;
  retryAfter: number | undefined;
}

/** Milliseconds of real time that an official API has to answer. */
export const ANSWERS_WITHIN_MS = 30_000;

/** One GET of an official API. Throws {@link SourceFault} where there is no answer at all. */
export async function getJson(api: string, url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Got> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]) });
    const text = await response.text();
    const retryAfter = retryAfterOf(response.headers.get('retry-after'), new Date());
    return { status: response.status, ok: response.ok, body: parsed(text), retryAfter };
  } catch (error) {
    const { message, name, cause } = error as Error & { cause?: { code?: string } };
    throw new SourceFault(
      `${api}: ${message}`,
      { code: cause?.code ?? (name === 'TimeoutError' ? 'ETIMEDOUT' : undefined) },
      { cause: error },
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
