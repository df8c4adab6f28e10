import { useEffect, useState } from 'preact/hooks';

/** A value that components follow, and that code outside them reads and changes. */
export class Store<T> {
  readonly #followers = new Set<() => void>();
  constructor(private value: T) {}

  get = (): T => this.value;

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const follower of this.#followers) follower();
  }

  follow(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}

export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(store.get);
  useEffect(() => {
    const changed = () => setValue(() => store.get());
    changed();
    return store.follow(changed);
  }, [store]);
  return value;
}
