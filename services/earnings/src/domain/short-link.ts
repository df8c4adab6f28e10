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
  /** Waiting: a person has to say which clip it is. */
  status: 'PENDING' | 'WAITING' | 'RESOLVED' | 'REFUSED';
  submittedAt: string;
  /** How often it was followed. */
  tries: number;
  /** Null once it has ended. */
  nextTryAt: string | null;
  /** The try from which on it waits for a person. */
  lastTryAt: string;
  waitsSince: string | null;
  /** The last address that it led to. */
  leadsTo: string | null;
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
 * Why following a link has brought no clip; `retryable` if the same link may well lead to one
 * soon, `forPerson` if it leads to something that only a person can name.
 */
export interface NotFollowed {
  kind: 'unresolved';
  reason: string;
  message: string;
  retryable: boolean;
  forPerson?: boolean;
  leadsTo?: string | null;
}

/** A site that is down is mostly back within minutes, and seldom away for longer than a day. */
const FIRST_PAUSE_MS = MINUTE_MS;
const LONGEST_PAUSE_MS = 240 * MINUTE_MS;
const PATIENCE_MS = DAY_MS;
/** Days that a waiting link has waited at most, and days to its next try then; later, a month. */
const SELDOM: readonly [waited: number, pause: number][] = [
  [1, 1],
  [4, 3],
  [11, 7],
];
const MONTH_DAYS = 30;

/** The same link in the same campaign, by whomever. */
export const linkIdOf = (campaignId: string, url: string): string =>
  derivedId('short-link', campaignId, url);

/**
 * The link after one more event of its stream. A submission begins anew. Throws when the history
 * does not begin with one.
 */
export function evolveShortLink(link: PendingLink | null, fact: ShortLinkFact): PendingLink {
  if (fact.type === 'ShortLinkSubmitted') {
    const { linkId, campaignId, creatorId, url, submittedUrl } = fact.data;
    const { reason, detail } = fact.data;
    const lastTryAt = new Date(ms(fact.time) + PATIENCE_MS).toISOString();
    const asked = { linkId, campaignId, creatorId, url, submittedUrl, submittedAt: fact.time };
    const begun = { ...asked, tries: 1, lastTryAt, waitsSince: null, clipId: null, reason, detail };
    return afterTry({ ...begun, status: 'PENDING', nextTryAt: null, leadsTo: null }, fact);
  }
  if (!link)
    throw new Error(
      `${fact.type} of the short link "${fact.data.linkId}" came before its submission.`,
    );
  if (fact.type === 'ShortLinkTried') {
    const { reason, detail } = fact.data;
    return afterTry({ ...link, reason, detail, tries: link.tries + 1 }, fact);
  }
  const { by } = fact.data;
  const ended = { ...link, tries: link.tries + (by === undefined ? 1 : 0), nextTryAt: null };
  if (fact.type === 'ShortLinkResolved')
    return { ...ended, status: 'RESOLVED', reason: null, detail: null, clipId: fact.data.clipId };
  const { reason, detail } = fact.data;
  return { ...ended, status: 'REFUSED', reason, detail };
}

/** The link after a try that brought no clip: with its place in line for the next one. */
function afterTry(
  link: PendingLink,
  { time, data }: Fact<'ShortLinkSubmitted' | 'ShortLinkTried'>,
): PendingLink {
  const leadsTo = data.leadsTo ?? link.leadsTo;
  const waitsSince = data.forPerson ? (link.waitsSince ?? time) : null;
  const nextTryAt = waitsSince
    ? seldom(waitsSince, time)
    : nextTry(link.tries, time, link.lastTryAt);
  return { ...link, status: waitsSince ? 'WAITING' : 'PENDING', leadsTo, waitsSince, nextTryAt };
}

/** After 1, 2, 4, ... minutes, at most 4 hours; the last time when its time is up. */
function nextTry(tries: number, from: string, lastTryAt: string): string {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  return new Date(Math.min(ms(from) + pause, ms(lastTryAt))).toISOString();
}

/** After a day, three days, a week, and then once a month. */
function seldom(since: string, from: string): string {
  const waited = (ms(from) - ms(since)) / DAY_MS;
  const days = SELDOM.find(([most]) => waited < most)?.[1] ?? MONTH_DAYS;
  return new Date(ms(from) + days * DAY_MS).toISOString();
}

const isOpen = ({ status }: PendingLink): boolean => status === 'PENDING' || status === 'WAITING';

/**
 * Keeps a submission whose link may lead to a clip later. Throws a conflict if the link is
 * waiting in that campaign already.
 */
export function decideShortLink(
  link: PendingLink | null,
  submission: Pick<PendingLink, 'url' | 'submittedUrl' | 'campaignId' | 'creatorId'>,
  found: NotFollowed,
  campaign: Campaign,
  now: Date,
): Decided<'ShortLinkSubmitted'>[] {
  requireOpen(campaign, 'submitted', now, ['ACTIVE']);
  if (link && isOpen(link)) {
    const what =
      link.status === 'WAITING'
        ? 'a person will say which clip it is'
        : `it is tried again by itself until ${link.lastTryAt}`;
    throw conflict(
      'link_pending',
      `The link ${submission.url} is waiting in the campaign "${link.campaignId}" already: ${what}.`,
    );
  }
  const linkId = linkIdOf(submission.campaignId, submission.url);
  return [{ type: 'ShortLinkSubmitted', data: { linkId, ...submission, ...saidOf(found) } }];
}

/** What an event says of a try in vain. */
const saidOf = ({ reason, message, forPerson, leadsTo }: NotFollowed) => ({
  reason,
  detail: message,
  ...(leadsTo ? { leadsTo } : {}),
  ...(forPerson ? { forPerson } : {}),
});

/**
 * What comes of one more try: of the link, and of the clip if it has led to one. `entries` are
 * those of that clip.
 */
export function decideFollowed(
  link: PendingLink,
  found: IdentifiedClip | NotFollowed,
  entries: readonly ClipEntry[],
  campaign: Campaign,
  now: Date,
): { link: Decided[]; clip: Decided[] } {
  const { linkId } = link;
  const refused = (reason: string, detail: string) =>
    refusedBy(link, { code: reason, message: detail });
  try {
    if (found.kind === 'clip') return becomes(link, found, entries, campaign, now);
    requireOpen(campaign, 'submitted', now, ['ACTIVE', 'PAUSED']);
  } catch (error) {
    if (error instanceof RuleBroken) return refusedBy(link, error);
    throw error;
  }
  const late = now.getTime() >= ms(link.lastTryAt);
  // What one try says may be a mistake of its site: two that agree, a day apart, are none.
  const dead = !found.retryable && !found.forPerson && link.reason === found.reason;
  if (dead && link.status === 'WAITING') return refused(found.reason, found.message);
  const forPerson = late || link.status === 'WAITING' || found.forPerson === true;
  const data = { linkId, ...saidOf({ ...found, forPerson }) };
  return { link: [{ type: 'ShortLinkTried', data }], clip: [] };
}

/** The end of a link whose clip the rules refuse. */
export const refusedBy = (
  { linkId }: Pick<PendingLink, 'linkId'>,
  { code, message }: Pick<RuleBroken, 'code' | 'message'>,
): { link: Decided[]; clip: Decided[] } => ({
  link: [{ type: 'ShortLinkRefused', data: { linkId, reason: code, detail: message } }],
  clip: [],
});

/** The end of a link that has led to a clip, and the submission of that clip. */
function becomes(
  { linkId, campaignId, creatorId, submittedUrl }: PendingLink,
  { platform, videoId, url, clipId }: IdentifiedClip,
  entries: readonly ClipEntry[],
  campaign: Campaign,
  now: Date,
  by?: string,
): { link: Decided[]; clip: Decided[] } {
  const submission = { platform, videoId, url, submittedUrl, campaignId, creatorId };
  const clip = decideSubmission(entries, submission, campaign, now);
  const data = { linkId, clipId, ...(by === undefined ? {} : { by }) };
  return { link: [{ type: 'ShortLinkResolved', data }], clip };
}

/**
 * A person says which clip a link is, also of one that was refused. Throws a conflict if it is
 * one already, and if the clip cannot be submitted.
 */
export function decideLinked(
  link: PendingLink,
  found: IdentifiedClip,
  entries: readonly ClipEntry[],
  campaign: Campaign,
  now: Date,
  by: string,
): { link: Decided[]; clip: Decided[] } {
  if (link.status === 'RESOLVED')
    throw conflict(
      'link_state',
      `The short link "${link.linkId}" is RESOLVED: it is the clip "${link.clipId}" already.`,
    );
  return becomes(link, found, entries, campaign, now, by);
}

/** A person says that a link is no clip. */
export function decideLinkRefusal(
  link: PendingLink,
  reason: string,
  by: string,
): Decided<'ShortLinkRefused'>[] {
  if (!isOpen(link))
    throw conflict(
      'link_state',
      `The short link "${link.linkId}" is ${link.status}: only one that waits can be refused.`,
    );
  const { linkId } = link;
  return [
    { type: 'ShortLinkRefused', data: { linkId, reason: 'refused_by_person', detail: reason, by } },
  ];
}
