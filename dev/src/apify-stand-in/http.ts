import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ApiError } from './errors.js';

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON, a string as text. */
  body: unknown;
}

const MAX_BODY_BYTES = 9_437_184;

export async function bodyOf(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks);
  if (sent.length > MAX_BODY_BYTES) {
    const message = `The POST payload is too large (limit: ${MAX_BODY_BYTES} bytes, actual length: ${sent.length} bytes).`;
    throw new ApiError(413, 'request-too-large', message);
  }
  if (sent.length === 0) return {};
  try {
    // The client compresses bodies from 1 KB on, with brotli if it can.
    const encoding = req.headers['content-encoding'];
    const plain =
      encoding === 'br'
        ? brotliDecompressSync(sent)
        : encoding === 'gzip'
          ? gunzipSync(sent)
          : sent;
    return JSON.parse(plain.toString('utf8'));
  } catch {
    throw new ApiError(400, 'run-input-body-not-valid-json', 'The request body is not valid JSON.');
  }
}

/** A number from 0 up among the parameters, or null. */
export function numberIn(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (text === '' || !(Number(text) >= 0))
    throw new ApiError(
      400,
      'invalid-parameter',
      `Invalid value provided in ${name} parameter: "${text}"`,
    );
  return Number(text);
}

export const flagIn = (query: URLSearchParams, name: string): boolean =>
  ['1', 'true'].includes(query.get(name) ?? '');

/** `torn` stops in the middle of the JSON, as a broken connection leaves it. */
export function send(
  res: ServerResponse,
  { status = 200, headers = {}, body }: Answer,
  torn = false,
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  res.writeHead(status, { 'content-type': `${type}; charset=utf-8`, ...headers });
  res.end(torn ? text.slice(0, Math.max(1, text.length >> 1)) : text);
}
