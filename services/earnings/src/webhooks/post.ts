import type { ClientRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { only } from '../short-links/pinned-request.js';

export interface PostAnswer {
  status: number;
  retryAfter: string | undefined;
}

/** Posts to `url` at one of `addresses` and nowhere else, and rejects when `signal` aborts. */
export type PinnedPost = (
  url: URL,
  addresses: readonly string[],
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
) => Promise<PostAnswer>;

/**
 * As the request of short links: the name was looked up by the check of the addresses, TLS
 * verifies the certificate against the name, no redirect is followed, and the answer's body is
 * never read.
 */
export const pinnedPost =
  (send: (url: URL, options: RequestOptions) => ClientRequest = httpsRequest): PinnedPost =>
  (url, addresses, headers, body, signal) =>
    new Promise((resolve, reject) => {
      const request = send(url, {
        method: 'POST',
        agent: false,
        signal,
        lookup: only(addresses),
        maxHeaderSize: 16 * 1024,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Cliptally-webhooks/1.0',
        },
      });
      request.once('response', (response) => {
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
        });
        response.destroy();
      });
      // Stays for errors after the answer, which mean nothing any more.
      request.on('error', reject);
      request.end(body);
    });
