import { quote, refuse, SITES, type RefusedLink } from './refusal.js';

/** What is left of a submitted link when everything that says nothing about identity is gone. */
export interface CleanLink {
  kind: 'link';
  /** Lower case, without www., m., mobile. or web. */
  host: string;
  /** Decoded once; begins with "/" or is empty, has no empty parts and no slash at the end. */
  path: string;
  query: URLSearchParams;
}

/** As long as a ClipSubmitted event keeps it. */
const MAX_LENGTH = 2048;

/**
 * Takes a link apart as text, before any URL parser has had its way with it: parsers turn
 * backslashes into slashes, drop tabs, hide default ports and map look-alike letters to plain ones,
 * and each of these has been used to pass one site off as another.
 */
export function cleanLink(submitted: string): CleanLink | RefusedLink {
  if (submitted.length > MAX_LENGTH) {
    return refuse(
      'too_long',
      `The link has ${submitted.length} characters; at most ${MAX_LENGTH} are read. Remove everything after the "?".`,
    );
  }
  // Chat applications put invisible marks around what they copy; around a link they mean nothing,
  // inside one they hide something.
  const text = submitted.replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, '');
  const fault = faultOfText(text);
  if (fault) return fault;

  const rest = withoutScheme(text);
  if (typeof rest !== 'string') return rest;
  const [, authority = '', path = '', query = ''] =
    /^([^/?#]*)([^?#]*)(?:\?([^#]*))?/u.exec(rest) ?? [];

  const host = hostOfAuthority(authority);
  if (typeof host !== 'string') return host;
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodedPart);
  if (parts.includes(null))
    return refuse(
      'malformed',
      'The link has parts that are encoded in an unusual way. Open the clip and copy its address again.',
    );
  return {
    kind: 'link',
    host,
    path: parts.map((part) => `/${part}`).join(''),
    query: new URLSearchParams(query),
  };
}

function faultOfText(text: string): RefusedLink | undefined {
  if (text === '')
    return refuse('empty', `There is no link. Paste the address of one clip on ${SITES}.`);
  if (/.https?:\/\//isu.test(text))
    return refuse(
      'several_links',
      'There is more than one link, or text before it. Paste one link at a time, and nothing else.',
    );
  if (/\s/u.test(text))
    return refuse(
      'white_space',
      'There is a space or a line break in the link. Paste the link alone, in one piece.',
    );
  if (/\p{Cc}|^[^?#]*[\p{Cf}\p{Cs}]/u.test(text)) {
    return refuse(
      'hidden_characters',
      'There is an invisible character in the link. Open the clip and copy its address again.',
    );
  }
  if (text.includes('\\'))
    return refuse(
      'malformed',
      'There is a "\\" in the link. Open the clip and copy its address again.',
    );
  return undefined;
}

/**
 * Gives what follows "https://", which may be missing. A name with a dot before the first colon is
 * a host with a port, not a scheme.
 */
function withoutScheme(text: string): string | RefusedLink {
  const web = /^(?:https?:)?\/\//iu.exec(text);
  if (web) return text.slice(web[0].length);
  const scheme = /^[a-z][a-z0-9+-]*(?=:)|^[a-z][a-z0-9+.-]*(?=:\/\/)/iu.exec(text)?.[0];
  if (scheme === undefined && /[./]/u.test(text)) return text;
  if (scheme === undefined)
    return refuse(
      'malformed',
      `${quote(text)} is not a link. Paste the whole address of one clip on ${SITES}.`,
    );
  if (/^https?$/iu.test(scheme))
    return refuse(
      'malformed',
      `The link must begin with "${scheme.toLowerCase()}://". Open the clip and copy its address again.`,
    );
  return refuse(
    'scheme',
    `The link begins with ${quote(`${scheme}:`)}; only web addresses, which begin with https://, can be tracked.`,
  );
}

function hostOfAuthority(authority: string): string | RefusedLink {
  if (authority === '')
    return refuse(
      'malformed',
      `The link names no site. Paste the whole address of one clip on ${SITES}.`,
    );
  if (authority.includes('@'))
    return refuse(
      'user_info',
      'There is an "@" before the site\'s name, which hides where the link leads. Open the clip and copy its address again.',
    );
  const [name = '', ...port] = authority.split(':');
  // The last label of a name is never a number; browsers read such hosts as IP addresses (127.1,
  // 0x7f.1, 2130706433).
  if (authority.startsWith('[') || /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/iu.test(name)) {
    return refuse(
      'ip_host',
      `The link leads to a bare network address, not to a site. Paste the link of one clip on ${SITES}.`,
    );
  }
  if (!/^[\x21-\x7e]*$/u.test(name) || name.includes('%') || /(?:^|\.)xn--/iu.test(name)) {
    return refuse(
      'lookalike_host',
      `The site's name in the link is not written in plain letters, so it only looks like a site that we track. Paste the link of one clip on ${SITES}.`,
    );
  }
  if (port.length > 0)
    return refuse(
      'port',
      `The link has a port (${quote(`:${port.join(':')}`)}), which no clip's address has. Remove it, or open the clip and copy its address again.`,
    );
  return name.toLowerCase().replace(/^(?:www|m|mobile|web)\./u, '');
}

/**
 * Decodes one part of a path once; null where what comes out would be read as something else than
 * one part.
 */
function decodedPart(part: string): string | null {
  try {
    const text = decodeURIComponent(part);
    return text === '.' || text === '..' || (text !== part && /[/\\%?#\p{Cc}]/u.test(text))
      ? null
      : text;
  } catch {
    return null;
  }
}
