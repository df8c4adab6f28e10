import type { CleanLink } from './clean-link.js';

/**
 * Reads a pattern of link-rules.ts: gives the `{id}`s found in a link (none in a pattern without),
 * and null where the link is of another form.
 */
export type LinkPattern = (link: CleanLink) => string[] | null;

const PART: Record<string, string> = { '{id}': '([^/]+)', '{n}': '\\d+', '/*': '(?:/.*)?' };

export function linkPattern(pattern: string): LinkPattern {
  const [place = '', parameter] = pattern.split('?');
  const parts = place
    .split(/(\{\w+\}|\/\*$)/)
    .map((part) => PART[part] ?? (part.startsWith('{') ? '[^/]+' : part.replaceAll('.', '\\.')));
  const form = new RegExp(`^${parts.join('')}$`, 'su');
  const name = parameter?.split('=')[0];
  return (link) => {
    const match = form.exec(`${link.host}${link.path}`);
    if (!match) return null;
    if (name === undefined) return match.slice(1);
    const values = link.query.getAll(name);
    return values.length > 0 ? values : null;
  };
}

export const hostOf = (pattern: string): string => pattern.split('/')[0]!;
