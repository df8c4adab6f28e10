import { derivedId, type IdentifiedClip } from '@cliptally/contracts';
import { requireOpen, type Campaign } from './campaign.js';
import { decideSubmission } from './submission.js';
import type { ClipEntry } from './clip.js';
import { DAY_MS, MINUTE_MS, ms, type Decided, type Fact } from './fact.js';
import { conflict, RuleBroken } from './rule-broken.js';

/**
 * A clip submitted by a short link that could not be followed yet. It is no clip: it counts nowhere
 * before it resolves.
 */
export interface PendingLink {
  linkId: string;
  campaignId: string;
  creatorId: string;
  url: string;
  submittedUrl: string;
  status: 'PENDING' | 'RESOLVED' | 'REFUSED';
  submittedAt: string;
  /** How often it was followed. */
  tries: number;
  /** Null once it has ended. */
  nextTryAt: string | null;
  /** The last try, after which it is refused. */
  lastTryAt: string;
  /**
   * Why it is not a clip, as a fixed word and as a sentence for its creator; null once it is one.
   */
  reason: string | null;
  detail: string | null;
  clipId: string | null;
}

export type ShortLinkFact = Fact<
  'ShortLinkSubmitted' | 'ShortLinkTried' | 'ShortLinkResolved' | 'ShortLinkRefused'
>;

/**
 * Why following a link has brought no clip; `retryable` where the same link may well lead to one
 * later.
 */
export interface NotFollowed {
  kind: 'unresolved';
  reason: string;
  message: string;
  retryable: boolean;
}

/**
 * A site that is down is mostly back within minutes, and nobody waits longer than a day for an
 * answer.
 */
const FIRST_PAUSE_MS = MINUTE_MS;
const LONGEST_PAUSE_MS = 240 * MINUTE_MS;
export const PATIENCE_MS = DAY_MS;

/** The same link in the same campaign, by whomever. */
export const linkIdOf = (campaignId: string, url: string): string =>
  derivedId('short-link', campaignId, url);

/**
 * The link after one more event of its stream. A submission begins anew. Throws when the history
 * does not begin with one.
 */
export function evolveShortLink(link: PendingLink | null, fact: ShortLinkFact): PendingLink {
  if (fact.type === 'ShortLinkSubmitted') {
    const lastTryAt = new Date(ms(fact.time) + PATIENCE_MS).toISOString();
    const fresh = { status: 'PENDING', submittedAt: fact.time, lastTryAt, clipId: null } as const;
    return { ...fact.data, ...fresh, tries: 1, nextTryAt: nextTry(1, fact.time, lastTryAt) };
  }
  if (!link)
    throw new Error(
      `${fact.type} of the short link "${fact.data.linkId}" came before its submission.`,
    );
  const tries = link.tries + 1;
  switch (fact.type) {
    case 'ShortLinkTried': {
      const { reason, detail } = fact.data;
      return {
        ...link,
        reason,
        detail,
        tries,
        nextTryAt: nextTry(tries, fact.time, link.lastTryAt),
      };
    }
    case 'ShortLinkResolved':
      return {
        ...link,
        status: 'RESOLVED',
        tries,
        nextTryAt: null,
        reason: null,
        detail: null,
        clipId: fact.data.clipId,
      };
    default:
      return {
        ...link,
        status: 'REFUSED',
        tries,
        nextTryAt: null,
        reason: fact.data.reason,
        detail: fact.data.detail,
      };
  }
}

/** After 1, 2, 4, ... minutes, at most 4 hours; the last time when its time is up. */
function nextTry(tries: number, from: string, lastTryAt: string): string {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  return new Date(Math.min(ms(from) + pause, ms(lastTryAt))).toISOString();
}

/**
 * Keeps a submission whose link may lead to a clip later. Throws a conflict where the link is
 * waiting in that campaign already.
 */
export function decideShortLink(
  link: PendingLink | null,
  submission: Pick<PendingLink, 'url' | 'submittedUrl' | 'campaignId' | 'creatorId'>,
  { reason, message }: NotFollowed,
  campaign: Campaign,
  now: Date,
): Decided<'ShortLinkSubmitted'>[] {
  requireOpen(campaign, 'submitted', now, ['ACTIVE']);
  if (link?.status === 'PENDING') {
    throw conflict(
      'link_pending',
      `The link ${submission.url} is waiting in the campaign "${link.campaignId}" already: it is tried again by itself until ${link.lastTryAt}.`,
    );
  }
  const linkId = linkIdOf(submission.campaignId, submission.url);
  return [{ type: 'ShortLinkSubmitted', data: { linkId, ...submission, reason, detail: message } }];
}

/**
 * What comes of one more try: of the link, and of the clip where it has led to one. `entries` are
 * those of that clip.
 */
export function decideFollowed(
  link: PendingLink,
  found: IdentifiedClip | NotFollowed,
  entries: readonly ClipEntry[],
  campaign: Campaign,
  now: Date,
): { link: Decided[]; clip: Decided[] } {
  const { linkId, campaignId, creatorId, submittedUrl } = link;
  const refused = (reason: string, detail: string) => ({
    link: [{ type: 'ShortLinkRefused' as const, data: { linkId, reason, detail } }],
    clip: [],
  });
  if (found.kind === 'clip') {
    const { platform, videoId, url, clipId } = found;
    try {
      const clip = decideSubmission(
        entries,
        { platform, videoId, url, submittedUrl, campaignId, creatorId },
        campaign,
        now,
      );
      return { link: [{ type: 'ShortLinkResolved', data: { linkId, clipId } }], clip };
    } catch (error) {
      if (error instanceof RuleBroken) return refused(error.code, error.message);
      throw error;
    }
  }
  const { reason, message, retryable } = found;
  if (!retryable) return refused(reason, message);
  if (now.getTime() >= ms(link.lastTryAt))
    return refused(reason, `It was tried ${link.tries + 1} times in 24 hours. ${message}`);
  return {
    link: [{ type: 'ShortLinkTried', data: { linkId, reason, detail: message } }],
    clip: [],
  };
}
