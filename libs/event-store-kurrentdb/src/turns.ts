/**
 * Lets one piece of work at a time touch a name, in the order of asking; work on other names goes
 * on beside it.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const done = Promise.all(names.map((name) => this.#last.get(name) ?? Promise.resolve())).then(
      work,
    );
    const over = done.then(
      () => {},
      () => {},
    );
    for (const name of names) this.#last.set(name, over);
    void over.then(() => {
      for (const name of names) if (this.#last.get(name) === over) this.#last.delete(name);
    });
    return done;
  }
}
