import type { Answer, Item } from '../app/routes.js';

export type Line = Item<'GET /creators/{id}/statement'>;

/** Why a line is what it is. */
export type Why = Answer<'GET /creators/{id}/statement/{line}/why'>;

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

/** Where a line is explained: in the statement of its creator, or of its campaign. */
export function whyHref(of: Party, id: string, { lineId, creatorId }: Line): string {
  const whose = of === 'campaign' ? `campaign/${id}` : `creator/${creatorId}`;
  return `/console/why/${whose}/${lineId}`;
}
