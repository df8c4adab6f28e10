import type { AnyEvent } from '@cliptally/contracts';
import { SAYS_NOTHING, isGone } from './gone.js';

/** Two outcomes that find a clip gone are so far apart, or the state has not lasted. */
export const WITNESSES_APART_MS = 24 * 3_600_000;

type Event<T extends AnyEvent['type']> = Extract<AnyEvent, { type: T }>;
export type Witness = Event<'ViewsRecorded' | 'ScrapeFailed' | 'ClipRetired' | 'ClipRestored'>;

/** A person asked for the scrape: at an instant that says nothing of how long a state lasts. */
const isForced = ({ runId }: { runId: string }): boolean => runId.startsWith('manual-');

/**
 * Whether the newest of these events, a clip's from the newest on, shows that the clip is gone for
 * a day: no observation and no restoration since the first of two witnesses. An outcome that says
 * nothing of the clip changes nothing; one whose source has seen it begins anew. The iteration ends
 * as soon as it is known.
 */
export async function isGoneForADay(newestFirst: AsyncIterable<Witness>): Promise<boolean> {
  let last: number | null = null;
  for await (const { type, time, data } of newestFirst) {
    if (type !== 'ScrapeFailed') return false;
    if (!isGone(data.reason)) {
      if (!SAYS_NOTHING.has(data.reason)) return false;
      continue;
    }
    const at = Date.parse(time);
    if (isForced(data)) {
      if (last === null) return false;
      continue;
    }
    last ??= at;
    if (last - at >= WITNESSES_APART_MS) return true;
  }
  return false;
}
