import { ANSWERS_WITHIN_MS, MOST_ANSWER_BYTES, SourceFault, retryAfterOf } from './source.js';

/**
 * What an official API's answer says of itself; `spent`: the day's units or the month's money are
 * used up; `busy`: too many calls at once.
 */
export interface Verdict {
  whole: boolean;
  reason: string | undefined;
  spent: boolean;
  busy?: boolean;
}

/**
 * One GET of an official API. Throws {@link SourceFault} if no answer comes, or one that is not
 * `whole`; null stands for what is no JSON.
 */
export async function getJson<T>(
  api: string,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
  judge: (answer: T | null) => Verdict,
): Promise<T> {
  const { response, text } = await got(api, url, headers, signal);
  const answer = parsed(text) as T | null;
  const { whole, reason, spent, busy } = judge(answer);
  if (response.ok && whole) return answer!;
  throw new SourceFault(`${api} answered ${response.status}${reason ? ` (${reason})` : ''}.`, {
    status: response.ok ? 502 : response.status,
    type: spent ? 'monthly-usage-limit-too-low' : busy ? 'rate-limit-exceeded' : reason,
    retryAfter: patienceOf(response),
  });
}

/**
 * Seconds that a refusal asks to wait. X names the end of its window instead, in seconds of the
 * epoch.
 */
function patienceOf({ status, headers }: Response): number | undefined {
  const reset = status === 429 ? Number(headers.get('x-rate-limit-reset') ?? NaN) : NaN;
  return retryAfterOf(
    headers.get('retry-after') ?? (reset > 0 ? new Date(reset * 1_000).toISOString() : null),
    new Date(),
  );
}

async function got(api: string, url: URL, headers: Record<string, string>, signal: AbortSignal) {
  try {
    const response = await fetch(url, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]),
    });
    return { response, text: await textOf(response) };
  } catch (error) {
    const { message, name, cause } = error as Error & { cause?: { code?: string } };
    const code = cause?.code ?? (name === 'TimeoutError' ? 'ETIMEDOUT' : undefined);
    throw new SourceFault(`${api}: ${message}`, { code }, { cause: error });
  }
}

async function textOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    pieces.push(piece);
    if ((bytes += piece.length) <= MOST_ANSWER_BYTES) continue;
    const code = 'ERR_BAD_RESPONSE';
    throw new Error(`its answer has more than ${MOST_ANSWER_BYTES} bytes`, { cause: { code } });
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
