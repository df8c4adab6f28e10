import type { Platform } from '../platform.js';
import { PLATFORMS, clipIdOf } from '../platforms.js';
import { cleanLink, type CleanLink } from './clean-link.js';
import { hostOf, linkPattern } from './link-pattern.js';
import { LINK_RULES, WRAPPERS, type LinkRules } from './link-rules.js';
import { PASTE_A_CLIP, quote, refuse, type RefusedLink } from './refusal.js';

/**
 * What a submitted link is: a clip; a redirect that has to be resolved before anything can be said;
 * or neither.
 */
export type ClipIdentity = IdentifiedClip | ShortLink | RefusedLink;

export interface IdentifiedClip {
  kind: 'clip';
  platform: Platform;
  /** Case-sensitive, and too large for a number if it has digits only. */
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

/** Links within links within links that are read. */
const DEEPEST = 3;

/**
 * Says which clip a link is of. Pure, never throws, and never guesses: a link of no known form, and
 * one that names two clips, is refused with a sentence for its sender.
 */
export const identifyClip = (submitted: string): ClipIdentity => identify(submitted, 1);

/** The canonical address of a clip, the one that is scraped. */
export const canonicalUrl = (platform: Platform, videoId: string): string =>
  LINK_RULES[platform].canonical.replace('{id}', () => videoId);

/**
 * The video id in a bare id or in any link of that platform; null if there is none. For rows of
 * a scrape, which come back under another link than the one that was asked for, or with an id
 * alone.
 */
export function videoIdFrom(platform: Platform, urlOrId: string): string | null {
  if (LINK_RULES[platform].id.test(urlOrId)) return urlOrId;
  const identity = identifyClip(urlOrId);
  return identity.kind === 'clip' && identity.platform === platform ? identity.videoId : null;
}

function identify(submitted: string, depth: number): ClipIdentity {
  const link = cleanLink(submitted);
  if (link.kind === 'refused') return link;
  const place = placeOf(link.host);
  const onPlace = { ...link, host: place?.host ?? link.host };
  const wrapped = wrappedIn(link).concat(place ? wrappedIn(onPlace) : []);
  if (!place && wrapped.length === 0)
    return refuse(
      'unknown_host',
      `${quote(link.host)} is not a site that we track. ${PASTE_A_CLIP}`,
    );
  const said =
    wrapped[0] === undefined
      ? identifyOn(place!.platform, onPlace, link.host)
      : insideOf(wrapped[0], link.host, depth);
  if (said.kind !== 'clip') return said;
  const { ids, repeated } =
    place && wrapped.length > 0
      ? idsIn(place.platform, onPlace, link.host)
      : { ids: [], repeated: [] };
  const beside = [
    ...[...ids, ...repeated].map((id) => clipIdOf(place!.platform, id)),
    ...linkedIn(link, depth),
  ].find((clipId) => clipId !== said.clipId);
  return beside === undefined ? said : severalClips(said.platform, [said.clipId, beside]);
}

/** The platform of a host, and the host that its rules are written for. */
function placeOf(host: string): Place | undefined {
  const below = (platform: Platform): boolean => {
    const { subdomains } = LINK_RULES[platform];
    return subdomains?.test(host) === true && host.replace(subdomains, '') === bareHome(platform);
  };
  const platform = PLATFORMS.find(below);
  return HOSTS.get(host) ?? (platform && { platform, host: bareHome(platform) });
}

interface Place {
  platform: Platform;
  host: string;
}

const bareHome = (platform: Platform): string => LINK_RULES[platform].home.replace(/^www\./, '');

/** The links that a wrapper carries. */
const wrappedIn = (link: CleanLink): string[] =>
  WRAPPER_PATTERNS.flatMap((matches) => matches(link)?.ids ?? []);

function insideOf(wrapped: string, host: string, depth: number): ClipIdentity {
  const text = /^\/(?!\/)/.test(wrapped) ? `https://${host}${wrapped}` : wrapped;
  const inside =
    depth < DEEPEST
      ? identify(text, depth + 1)
      : refuse('malformed', `There is no end to it. ${PASTE_A_CLIP}`);
  return inside.kind === 'refused'
    ? { ...inside, message: `This link carries another one. ${inside.message}` }
    : inside;
}

/** The clips whose whole links stand in a link's parameters. */
const linkedIn = ({ query }: CleanLink, depth: number): string[] =>
  [...query.values()]
    .filter((value) => depth < DEEPEST && /^\s*(?:https?:)?\/\//iu.test(value))
    .map((value) => identify(value, depth + 1))
    .flatMap((identity) => (identity.kind === 'clip' ? identity.clipId : []));

function identifyOn(platform: Platform, link: CleanLink, host: string): ClipIdentity {
  const { name, paste, id: form } = LINK_RULES[platform];
  const { redirects, otherPages } = PATTERNS[platform];

  if (redirects.some((matches) => matches(link))) return shortLink(platform, link, host);

  const page = otherPages.find(([matches]) => matches(link))?.[1];
  if (page !== undefined)
    return refuse('not_a_clip', `This ${name} link is ${page}, not a single clip. Paste ${paste}.`);

  const { ids, repeated, incomplete } = idsIn(platform, link, host);
  const videoId = ids[0] ?? incomplete;
  if (videoId === undefined)
    return refuse(
      'not_a_clip',
      `This ${name} link is a profile or another page, not a single clip. Paste ${paste}.`,
    );
  // Which of two ids a platform would show is its own affair and may change.
  const other = [...ids, ...repeated].find((id) => id !== videoId);
  if (other !== undefined) return severalClips(platform, [videoId, other]);
  if (!form.test(videoId))
    return refuse('bad_id', `${quote(videoId)} is not a complete ${name} id. Paste ${paste}.`);
  return {
    kind: 'clip',
    platform,
    videoId,
    clipId: clipIdOf(platform, videoId),
    url: canonicalUrl(platform, videoId),
  };
}

/**
 * Every id that a link names: where its platform puts one, in what follows it, and where the
 * platform repeats it; and, if it is not complete, what stands in its place.
 */
function idsIn(
  platform: Platform,
  link: CleanLink,
  host: string,
): { ids: string[]; repeated: string[]; incomplete: string | undefined } {
  const { id: form, words = [], repeats = [], second = form } = LINK_RULES[platform];
  const isId = (text: string) => form.test(text) && !words.includes(text);
  const found = PATTERNS[platform].clips.flatMap(
    (matches) => matches(link) ?? matches({ ...link, host }) ?? [],
  );
  const complete = found.filter(({ ids, inPath }) => !inPath || ids.some(isId));
  const further = complete.flatMap(({ rest, inPath }) =>
    // Before a parameter stands a page's name, which can have the form of an id.
    rest.filter((part) => isId(part) && second.test(part) && (inPath || !/^[a-z_]+$/.test(part))),
  );
  const repeated = repeats.flatMap((name) => link.query.getAll(name)).filter(isId);
  const ids = [...complete.flatMap((match) => match.ids), ...further];
  const incomplete = found.flatMap((match) => match.ids).find((id) => !words.includes(id));
  return { ids, repeated, incomplete };
}

function severalClips(platform: Platform, ids: readonly [string, string]): RefusedLink {
  const { name, paste } = LINK_RULES[platform];
  return refuse(
    'several_links',
    `This ${name} link names two different clips (${ids.map(quote).join(' and ')}). Paste ${paste}.`,
  );
}

function shortLink(platform: Platform, { path }: CleanLink, host: string): ClipIdentity {
  const { name, home, paste } = LINK_RULES[platform];
  if (!/^(?:\/[A-Za-z0-9_-]{1,64})+$/.test(path))
    return refuse('bad_id', `${quote(path)} is not a complete ${name} short link. Paste ${paste}.`);
  const own = host === bareHome(platform) ? home : host;
  return { kind: 'short-link', platform, url: `https://${own}${path}` };
}

function patternsOf(rules: LinkRules) {
  return {
    redirects: rules.redirects.map((row) => linkPattern(row)),
    otherPages: Object.entries(rules.otherPages).map(
      ([row, what]) => [linkPattern(row), what] as const,
    ),
    clips: rules.clips.map((row) => linkPattern(row, true)),
  };
}

const PATTERNS = Object.fromEntries(
  PLATFORMS.map((platform) => [platform, patternsOf(LINK_RULES[platform])]),
) as Record<Platform, ReturnType<typeof patternsOf>>;

const WRAPPER_PATTERNS = WRAPPERS.map((row) => linkPattern(row));

/** The hosts that the rules name; nothing that merely resembles them is one. */
const HOSTS: ReadonlyMap<string, Place> = new Map(
  PLATFORMS.flatMap((platform) => {
    const { clips, redirects, sameAs } = LINK_RULES[platform];
    return [
      ...[...clips, ...redirects].map(
        (row) => [hostOf(row), { platform, host: hostOf(row) }] as const,
      ),
      ...Object.entries(sameAs).map(([from, host]) => [from, { platform, host }] as const),
    ];
  }),
);
