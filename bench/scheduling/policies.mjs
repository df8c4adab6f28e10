import { classic, dollarsWaiting, hoursUnseen, POLICIES, velocityOf } from '../../services/scheduler/dist/domain/index.js';

const waiting = dollarsWaiting;
const perView = ({ dollarsPerThousand }) => dollarsPerThousand / 1000;

/** The service's own policies, and yardsticks that it does not offer. `everyHours` where a policy came with an interval of its own. */
export const policies = {
  'oldest first, every 4 h': { everyHours: 4, waiting, score: (clip, { now }) => hoursUnseen(clip, now) + 1e-9 },
  classic: { everyHours: 4, waiting, score: classic },
  'views waiting, greedy': { waiting, score: (clip, around) => waiting(clip, around) / perView(clip) },
  'rate by square root': {
    waiting,
    score: (clip, around) =>
      Math.sqrt(perView(clip) * (velocityOf(clip) ?? around.firstLookVelocity(clip.platform))) * hoursUnseen(clip, around.now),
  },
  ...Object.fromEntries(Object.entries(POLICIES).filter(([name]) => name !== 'classic')),
};
