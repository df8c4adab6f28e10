import type { CampaignTerms } from '@cliptally/contracts';
import { settle, type Settlement } from '../settlement.js';
import {
  accepted,
  and,
  eventId,
  eventsOf,
  given,
  launched,
  observed,
  on,
  recorded,
} from './facts.js';

export const [A, B, C] = ['tiktok-a', 'tiktok-b', 'tiktok-c'] as const;
export const now = new Date(on(5));
export const NOTHING = { kind: 'nothing', leftOut: [] };
/** The state after settling at `at`. */
export const settled = (state: Settlement, at = now): Settlement =>
  and(state, recorded(eventsOf(settle(state, at)), at.toISOString()));
/**
 * A campaign with these terms, whose clips were approved on day 1 and seen on day 4 with so many
 * views.
 */
export const seen = (change: Partial<CampaignTerms>, views: Record<string, number>): Settlement =>
  given(
    launched(change),
    ...Object.entries(views).flatMap(([clip, count]) => [
      accepted(clip),
      observed(clip, count, on(4), { id: eventId(count) }),
    ]),
  );
export const awaiting = (state: Settlement, scrapesOutstanding: number): Settlement => ({
  ...state,
  scrapesOutstanding,
});
