import { looksBy } from './simulate.mjs';

/**
 * A lower bound for the average of unrecorded payable dollars that any policy can reach with the same looks, even one that knows the
 * future. Looks are charged a price; the best looks of each clip at that price are found exactly; by Lagrange duality their cost less
 * the price of all allowed looks is below what any schedule within the allowance reaches, whatever the price. The best price is searched for.
 */
export function lowerBound(world, share) {
  const allowed = looksBy(world, share)[world.ticks];
  const hull = hullOf(world.ticks);
  let best = 0;
  let low = 1e-4;
  let high = 1e5;
  for (let step = 0; step < 24; step++) {
    const price = Math.sqrt(low * high);
    let cost = 0;
    let looks = 0;
    for (const clip of world.clips) {
      const one = bestLooks(clip, price, hull);
      cost += one.cost;
      looks += one.looks;
    }
    best = Math.max(best, (cost - price * allowed) / world.ticks);
    if (looks > allowed) low = price;
    else high = price;
  }
  return best;
}

const hullOf = (ticks) => ({ slope: new Float64Array(ticks + 2), offset: new Float64Array(ticks + 2), looks: new Int32Array(ticks + 2) });

/**
 * Least cost of a clip (dollar-ticks of waiting, plus `price` a look), over all choices of look times. With the last look before t at s
 * the cost up to t is cost(s) + price - rate x (area(s) + views(s) x (t - s)) + rate x area(t): beside the last term a line in t. Slopes fall
 * as views grow, so the lower envelope of the lines, swept once, gives the exact minimum in linear time.
 */
export function bestLooks({ submitted, payableUntil, rate, area, views }, price, { slope, offset, looks } = hullOf(payableUntil)) {
  if (payableUntil <= submitted) return { cost: 0, looks: 0 };
  slope[0] = 0;
  offset[0] = -rate * area[submitted];
  looks[0] = 0;
  let head = 0;
  let top = 0;
  for (let t = submitted; ; t++) {
    while (head < top && offset[head + 1] + slope[head + 1] * t <= offset[head] + slope[head] * t) head++;
    const cost = offset[head] + slope[head] * t + rate * area[t];
    if (t === payableUntil) return { cost, looks: looks[head] };
    const s = -rate * views[t];
    const o = cost + price - rate * area[t] - s * t;
    const count = looks[head] + 1;
    if (s === slope[top]) {
      if (o >= offset[top]) continue;
      // Of two parallel lines the lower one stands; it may be the head itself.
      top--;
    }
    while (top > head && (o - offset[top - 1]) * (slope[top - 1] - slope[top]) <= (offset[top] - offset[top - 1]) * (slope[top - 1] - s))
      top--;
    top = Math.max(top, head - 1) + 1;
    slope[top] = s;
    offset[top] = o;
    looks[top] = count;
  }
}
