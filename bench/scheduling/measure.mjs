import { parentPort } from 'node:worker_threads';
import { DEFAULT_POLICY } from '../../services/scheduler/dist/domain/index.js';
import { earlier } from './against.mjs';
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
 * One world under one allowance: the figures of each policy, and of an earlier commit's default.
 * With `bounds` also its share of what nobody can pass and, for the default, the part of the
 * scrapes with which it reaches what `classic` reaches with all of them; and the part that even
 * a policy that knows the future needs for that.
 */
export async function measure({ kind, seed, differing, share, bounds, against, only }) {
  const world = (kind === 'replay' ? replayWorld : syntheticWorld)(seed, differing);
  const run = (policy, scrapes) =>
    simulate(world, { policy, share: scrapes, every: everyFor(policy) });
  const wanted = Object.entries(policies).filter(
    ([name]) => !only || name === 'classic' || only.includes(name),
  );
  const rows = wanted.map(([name, policy]) => ({ name, ...run(policy, share) }));
  if (against) rows.push(await earlier(against, world, share));
  if (!bounds) return { rows };
  const { onePrice, fallingPrice, prices } = lowerBounds(world, share);
  const target = rows.find(({ name }) => name === 'classic').waiting;
  for (const row of rows) {
    row.ofBound = fallingPrice / row.waiting;
    row.ofOnePrice = onePrice / row.waiting;
    if (row.name === DEFAULT_POLICY)
      row.scrapesNeeded = scrapesFor(
        target,
        row.waiting,
        (part) => run(policies[DEFAULT_POLICY], share * part).waiting,
      );
  }
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

parentPort?.on('message', (task) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void measure(task).then((measured) => parentPort.postMessage(measured));
});
