import { identifyClip, streams, type IdentifiedClip } from '@cliptally/contracts';
import { campaignEvents } from './campaign-events.js';
import { clipStreams } from './clip-events.js';
import { attempt, type Derived, type Terms } from './derived.js';
import { payoutStreams } from './payout-events.js';
import type { OldSystem } from './tables.js';

/**
 * The events of an old system, their ids derived from its rows: the same rows give the same events,
 * whenever they are read.
 */
export function eventsOf(
  old: OldSystem,
  identities: ReadonlyMap<string, IdentifiedClip | { reason: string }>,
  terms: Terms,
): Derived {
  const derived: Derived = {
    streams: [],
    leftOut: [],
    clipIds: new Map(),
    duplicates: new Set(),
    overwrittenBaselines: new Set(),
    notes: { zeroCounts: 0, daysOnly: 0, roundedAmounts: 0 },
  };
  const launched = new Set<string>();
  for (const campaign of old.campaigns) {
    const events = attempt(derived, 'campaigns', campaign.id, () =>
      campaignEvents(campaign, terms, derived),
    );
    if (!events) continue;
    launched.add(campaign.id);
    derived.streams.push({ stream: streams.campaign(campaign.id), events });
  }
  clipStreams(old, identities, launched, derived);
  payoutStreams(old.payout_requests, terms.currency, derived);
  return derived;
}

/**
 * The clip of each old clip, or the reason why there is none; short links ask their platform,
 * through `resolve`.
 */
export async function identitiesOf(
  clips: OldSystem['clips'],
  resolve: (url: string) => Promise<IdentifiedClip | { reason: string }>,
): Promise<Map<string, IdentifiedClip | { reason: string }>> {
  const found = new Map<string, IdentifiedClip | { reason: string }>();
  for (const { id, url } of clips) {
    const identity = identifyClip(url);
    if (identity.kind === 'clip') found.set(id, identity);
    else
      found.set(
        id,
        identity.kind === 'refused' ? { reason: identity.message } : await resolve(url),
      );
  }
  return found;
}
