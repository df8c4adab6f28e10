import type { ClientRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

export interface Answer {
  status: number;
  location: string | undefined;
}

/**
 * Asks for `url` at one of `addresses` and nowhere else, follows nothing, and rejects when `signal`
 * aborts.
 */
export type PinnedRequest = (
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
  as?: Visitor,
) => Promise<Answer>;

/** Some sites redirect browsers only, and others everything else only. */
export type Visitor = keyof typeof USER_AGENTS;
const USER_AGENTS = {
  resolver: 'Cliptally-link-resolver/1.0',
  browser:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
} as const;

/**
 * The name is looked up once, by the check of the addresses: a second look-up here could be
 * answered differently (DNS rebinding). TLS still verifies the certificate against the name. Only
 * the head of the answer is taken, at most 16 KiB of it; the body is never read. GET, because some
 * short-link services answer HEAD with an error; and no browser's name at first, because t.co
 * redirects browsers by script.
 */
export const pinnedRequest =
  (send: (url: URL, options: RequestOptions) => ClientRequest = httpsRequest): PinnedRequest =>
  (url, addresses, signal, as = 'resolver') =>
    new Promise((resolve, reject) => {
      const request = send(url, {
        agent: false,
        signal,
        lookup: only(addresses),
        maxHeaderSize: 16 * 1024,
        headers: { accept: '*/*', 'user-agent': USER_AGENTS[as] },
      });
      request.once('response', (response) => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location });
        response.destroy();
      });
      // Stays for errors after the answer, which destroying it can cause and which mean nothing any
      // more.
      request.on('error', reject);
      request.end();
    });

export const only =
  (addresses: readonly string[]): LookupFunction =>
  (_host, options, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    if (options.all) done(null, found);
    else done(null, found[0]!.address, found[0]!.family);
  };
