import type { Item } from '../app/routes.js';

export type Line = Item<'GET /creators/{id}/statement'>;

/** Whose statement a line is read in. */
export const PARTIES = ['creator', 'clip', 'campaign'] as const;
export type Party = (typeof PARTIES)[number];
export const isParty = (word: string): word is Party =>
  (PARTIES as readonly string[]).includes(word);

const ROUTES = {
  creator: 'GET /creators/{id}/statement',
  clip: 'GET /clips/{id}/statement',
  campaign: 'GET /campaigns/{id}/statement',
} as const;
export const statementRoute = (of: Party) => ROUTES[of];

/** Where a line is explained. An event may have several lines: of clips, and their fees. */
export function whyHref(of: Party, id: string, { eventId, clipId, kind }: Line): string {
  const query = new URLSearchParams({ kind, ...(clipId && { clip: clipId }) });
  return `/console/why/${of}/${id}/${eventId}?${query.toString()}`;
}
