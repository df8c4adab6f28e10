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

/**
 * Keeps the best of a stream of any length, in memory that depends on `wanted` alone. It keeps
 * twice as many: scores may still grow when the stream has ended, as only then campaigns are known.
 */
export class Shortlist<C extends Candidate = Candidate> {
  #kept: C[] = [];
  readonly #size: number;
  #cutoff = 0;

  constructor(wanted: number) {
    this.#size = wanted > 0 ? Math.max(1_000, 2 * wanted) : 0;
  }

  /** Whether a clip of this score may be among the best: asked first, it saves most memory. */
  wants(score: number): boolean {
    return this.#size > 0 && score > 0 && score >= this.#cutoff;
  }

  add(candidate: C): void {
    if (this.#kept.push(candidate) < 1.5 * this.#size) return;
    this.#kept = this.list();
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
  const most = Math.max(0, Math.floor(room.scrapes));
  const byPlatform = Map.groupBy(candidates, ({ clip }) => clip.platform);
  const within = [...byPlatform].flatMap(([platform, own]) =>
    own.sort(bestFirst).slice(0, Math.min(most, room.byPlatform[platform] ?? most)),
  );
  const bestAt = (price: number): C[] => {
    const worth = ({ score, microUsd }: C) => score - price * microUsd;
    const some = within.filter((one) => worth(one) > 0);
    return some.sort((a, b) => worth(b) - worth(a) || bestFirst(a, b)).slice(0, most);
  };
  const best = bestAt(0);
  if (costOf(best) <= room.microUsd) return best;
  // Twice the price at which the best is worth nothing: at that price rounding may leave a rest.
  const worths = within.map(({ score, microUsd }) => (microUsd > 0 ? score / microUsd : 0));
  let [low, high] = [0, 2 * worths.reduce((a, b) => Math.max(a, b), 0)];
  // Forty halvings tell prices apart that differ by a millionth of a millionth.
  for (let step = 0; step < 40; step++) {
    const price = (low + high) / 2;
    if (costOf(bestAt(price)) <= room.microUsd) high = price;
    else low = price;
  }
  const chosen = bestAt(high);
  let left = room.microUsd - costOf(chosen);
  const taken = new Set(chosen);
  const rest = within.filter((one) => one.score > 0 && !taken.has(one));
  rest.sort((a, b) => b.score * a.microUsd - a.score * b.microUsd || bestFirst(a, b));
  for (const one of rest) {
    if (chosen.length >= most || one.microUsd > left) continue;
    left -= one.microUsd;
    chosen.push(one);
  }
  return chosen;
}
