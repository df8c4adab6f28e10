/**
 * Randomness that follows from a seed alone: the same seed makes the same choices on every machine
 * (sfc32, Chris Doty-Humphrey).
 */
export class Chance {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    this.#state.set([0x9e3779b9, 0x243f6a88, 0xb7e15162, seed]);
    for (let i = 0; i < 15; i++) this.next();
  }

  /** 0 <= x < 1. */
  next(): number {
    const s = this.#state;
    const t = (s[0]! + s[1]! + s[3]!) | 0;
    s[3] = s[3]! + 1;
    s[0] = s[1]! ^ (s[1]! >>> 9);
    s[1] = (s[2]! + (s[2]! << 3)) | 0;
    s[2] = (((s[2]! << 21) | (s[2]! >>> 11)) + t) | 0;
    return (t >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up, below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}
