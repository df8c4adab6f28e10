import { useEffect, useState } from 'preact/hooks';
import { Store } from './store.js';

/** The service's clock: a sample world's runs faster than ours, and ours may be wrong. */
interface Reading {
  at: number;
  read: number;
  speed: number;
}
const reading = new Store<Reading>({ at: Date.now(), read: performance.now(), speed: 1 });

/** The service says what time it is there, in ms since 1970. */
export const setClock = (at: number, speed: number): void =>
  reading.set({ at, read: performance.now(), speed });

export const now = (): number => {
  const { at, read, speed } = reading.get();
  return at + (performance.now() - read) * speed;
};

/** The service's present instant in ms, anew each second. */
export function useNow(): number {
  const [value, setValue] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setValue(now()), 1_000);
    const stop = reading.follow(() => setValue(now()));
    return () => {
      clearInterval(timer);
      stop();
    };
  }, []);
  return value;
}
