import { PASTE_A_CLIP, quote, refuse, type RefusalCode, type RefusedLink } from './refusal.js';

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
    return unclear(
      'too_long',
      `The link has ${submitted.length} characters; at most ${MAX_LENGTH} are read.`,
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
    /^([^/?#]*)(\/?[^?#]*?)(?:(?:\?|&(?=[^/?#]*(?:[?#]|$)))([^#]*))?(?:#.*)?$/su.exec(
      withoutHashBang(rest),
    ) ?? [];

  const host = hostOfAuthority(authority);
  if (typeof host !== 'string') return host;
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodedPart);
  if (parts.includes(null))
    return unclear('malformed', 'The link has parts that are encoded in an unusual way.');
  return {
    kind: 'link',
    host,
    path: parts.map((part) => `/${part}`).join(''),
    query: new URLSearchParams(parametersOf(query)),
  };
}

/** `site/#!/page` is an old way to write `site/page`. */
const withoutHashBang = (rest: string): string => rest.replace(/^([^/?#]*)\/?#!(?=\/)/u, '$1');

/**
 * Parameters as people paste them: "&amp;" out of a page's source, and a second "?" for a "&". A
 * link that stands in a parameter as it is keeps its own "?".
 */
const parametersOf = (query: string): string =>
  query
    .replace(/&(?:amp;)+/giu, '&')
    .split('&')
    .map((part) =>
      /^[^=]*=(?:https?(?::|%3a)\/)?\//iu.test(part) ? part : part.replaceAll('?', '&'),
    )
    .join('&');

const unclear = (reason: RefusalCode, what: string): RefusedLink =>
  refuse(reason, `${what} ${PASTE_A_CLIP}`);

function faultOfText(text: string): RefusedLink | undefined {
  if (text === '') return unclear('empty', `There is no link.`);
  // A link as a parameter's value belongs to the link that it stands in.
  if (/(?<!^)(?<![?&][^=&?#/]*=)https?:\/\//iu.test(text))
    return unclear('several_links', 'There is more than one link, or text before it.');
  if (/\s/u.test(text))
    return unclear('white_space', 'There is a space or a line break in the link.');
  if (/\p{Cc}|^[^?#]*[\p{Cf}\p{Cs}]/u.test(text)) {
    return unclear('hidden_characters', 'There is an invisible character in the link.');
  }
  if (text.includes('\\')) return unclear('malformed', 'There is a "\\" in the link.');
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
  if (scheme === undefined) return unclear('malformed', `${quote(text)} is not a link.`);
  if (/^https?$/iu.test(scheme))
    return unclear('malformed', `The link must begin with "${scheme.toLowerCase()}://".`);
  return unclear(
    'scheme',
    `The link begins with ${quote(`${scheme}:`)}; only web addresses, which begin with https://, can be tracked.`,
  );
}

function hostOfAuthority(authority: string): string | RefusedLink {
  if (authority === '') return unclear('malformed', `The link names no site.`);
  if (authority.includes('@'))
    return unclear(
      'user_info',
      'There is an "@" before the site\'s name, which hides where the link leads.',
    );
  const [name = '', ...port] = authority.split(':');
  // The last label of a name is never a number; browsers read such hosts as IP addresses (127.1,
  // 0x7f.1, 2130706433).
  if (authority.startsWith('[') || /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/iu.test(name)) {
    return unclear('ip_host', `The link leads to a bare network address, not to a site.`);
  }
  if (!/^[\x21-\x7e]*$/u.test(name) || name.includes('%') || /(?:^|\.)xn--/iu.test(name)) {
    return unclear(
      'lookalike_host',
      `The site's name in the link is not written in plain letters, so it only looks like a site that we track.`,
    );
  }
  if (port.length > 0)
    return unclear(
      'port',
      `The link has a port (${quote(`:${port.join(':')}`)}), which no clip's address has. Remove it.`,
    );
  return name.toLowerCase().replace(/^(?:www|m|mobile|web)\./u, '');
}

/**
 * Decodes one part of a path once; null if what comes out would be read as something else than
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
