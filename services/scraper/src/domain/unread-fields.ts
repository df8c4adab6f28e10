import { at } from './row.js';

/** A field that stood in none of so many rows is misspelt, or the actor has changed. */
const ROWS = 20;

/** Fields of a configuration that no row has had yet. */
export class UnreadFields {
  readonly #fields: Set<string>;
  #rows = 0;
  #warned = false;

  constructor(fields: readonly string[]) {
    this.#fields = new Set(fields);
  }

  /** Takes rows, and gives the fields that are to be reported: each once. */
  take(rows: readonly Record<string, unknown>[]): string[] {
    const whole = rows.filter(
      (row) => !('error' in row || 'errorCode' in row || 'noResults' in row),
    );
    this.#rows += whole.length;
    for (const field of this.#fields)
      if (whole.some((row) => (at(row, field) ?? null) !== null)) this.#fields.delete(field);
    if (this.#warned || this.#rows < ROWS) return [];
    this.#warned = true;
    return [...this.#fields];
  }
}
