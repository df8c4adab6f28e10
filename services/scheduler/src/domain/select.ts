import type { Platform } from '@cliptally/contracts';
import type { DueClip } from './due-clip.js';

/** A clip that may be chosen, and the price of its scrape in millionths of a US dollar. */
export interface Candidate {
  clip: DueClip;
  score: number;
  microUsd: number;
}

/** Best first; equal scores by clip id, so that a plan can be made again. */
export const bestFirst = (a: Candidate, b: Candidate): number =>
  b.score - a.score || (a.clip.clipId < b.clip.clipId ? -1 : a.clip.clipId > b.clip.clipId ? 1 : 0);
export const costOf = (chosen: readonly Candidate[]): number =>
  chosen.reduce((sum, { microUsd }) => sum + microUsd, 0);

/** Candidates kept at least; and the factor if scores may grow afterwards. */
const AT_LEAST = 1_000;
const SPARE = 2;

/**
 * Keeps the best of a stream of any length, in memory that depends on `wanted` alone. It keeps more
 * if scores may still grow when the stream has ended: only then are campaigns known.
 */
export class Shortlist<C extends Candidate = Candidate> {
  #kept: C[] = [];
  readonly #size: number;
  #cutoff = 0;

  constructor(wanted: number, mayGrow: boolean) {
    this.#size = wanted === 0 ? 0 : Math.max(AT_LEAST, (mayGrow ? SPARE : 1) * wanted);
  }

  /** Whether a clip of this score may be among the best: asked first, it saves most memory. */
  wants(score: number): boolean {
    return this.#size > 0 && score > 0 && score >= this.#cutoff;
  }

  add(candidate: C): void {
    if (this.#kept.push(candidate) < 1.5 * this.#size) return;
    this.#kept = this.list().slice();
    this.#cutoff = this.#kept.at(-1)!.score;
  }

  /** The best, best first. */
  list(): C[] {
    return this.#kept.sort(bestFirst).slice(0, this.#size);
  }
}

/** What may still be chosen; scrapes by platform: no entry, no limit. */
export interface Room {
  scrapes: number;
  microUsd: number;
  byPlatform: Partial<Record<Platform, number>>;
}

/**
 * The candidates with the highest sum of scores within `room`. If the money does not pay the best,
 * each scrape is charged the lowest price of money (score - price x cost) at which the choice can
 * be paid. What is left goes to the best score per cost that still fits.
 */
export function choose<C extends Candidate>(candidates: readonly C[], room: Room): C[] {
  const scrapes = Math.max(0, Math.floor(room.scrapes));
  const queues = [...new Set(candidates.map(({ clip }) => clip.platform))].map((platform) => {
    // All scrapes of a platform cost the same.
    const queue = candidates.filter(({ clip }) => clip.platform === platform).sort(bestFirst);
    return queue.slice(0, Math.min(scrapes, Math.max(0, room.byPlatform[platform] ?? Infinity)));
  });
  const best = merge(queues, scrapes, 0);
  if (costOf(best) <= room.microUsd) return best;
  const perCost = ([first]: C[]) =>
    first && first.microUsd > 0 ? first.score / first.microUsd : 0;
  // Twice the price at which the best is worth nothing: at that price rounding may leave a rest.
  let [low, high] = [0, 2 * Math.max(...queues.map(perCost))];
  // Forty halvings tell prices apart that differ by a millionth of a millionth.
  for (let step = 0; step < 40; step++) {
    const price = (low + high) / 2;
    if (costOf(merge(queues, scrapes, price)) <= room.microUsd) high = price;
    else low = price;
  }
  const chosen = merge(queues, scrapes, high);
  const taken = new Set(chosen);
  const rest = queues.flat().filter((one) => one.score > 0 && !taken.has(one));
  rest.sort((a, b) => b.score * a.microUsd - a.score * b.microUsd || bestFirst(a, b));
  let left = room.microUsd - costOf(chosen);
  for (const one of rest) {
    if (chosen.length >= scrapes || one.microUsd > left) continue;
    left -= one.microUsd;
    chosen.push(one);
  }
  return chosen;
}

/** The first `scrapes` of all queues by score - price x cost, as long as that is above 0. */
function merge<C extends Candidate>(queues: readonly C[][], scrapes: number, price: number): C[] {
  const heads = queues.map(() => 0);
  const chosen: C[] = [];
  while (chosen.length < scrapes) {
    let next = -1;
    let most = 0;
    for (const [q, queue] of queues.entries()) {
      const head = queue[heads[q]!];
      const worth = head ? head.score - price * head.microUsd : 0;
      const ties = worth > 0 && worth === most;
      if (worth > most || (ties && head!.clip.clipId < queues[next]![heads[next]!]!.clip.clipId))
        [next, most] = [q, worth];
    }
    if (next < 0) break;
    chosen.push(queues[next]![heads[next]!++]!);
  }
  return chosen;
}
