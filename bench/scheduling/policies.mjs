import {
  hoursUnobserved,
  POLICIES,
  unrecordedAmount,
  velocityOf,
} from '../../services/scheduler/dist/domain/index.js';
import { viewsPayable } from './simulate.mjs';

const perView = ({ dollarsPerThousand }) => dollarsPerThousand / 1000;
/** A yardstick: ranks by `score`, estimates what waits as dollar-hours does. */
const by = (score) => ({
  nearEnd: 0,
  weigh: (clip, around) => {
    return { unrecorded: unrecordedAmount(clip, around), score: score(clip, around) };
  },
});

const SEER = 'knows what waits';

/**
 * The service's own policies, and yardsticks that it does not offer. `everyHours` where a policy
 * came with an interval of its own.
 */
export const policies = {
  classic: { everyHours: 4, ...POLICIES.classic },
  'rate by square root': by(
    (clip, around) =>
      Math.sqrt(
        perView(clip) * (velocityOf(clip) ?? around.learned[clip.platform].firstScrapeVelocity),
      ) * hoursUnobserved(clip, around.now),
  ),
  // What an index could reach that no service can have: the true unrecorded dollars of every clip.
  [SEER]: by(
    (clip, { now }) =>
      perView(clip) *
      Math.max(0, viewsPayable(clip, now) - (clip.lastViews ?? 0)) *
      (hoursUnobserved(clip, now) + 2),
  ),
  ...Object.fromEntries(Object.entries(POLICIES).filter(([name]) => name !== 'classic')),
};
