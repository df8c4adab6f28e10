import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Sections } from '../../src/live/sections.js';

export type Told = Partial<Sections>;
const NAMES: (keyof Sections)[] = [
  'clock',
  'state',
  'cost',
  'campaigns',
  'clips',
  'failures',
  'newest',
];
/** The server speaks every second; longer silence means that this page is cut off. */
const SILENCE_MS = 6_000;

export interface World {
  told: Told;
  connected: boolean;
  /** The world's present instant, in ms. */
  now: number;
}

/**
 * Follows the monitor; the browser itself reconnects, and a section stays until a newer one comes.
 */
export function useWorld(): World {
  const [told, setTold] = useState<Told>({});
  const [heard, setHeard] = useState(0);
  const [real, setReal] = useState(performance.now());
  useEffect(() => {
    const source = new EventSource('events');
    for (const name of NAMES)
      source.addEventListener(name, (event) => {
        setTold((before) => ({ ...before, [name]: JSON.parse(event.data as string) as unknown }));
        if (name === 'clock') setHeard(performance.now());
      });
    const timer = setInterval(() => setReal(performance.now()), 1_000);
    return () => {
      source.close();
      clearInterval(timer);
    };
  }, []);
  const since = Math.max(0, real - heard);
  const connected = heard > 0 && since < SILENCE_MS;
  const { now, speed } = told.clock ?? { now: 0, speed: 1 };
  return { told, connected, now: now + (connected ? Math.min(since, SILENCE_MS) * speed : 0) };
}

export const Now = createContext(0);
export const useNow = (): number => useContext(Now);

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Changes with the colour scheme, so that what is drawn on a canvas is drawn anew. */
export function useScheme(): string {
  const [scheme, setScheme] = useState(dark.matches ? 'dark' : 'light');
  useEffect(() => {
    const change = () => setScheme(dark.matches ? 'dark' : 'light');
    dark.addEventListener('change', change);
    return () => dark.removeEventListener('change', change);
  }, []);
  return scheme;
}
