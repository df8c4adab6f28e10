import type { DueClip } from './due-clip.js';
import { PARAMETERS } from './parameters.js';

/** What `gained` more views are worth to a clip; US dollars, as they will probably be paid. */
export function worthOf({ terms, dollarsPerThousand, lastViews }: DueClip, gained: number): number {
  if (!terms) return (dollarsPerThousand / 1000) * gained;
  let worth = 0;
  for (const { minViews, uncounted, most, chance, ...one } of terms) {
    const missing = minViews - (lastViews ?? 0);
    const paid = missing > 0 ? Math.max(minViews, minViews - missing + gained) : uncounted + gained;
    // Gains have a heavy tail: at least so much more than expected comes as often as this.
    const passes = missing > 0 ? gained / (gained + missing) : 1;
    worth += chance * passes * Math.min(most, (one.dollarsPerThousand / 1000) * paid);
  }
  return worth;
}

/** Whether more views would still pay anybody anything. */
export const canEarn = ({ terms, dollarsPerThousand }: DueClip): boolean =>
  terms
    ? terms.some(({ most, chance, ...one }) => one.dollarsPerThousand * chance * most > 0)
    : dollarsPerThousand > 0;

/** Probability that an entry of a campaign is paid what it earns. */
export const chanceOf = (entry: { held: boolean; pending: boolean }): number =>
  (entry.held ? PARAMETERS.chanceHeld : 1) * (entry.pending ? PARAMETERS.chancePending : 1);
