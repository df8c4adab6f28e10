import type { CleanLink } from './clean-link.js';

/** What a pattern of link-rules.ts finds in a link of its form. */
export interface Match {
  /** The `{id}`s, from the path or from the parameter; none in a pattern without. */
  ids: string[];
  inPath: boolean;
  /** The parts of the path that the pattern leaves open. */
  rest: string[];
}

/** Gives null if the link is of another form. */
export type LinkPattern = (link: Pick<CleanLink, 'host' | 'path' | 'query'>) => Match | null;

const PART: Record<string, string> = {
  '{id}': '(?<id>[^/]+)',
  '{n}': '\\d+',
  '/*': '(?:/(?<rest>.*))?',
};

/** Reads a pattern. More may follow what is `open`: an embed's form, a tab, a title. */
export function linkPattern(pattern: string, open = false): LinkPattern {
  const [place = '', parameter] = pattern.split('?');
  const whole = open && parameter === undefined ? `${place}/*` : place;
  const parts = whole
    .split(/(\{\w+\}|\/\*$)/)
    .map((part) => PART[part] ?? (part.startsWith('{') ? '[^/]+' : part.replaceAll('.', '\\.')));
  const form = new RegExp(`^${parts.join('')}$`, 'su');
  const name = parameter?.split('=')[0];
  return ({ host, path, query }) => {
    const { groups = {}, 0: found } = form.exec(host + path) ?? {};
    if (found === undefined) return null;
    const rest = groups['rest']?.split('/') ?? [];
    if (name === undefined)
      return { ids: groups['id'] === undefined ? [] : [groups['id']], inPath: true, rest };
    const ids = query.getAll(name);
    return ids.length > 0 ? { ids, inPath: false, rest } : null;
  };
}

export const hostOf = (pattern: string): string => /^[^/?]*/u.exec(pattern)![0];
