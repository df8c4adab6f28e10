import type { StreamAppend } from '../port.js';

/** Streams at most, oldest out: some ten megabytes. */
const MAX_STREAMS = 100_000;

/**
 * Last revisions of the streams that this process wrote to lately, so that its next appends need
 * not read them. Others may have written since: the log refuses then.
 */
export class KnownTails {
  readonly #revisions = new Map<string, number>();
  /** The log reached at least this position. */
  #seen = 0;

  get seen(): number {
    return this.#seen;
  }

  /** Null if it is not known, or if another revision is expected. */
  of({ stream, expected }: StreamAppend): number | null {
    const known = this.#revisions.get(stream);
    return known === undefined || (typeof expected === 'number' && expected !== known)
      ? null
      : known;
  }

  keep(stream: string, revision: number, position: number): void {
    // What was written last comes last.
    this.#revisions.delete(stream);
    this.#revisions.set(stream, revision);
    if (this.#revisions.size > MAX_STREAMS)
      this.#revisions.delete(this.#revisions.keys().next().value!);
    this.#seen = Math.max(this.#seen, position);
  }

  forget(): void {
    this.#revisions.clear();
    this.#seen = 0;
  }
}
