import { clipIdOf } from '../events/common.js';
import { PLATFORMS, type Platform } from '../platform.js';
import { cleanLink, type CleanLink } from './clean-link.js';
import { hostOf, linkPattern } from './link-pattern.js';
import { LINK_RULES, type LinkRules } from './link-rules.js';
import { quote, refuse, SITES, type RefusedLink } from './refusal.js';

/**
 * What a submitted link is: a clip; a redirect that has to be resolved before anything can be said;
 * or neither.
 */
export type ClipIdentity = IdentifiedClip | ShortLink | RefusedLink;

export interface IdentifiedClip {
  kind: 'clip';
  platform: Platform;
  /** Case-sensitive, and too large for a number where it has digits only. */
  videoId: string;
  /** `<platform>-<videoId>`: the identity, the same however the clip was pasted. */
  clipId: string;
  /** Canonical address; a function of platform and id alone. */
  url: string;
}

export interface ShortLink {
  kind: 'short-link';
  /** Whose short link it is; a t.co link may lead to a clip elsewhere. */
  platform: Platform;
  url: string;
}

/**
 * Says which clip a link is of. Pure, never throws, and never guesses: a link of no known form is
 * refused with a sentence for its sender.
 */
export function identifyClip(submitted: string): ClipIdentity {
  const link = cleanLink(submitted);
  if (link.kind === 'refused') return link;
  const known = HOSTS.get(link.host);
  if (!known) {
    return refuse(
      'unknown_host',
      `${quote(link.host)} is not a site that we track. Paste the link of one clip on ${SITES}.`,
    );
  }
  return identifyOn(known.platform, { ...link, host: known.as });
}

/** The canonical address of a clip, the one that is looked at. */
export const canonicalUrl = (platform: Platform, videoId: string): string =>
  LINK_RULES[platform].canonical.replace('{id}', () => videoId);

/**
 * The video id in a bare id or in any link of that platform; null where there is none. For rows of
 * a scrape, which come back under another link than the one that was asked for, or with an id
 * alone.
 */
export function videoIdFrom(platform: Platform, urlOrId: string): string | null {
  if (LINK_RULES[platform].id.test(urlOrId)) return urlOrId;
  const identity = identifyClip(urlOrId);
  return identity.kind === 'clip' && identity.platform === platform ? identity.videoId : null;
}

function identifyOn(platform: Platform, link: CleanLink): ClipIdentity {
  const rules = LINK_RULES[platform];
  const { redirects, otherPages, clips } = PATTERNS[platform];

  if (redirects.some((matches) => matches(link))) return shortLink(platform, link);

  const page = otherPages.find(([matches]) => matches(link))?.[1];
  if (page !== undefined)
    return refuse(
      'not_a_clip',
      `This ${rules.name} link is ${page}, not a single clip. Paste ${rules.paste}.`,
    );

  const ids = [...new Set(clips.flatMap((matches) => matches(link) ?? []))];
  const [videoId] = ids;
  if (videoId === undefined)
    return refuse(
      'not_a_clip',
      `This ${rules.name} link is a profile or another page, not a single clip. Paste ${rules.paste}.`,
    );
  // Which of two ids a platform would show is its own affair and may change.
  if (ids.length > 1)
    return refuse(
      'several_links',
      `This ${rules.name} link names two different clips (${ids.slice(0, 2).map(quote).join(' and ')}). Paste ${rules.paste}.`,
    );
  if (!rules.id.test(videoId))
    return refuse(
      'bad_id',
      `${quote(videoId)} is not a complete ${rules.name} id. Paste ${rules.paste}.`,
    );
  return {
    kind: 'clip',
    platform,
    videoId,
    clipId: clipIdOf(platform, videoId),
    url: canonicalUrl(platform, videoId),
  };
}

function shortLink(platform: Platform, link: CleanLink): ClipIdentity {
  const { name, home, paste } = LINK_RULES[platform];
  if (!/^(?:\/[A-Za-z0-9_-]{1,64})+$/.test(link.path))
    return refuse(
      'bad_id',
      `${quote(link.path)} is not a complete ${name} short link. Paste ${paste}.`,
    );
  const host = home === `www.${link.host}` ? home : link.host;
  return { kind: 'short-link', platform, url: `https://${host}${link.path}` };
}

function patternsOf(rules: LinkRules) {
  return {
    redirects: rules.redirects.map(linkPattern),
    otherPages: Object.entries(rules.otherPages).map(
      ([pattern, what]) => [linkPattern(pattern), what] as const,
    ),
    clips: rules.clips.map(linkPattern),
  };
}

const PATTERNS = Object.fromEntries(
  PLATFORMS.map((platform) => [platform, patternsOf(LINK_RULES[platform])]),
) as Record<Platform, ReturnType<typeof patternsOf>>;

/**
 * The exact allow-list of hosts: those that the rules name, and nothing that merely resembles them.
 */
const HOSTS: ReadonlyMap<string, { platform: Platform; as: string }> = new Map(
  PLATFORMS.flatMap((platform) => {
    const { clips, redirects, sameAs } = LINK_RULES[platform];
    const own = [...clips, ...redirects].map(
      (pattern) => [hostOf(pattern), { platform, as: hostOf(pattern) }] as const,
    );
    return [
      ...own,
      ...Object.entries(sameAs).map(([host, as]) => [host, { platform, as }] as const),
    ];
  }),
);
