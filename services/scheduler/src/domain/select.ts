import type { Platform } from '@cliptally/contracts';
import type { DueClip } from './due-clip.js';

/** A clip that may be chosen, and what its look costs in millionths of a US dollar. */
export interface Candidate {
  clip: DueClip;
  score: number;
  microUsd: number;
}

/** Best first; equal scores by clip id, so that a plan can be made again. */
export const bestFirst = (a: Candidate, b: Candidate): number =>
  b.score - a.score || (a.clip.clipId < b.clip.clipId ? -1 : a.clip.clipId > b.clip.clipId ? 1 : 0);

/** At least so many are kept; and so many times as many as are wanted, where scores may grow afterwards. */
const AT_LEAST = 1_000;
const SPARE = 2;

/**
 * Remembers the best of a stream of any length, in memory that depends on how many are wanted alone. Where scores may still
 * grow when the stream has ended (a budget's edge shows only when all clips of the campaign were seen), more than are wanted are kept.
 */
export class Shortlist<C extends Candidate = Candidate> {
  #kept: C[] = [];
  readonly #size: number;
  #cutoff = 0;

  constructor(wanted: number, mayGrow: boolean) {
    this.#size = wanted === 0 ? 0 : Math.max(AT_LEAST, (mayGrow ? SPARE : 1) * wanted);
  }

  /** Whether a clip of this score may be among the best: asked first, so that most clips cost no memory. */
  wants(score: number): boolean {
    return this.#size > 0 && score > 0 && score >= this.#cutoff;
  }

  add(candidate: C): void {
    // Pruning now and then costs less than keeping a heap in order, where ties have to be told apart by name. The sooner, the fewer clips
    // outlive their reading.
    if (this.#kept.push(candidate) >= 1.2 * this.#size) this.#prune();
  }

  /** The best, best first. */
  list(): readonly C[] {
    this.#prune();
    return this.#kept.sort(bestFirst);
  }

  /** Keeps the best by number alone, and tells by name only those that tie for the last places. */
  #prune(): void {
    const spare = this.#kept.length - this.#size;
    if (spare < 0 || this.#size === 0) return;
    const scores = new Float64Array(this.#kept.length);
    for (const [i, { score }] of this.#kept.entries()) scores[i] = score;
    const cutoff = scores.sort()[spare]!;
    const ties = this.#kept.filter(({ score }) => score === cutoff).sort(bestFirst);
    const better = this.#kept.filter(({ score }) => score > cutoff);
    this.#kept = better.concat(ties.slice(0, this.#size - better.length));
    this.#cutoff = cutoff;
  }
}

/** What may still be chosen. */
export interface Room {
  looks: number;
  microUsd: number;
  /** Looks by platform; no entry, no limit. */
  byPlatform: Partial<Record<Platform, number>>;
}

/**
 * The candidates whose scores together are highest within `room`. Where the money does not pay for the best looks, every look is charged
 * a price of money (score - price x cost), the lowest at which the choice can be paid: a look at a tenth of the cost may then go first
 * with a lower score. What is left after that goes to the most score per cost that still fits. All looks of a platform cost the same.
 */
export function choose<C extends Candidate>(candidates: readonly C[], room: Room): C[] {
  const looks = Math.max(0, Math.floor(room.looks));
  const queues = [...new Set(candidates.map(({ clip }) => clip.platform))].map((platform) => {
    const queue = candidates.filter(({ clip }) => clip.platform === platform).sort(bestFirst);
    return queue.slice(0, Math.min(looks, Math.max(0, room.byPlatform[platform] ?? Infinity)));
  });
  const best = merge(queues, looks, 0);
  if (costOf(best) <= room.microUsd) return best;
  let low = 0;
  // Twice the price at which the best is worth nothing: at that price itself rounding may leave it worth something.
  let high = 2 * Math.max(0, ...queues.flatMap(([first]) => (first && first.microUsd > 0 ? [first.score / first.microUsd] : [])));
  let chosen = merge(queues, looks, high);
  // Forty halvings tell prices apart that differ by a millionth of a millionth.
  for (let step = 0; step < 40; step++) {
    const price = (low + high) / 2;
    const payable = merge(queues, looks, price);
    if (costOf(payable) <= room.microUsd) [high, chosen] = [price, payable];
    else low = price;
  }
  return fill(chosen, queues, { ...room, looks });
}

export const costOf = (chosen: readonly Candidate[]): number => chosen.reduce((sum, { microUsd }) => sum + microUsd, 0);

/** The first `looks` of all queues by score - price x cost, as long as that is above 0. */
function merge<C extends Candidate>(queues: readonly C[][], looks: number, price: number): C[] {
  const heads = queues.map(() => 0);
  const chosen: C[] = [];
  while (chosen.length < looks) {
    let next = -1;
    let most = 0;
    for (let q = 0; q < queues.length; q++) {
      const head = queues[q]![heads[q]!];
      if (!head) continue;
      const worth = head.score - price * head.microUsd;
      if (worth > most || (next >= 0 && worth === most && head.clip.clipId < queues[next]![heads[next]!]!.clip.clipId))
        [next, most] = [q, worth];
    }
    if (next < 0) break;
    chosen.push(queues[next]![heads[next]!++]!);
  }
  return chosen;
}

function fill<C extends Candidate>(chosen: C[], queues: readonly C[][], room: Room): C[] {
  const taken = new Set(chosen);
  const rest = queues.flatMap((queue) => queue.filter((candidate) => candidate.score > 0 && !taken.has(candidate)));
  rest.sort((a, b) => b.score * a.microUsd - a.score * b.microUsd || bestFirst(a, b));
  let left = room.microUsd - costOf(chosen);
  for (const candidate of rest) {
    if (chosen.length >= room.looks) break;
    if (candidate.microUsd > left) continue;
    left -= candidate.microUsd;
    chosen.push(candidate);
  }
  return chosen;
}
