import { parentPort } from 'node:worker_threads';
import { DEFAULT_POLICY, POLICIES } from '../../services/scheduler/dist/domain/index.js';
import { leastScrapes, lowerBounds } from './bound.mjs';
import { policies } from './policies.mjs';
import { replayWorld } from './replay-world.mjs';
import { simulate } from './simulate.mjs';
import { syntheticWorld } from './synthetic-world.mjs';
import { TICKS_AN_HOUR } from './world.mjs';

/**
 * The replaced system ran every 4 hours; ours every quarter of one, as the service does by default.
 */
const everyFor = ({ everyHours }) => (everyHours ? everyHours * TICKS_AN_HOUR : 1);

/**
 * One world under one allowance: for each policy its figures, its share of the bounds and, for the
 * service's default, the part of the scrapes with which it reaches what `classic` reaches with all
 * of them; and the part that even whoever knows the future needs for that.
 */
export function measure({ kind, seed, differing, share }) {
  const world = (kind === 'replay' ? replayWorld : syntheticWorld)(seed, differing);
  if (world.skipped) return { skipped: world.skipped };
  const { onePrice, fallingPrice, prices } = lowerBounds(world, share);
  const run = (policy, scrapes) =>
    simulate(world, { policy, share: scrapes, every: everyFor(policy) });
  const target = run(policies.classic, share).waiting;
  const rows = Object.entries(policies).map(([name, policy]) => {
    const result = run(policy, share);
    const offered = name in POLICIES && name !== 'classic';
    const scrapesNeeded =
      name === DEFAULT_POLICY
        ? scrapesFor(target, result.waiting, (part) => run(policy, share * part).waiting)
        : null;
    return {
      name,
      offered,
      ...result,
      ofBound: fallingPrice / result.waiting,
      ofOnePrice: onePrice / result.waiting,
      scrapesNeeded,
    };
  });
  return { leastScrapes: leastScrapes(world, share, target, prices), rows };
}

/**
 * The part of the scrapes at which a policy waits no longer than `target`, to within 4 %: what
 * waits falls about as scrapes grow, so the search begins there.
 */
function scrapesFor(target, waiting, waitingAt) {
  if (waiting > target) return Infinity;
  let [low, high] = [0.03, 1];
  let part = Math.max(low, Math.min(high, waiting / target));
  for (let step = 1.04; high / low > 1.041; step *= step) {
    if (waitingAt(part) <= target)
      [high, part] = [part, Math.max(part / step, Math.sqrt(low * part))];
    else [low, part] = [part, Math.min(part * step, Math.sqrt(part * high))];
  }
  return high;
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.on('message', (task) => parentPort.postMessage(measure(task)));
