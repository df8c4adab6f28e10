import type { Output } from '../output.js';

const EVERY_MS = 100;

/**
 * One line that is written over while a person watches: share, count, rate, time left. Nothing
 * if nobody does.
 */
export class Progress {
  readonly #began = performance.now();
  #shown = 0;
  #done = 0;

  constructor(
    private readonly total: number,
    private readonly what: string,
    private readonly output: Pick<Output, 'note' | 'live'>,
    private readonly write: (text: string) => void = (text) => void process.stderr.write(text),
  ) {}

  add(count = 1): void {
    this.#done += count;
    const now = performance.now();
    if (!this.output.live || now - this.#shown < EVERY_MS) return;
    this.#shown = now;
    const share = this.#done / this.total;
    const seconds = (now - this.#began) / 1000;
    const bar = '#'.repeat(Math.round(share * 30)).padEnd(30, '.');
    const left = Math.round(seconds / share - seconds);
    this.write(
      `\r[${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${this.#done} of ${this.total} ${this.what}  ${Math.round(this.#done / seconds)}/s  ${left} s left   `,
    );
  }

  end(): void {
    if (this.output.live && this.#shown > 0) this.write(`\r${' '.repeat(110)}\r`);
  }
}
