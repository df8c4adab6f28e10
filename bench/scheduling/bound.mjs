import { scrapesBy } from './simulate.mjs';
import { TICKS_AN_HOUR } from './world.mjs';

const DAY = 24 * TICKS_AN_HOUR;
/**
 * Steps in which the prices of days are bettered: any prices give a true bound, better ones a
 * higher one.
 */
const STEPS = 30;
const STEP = { first: 0.6, halvesAfter: 12, longest: 1.5 };

/**
 * Lower bounds for the average of unrecorded payable dollars that any policy can reach with the
 * same scrapes, even one that knows the future. Scrapes are charged a price; the best scrapes of
 * each clip at that price are found exactly; by Lagrange duality their cost less the price of all
 * allowed scrapes is below what any schedule within the allowance reaches, whatever the price.
 *
 * With `onePrice` a schedule could spend the scrapes of the whole world in its first days. Scrapes
 * are allowed as time goes: what has been spent by the end of a day is no more than was allowed by
 * then. Each day's limit has a multiplier of its own, and a scrape pays those of its day and of all
 * later ones: `fallingPrice` charges a price that never rises from day to day, and is the higher
 * bound.
 */
export function lowerBounds(world, share) {
  const dual = new Dual(world);
  const given = dual.givenBy(scrapesBy(world, share));
  const whole = sum(given);
  let best = { value: 0, used: [], prices: [] };
  let [low, high] = [1e-4, 1e5];
  for (let step = 0; step < 24; step++) {
    const price = Math.sqrt(low * high);
    const found = dual.at(
      given.map(() => price),
      given,
    );
    if (found.value > best.value) best = found;
    if (sum(found.used) > whole) low = price;
    else high = price;
  }
  const onePrice = best.value;
  let found = best;
  for (let step = 0; step < STEPS; step++) {
    found = dual.at(bettered(found, given, step), given);
    if (found.value > best.value) best = found;
  }
  return { onePrice, fallingPrice: best.value, prices: best.prices };
}

/**
 * The least part of `share` with which anybody could wait no longer than `target`: at prices of
 * days, what all allowed scrapes cost is in proportion to them. `prices` are those of
 * {@link lowerBounds}.
 */
export function leastScrapes(world, share, target, prices) {
  const dual = new Dual(world);
  const given = dual.givenBy(scrapesBy(world, share));
  let least = 0;
  for (let step = 0; step < STEPS; step++) {
    const part = Math.max(least, 0.03);
    const scaled = given.map((scrapes) => part * scrapes);
    const found = dual.at(prices, scaled);
    least = Math.max(
      least,
      part + ((found.value - target) * world.ticks) / costOf(found.prices, given),
    );
    prices = bettered(found, scaled, step);
  }
  return least;
}

/**
 * Raises the price of days on which too many scrapes were taken and lowers the others, in steps
 * that become smaller; no day is dearer than the one before.
 */
function bettered({ prices, used }, given, step) {
  const rate = STEP.first / Math.sqrt(1 + step / (STEP.halvesAfter / 3));
  const wanted = prices.map((price, day) => {
    const change = Math.log((used[day] + 1) / (given[day] + 1));
    return Math.log(price) + rate * Math.max(-STEP.longest, Math.min(STEP.longest, change));
  });
  return neverRising(wanted, given).map(Math.exp);
}

/** The nearest values that never rise, by least squares: neighbours that rise share their mean. */
function neverRising(values, weights) {
  const blocks = [];
  for (const [i, value] of values.entries()) {
    let block = { value, weight: weights[i] + 1, length: 1 };
    while (blocks.length > 0 && blocks.at(-1).value < block.value) {
      const before = blocks.pop();
      const weight = before.weight + block.weight;
      block = {
        value: (before.value * before.weight + block.value * block.weight) / weight,
        weight,
        length: before.length + block.length,
      };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ value, length }) => Array(length).fill(value));
}

/** What all clips cost at prices by day. */
class Dual {
  #world;
  #hull;
  #priceAt;
  #scrapesAt;

  constructor(world) {
    this.#world = world;
    this.#hull = hullOf(world.ticks);
    this.#priceAt = new Float64Array(world.ticks + 1);
    this.#scrapesAt = new Int32Array(world.ticks + 1);
  }

  /** Scrapes that come with each day, of those allowed by every tick. */
  givenBy(allowed) {
    const { ticks } = this.#world;
    return Array.from(
      { length: Math.ceil(ticks / DAY) },
      (_, day) => allowed[Math.min(ticks, (day + 1) * DAY)] - allowed[day * DAY],
    );
  }

  /** The bound at these prices, and the scrapes of each day that they lead to. */
  at(prices, given) {
    const { ticks, clips } = this.#world;
    const dayOf = (tick) => Math.min(prices.length - 1, Math.floor(tick / DAY));
    for (let t = 0; t <= ticks; t++) this.#priceAt[t] = prices[dayOf(t)];
    this.#scrapesAt.fill(0);
    const cost = clips.reduce(
      (total, clip) => total + costOfBest(clip, this.#priceAt, this.#hull, this.#scrapesAt),
      0,
    );
    const used = prices.map((_, day) =>
      sum(
        this.#scrapesAt.subarray(
          day * DAY,
          day === prices.length - 1 ? ticks + 1 : (day + 1) * DAY,
        ),
      ),
    );
    return { value: (cost - costOf(prices, given)) / ticks, used, prices };
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const costOf = (prices, scrapes) => sum(prices.map((price, day) => price * scrapes[day]));
const hullOf = (ticks) => ({
  slope: new Float64Array(ticks + 2),
  offset: new Float64Array(ticks + 2),
  scrape: new Int32Array(ticks + 2),
  scrapeBefore: new Int32Array(ticks + 2),
});

/**
 * Least cost of a clip (dollar-ticks of waiting, plus the price of each scrape), over all choices
 * of scrape times; counts those scrapes in `scrapesAt`. With the last scrape before t at s the cost
 * up to t is cost(s) + price(s) - rate x (area(s) + views(s) x (t - s)) + rate x area(t): beside
 * the last term a line in t. Slopes fall as views grow, so the lower envelope of the lines, swept
 * once, gives the exact minimum in linear time.
 */
function costOfBest(
  { submitted, payableUntil, rate, area, views },
  priceAt,
  { slope, offset, scrape, scrapeBefore },
  scrapesAt,
) {
  if (payableUntil <= submitted) return 0;
  slope[0] = 0;
  offset[0] = -rate * area[submitted];
  scrape[0] = -1;
  let head = 0;
  let top = 0;
  for (let t = submitted; ; t++) {
    while (head < top && offset[head + 1] + slope[head + 1] * t <= offset[head] + slope[head] * t)
      head++;
    const cost = offset[head] + slope[head] * t + rate * area[t];
    if (t === payableUntil) {
      for (let s = scrape[head]; s >= 0; s = scrapeBefore[s]) scrapesAt[s]++;
      return cost;
    }
    scrapeBefore[t] = scrape[head];
    const s = -rate * views[t];
    const o = cost + priceAt[t] - rate * area[t] - s * t;
    if (s === slope[top]) {
      if (o >= offset[top]) continue;
      // Of two parallel lines the lower one stands; it may be the head itself.
      top--;
    }
    while (
      top > head &&
      (o - offset[top - 1]) * (slope[top - 1] - slope[top]) <=
        (offset[top] - offset[top - 1]) * (slope[top - 1] - s)
    )
      top--;
    top = Math.max(top, head - 1) + 1;
    slope[top] = s;
    offset[top] = o;
    scrape[top] = t;
  }
}
