import { isIn, type Cut, type Fact } from './events.js';

/** What a fold knows of the log: a fact at a time. */
export interface Fold {
  apply(fact: Fact): void;
}

/**
 * Facts that are kept unapplied, of all trails together, so that a decision can be judged by what
 * was there before them.
 */
export class Window {
  readonly #size: number;
  #order: { trail: Trail<Fold>; nth: number }[] = [];
  #head = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(trail: Trail<Fold>, nth: number): void {
    this.#order.push({ trail, nth });
    while (this.#order.length - this.#head > this.#size) {
      const oldest = this.#order[this.#head++]!;
      oldest.trail.applyUpTo(oldest.nth);
    }
    if (this.#head > this.#size) {
      this.#order = this.#order.slice(this.#head);
      this.#head = 0;
    }
  }
}

/**
 * A fold that stays behind the log. Decisions of one stream are made at positions that only grow,
 * so the fold goes on to the position of each, and what came later waits. Whatever waits longer
 * than the window is applied all the same.
 */
export class Trail<F extends Fold> {
  readonly #fold: F;
  readonly #window: Window;
  #waiting: Fact[] = [];
  #head = 0;
  #applied = 0;
  #last: Fact | null = null;

  constructor(fold: F, window: Window) {
    this.#fold = fold;
    this.#window = window;
  }

  push(fact: Fact): void {
    this.#waiting.push(fact);
    this.#window.add(this, this.#applied + this.#waiting.length - this.#head);
  }

  /** The fold as of this prefix; null if it has gone beyond it. */
  at(cut: Cut): F | null {
    if (this.#last && !isIn(this.#last.place, cut)) return null;
    while (this.#head < this.#waiting.length && isIn(this.#waiting[this.#head]!.place, cut))
      this.#applyNext();
    return this.#fold;
  }

  applyUpTo(nth: number): void {
    while (this.#applied < nth && this.#head < this.#waiting.length) this.#applyNext();
  }

  #applyNext(): void {
    this.#last = this.#waiting[this.#head]!;
    this.#head++;
    this.#applied++;
    this.#fold.apply(this.#last);
    if (this.#head > 1_000 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }
}

/**
 * The newest so many keys: enough to see what comes twice, without a memory that grows with the
 * log.
 */
export class Recent<V> {
  readonly #entries = new Map<string, V>();
  readonly #size: number;
  /** Whether one was ever forgotten. */
  forgot = false;

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#size) return;
    this.#entries.delete(this.#entries.keys().next().value!);
    this.forgot = true;
  }
}
