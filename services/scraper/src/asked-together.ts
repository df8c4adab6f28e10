import type { Timers } from '@cliptally/contracts';
import DataLoader from 'dataloader';

/**
 * Answers what is asked for in one turn of the event loop together, and what is asked for while an
 * answer is under way together after it: under load there are fewer, larger questions, and no timer
 * makes anybody wait.
 */
export function askedTogether<K, V>(
  answer: (keys: readonly K[]) => Promise<V[]>,
  timers: Timers,
  most = Infinity,
): DataLoader<K, V> {
  let underWay: Promise<unknown> = Promise.resolve();
  const next = (keys: readonly K[]) => {
    const answered = answer(keys);
    underWay = answered.catch(() => {});
    return answered;
  };
  return new DataLoader<K, V>(next, {
    cache: false,
    maxBatchSize: most,
    batchScheduleFn: (ask) => void underWay.then(() => timers.turn()).then(ask),
  });
}
