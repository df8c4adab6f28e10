import { identifyClip, type ClipIdentity } from '@cliptally/contracts';
import dns from 'node:dns/promises';
import { pinnedRequest, type Answer, type PinnedRequest } from './pinned-request.js';
import { isPublicAddress } from './public-address.js';

/** Why a short link could not be followed to a clip. */
export type UnresolvedReason =
  | 'timeout'
  | 'unreachable'
  | 'busy'
  | 'gone'
  | 'no_clip'
  | 'elsewhere'
  | 'private_address'
  | 'too_many_hops';

export interface Unresolved {
  kind: 'unresolved';
  reason: UnresolvedReason;
  /** For the creator: what happened and what to paste instead. */
  message: string;
  /** Whether the same link may well resolve soon. */
  retryable: boolean;
  /** It leads to something that no rule knows: a person may. */
  forPerson?: boolean;
  /** The last address that it led to; nothing is asked of it. */
  leadsTo?: string | null;
}

export interface ResolveOptions {
  /** Gives every IP address of a host. */
  lookup?: (host: string) => Promise<readonly string[]>;
  request?: PinnedRequest;
  /** Gives up early; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
  /**
   * For the whole chain, in the machine's time: the network does not run faster in a faster world.
   */
  timeoutMs?: number;
}

const MAX_HOPS = 5;
const TIMEOUT_MS = 5000;
/**
 * A page instead of a redirect is mostly a captcha or a log-in that is gone later: it says nothing
 * about the clip.
 */
const RETRYABLE: readonly UnresolvedReason[] = ['timeout', 'unreachable', 'busy', 'no_clip'];
const FOR_PERSON: readonly UnresolvedReason[] = ['elsewhere', 'too_many_hops'];
const LONGEST_ADDRESS = 2048;

const lookupAll = async (host: string) =>
  (await dns.lookup(host, { all: true })).map(({ address }) => address);

/**
 * Says which clip a submitted link is of, and asks the platform if it is a short link. Follows
 * at most 5 redirects in 5 s, over https, only to hosts of the allow-list of clip identity and only
 * at public addresses. What cannot be resolved is said to be so: no id is ever read out of a short
 * link's code or out of a page. Rejects with the reason of `signal` when that aborts.
 */
export async function resolveShortLink(
  submitted: string,
  options: ResolveOptions = {},
): Promise<ClipIdentity | Unresolved> {
  const identity = identifyClip(submitted);
  if (identity.kind !== 'short-link') return identity;

  const { lookup = lookupAll, request = pinnedRequest(), signal, timeoutMs = TIMEOUT_MS } = options;
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const deadline = signal ? AbortSignal.any([signal, timeout]) : timeout;
  // A look-up cannot be aborted, only left behind.
  const expired = new Promise<never>((_, reject) =>
    deadline.addEventListener('abort', () => reject(deadline.reason as Error), { once: true }),
  );
  try {
    return await Promise.race([
      follow(new URL(identity.url), { lookup, request, deadline }),
      expired,
    ]);
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.aborted)
      return unresolved(
        'timeout',
        `The link did not lead anywhere within ${timeoutMs / 1000} seconds.`,
      );
    if (!isNetworkError(error)) throw error;
    return unresolved('unreachable', `The link's site could not be reached (${error.code}).`);
  }
}

type Network = Required<Pick<ResolveOptions, 'lookup' | 'request'>> & { deadline: AbortSignal };

async function follow(first: URL, net: Network): Promise<ClipIdentity | Unresolved> {
  let url = first;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const addresses = await net.lookup(url.hostname);
    if (addresses.length === 0 || !addresses.every(isPublicAddress)) {
      return unresolved(
        'private_address',
        `The link's site, ${url.hostname}, has no public address.`,
      );
    }
    net.deadline.throwIfAborted();
    const next = await redirectOf(url, addresses, net);
    if (!(next instanceof URL)) return { ...next, leadsTo: url === first ? null : url.href };

    const identity = identifyClip(next.href);
    if (identity.kind === 'clip') return identity;
    // A page that is no clip may still be on the way to one, such as a short link's longer form;
    // its host is on the allow-list.
    if (identity.kind === 'refused' && identity.reason !== 'not_a_clip') {
      return unresolved(
        'elsewhere',
        'The link leads to an address that is not known here as a clip of a site that we track.',
        next,
      );
    }
    next.protocol = 'https:';
    url = next;
  }
  return unresolved(
    'too_many_hops',
    `The link leads through more than ${MAX_HOPS} other links.`,
    url,
  );
}

/** Where a page redirects to. If it shows a page to a program, it is asked as a browser would. */
async function redirectOf(url: URL, addresses: readonly string[], net: Network) {
  const asked = whereTo(await net.request(url, addresses, net.deadline), url);
  if (asked instanceof URL || asked.reason !== 'no_clip') return asked;
  net.deadline.throwIfAborted();
  return whereTo(await net.request(url, addresses, net.deadline, 'browser'), url);
}

function whereTo({ status, location }: Answer, from: URL): URL | Unresolved {
  if (status === 404 || status === 410)
    return unresolved(
      'gone',
      'The link leads nowhere: the clip was removed, or the link is incomplete.',
    );
  if (status === 429 || status >= 500)
    return unresolved('busy', `The link's site is not answering just now (status ${status}).`);
  const redirects = status >= 300 && status < 400 && location !== undefined;
  return (
    (redirects && URL.parse(location, from.href)) ||
    unresolved(
      'no_clip',
      'The link leads to a page that is not a clip, or that asks visitors to log in.',
    )
  );
}

function unresolved(reason: UnresolvedReason, what: string, to?: URL): Unresolved {
  const message = `${what} Open it, and paste the address that the browser then shows.`;
  const [retryable, forPerson] = [RETRYABLE.includes(reason), FOR_PERSON.includes(reason)];
  const web = to && /^https?:$/.test(to.protocol) && to.href.length <= LONGEST_ADDRESS;
  const leadsTo = web ? to.href : null;
  return {
    kind: 'unresolved',
    reason,
    message,
    retryable,
    ...(forPerson ? { forPerson } : {}),
    leadsTo,
  };
}

/**
 * Errors of DNS, sockets, TLS and HTTP parsing carry a code; anything else is a defect and must be
 * seen.
 */
const isNetworkError = (error: unknown): error is { code: string } =>
  typeof (error as { code?: unknown } | null)?.code === 'string';
