import type { Sections } from '@cliptally/monitor/live';
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

export type Received = Partial<Sections>;
const NAMES: (keyof Sections)[] = [
  'clock',
  'state',
  'cost',
  'campaigns',
  'clips',
  'failures',
  'newest',
];
/** The server sends the clock every second; a page without it so long is cut off. */
const SILENCE_MS = 6_000;

export interface Live {
  sections: Received;
  connected: boolean;
  /** The service clock's present instant, in ms. */
  now: number;
}

/** The browser itself reconnects, and a section stays until a newer one comes. */
export function useLive(): Live {
  const [sections, setSections] = useState<Received>({});
  const [receivedAt, setReceivedAt] = useState(0);
  const [real, setReal] = useState(performance.now());
  useEffect(() => {
    const source = new EventSource('events');
    for (const name of NAMES)
      source.addEventListener(name, (event) => {
        setSections((before) => ({
          ...before,
          [name]: JSON.parse(event.data as string) as unknown,
        }));
        if (name === 'clock') setReceivedAt(performance.now());
      });
    const timer = setInterval(() => setReal(performance.now()), 1_000);
    return () => {
      source.close();
      clearInterval(timer);
    };
  }, []);
  const since = Math.max(0, real - receivedAt);
  const connected = receivedAt > 0 && since < SILENCE_MS;
  const { now, speed } = sections.clock ?? { now: 0, speed: 1 };
  return { sections, connected, now: now + (connected ? Math.min(since, SILENCE_MS) * speed : 0) };
}

export const Now = createContext(0);
export const useNow = (): number => useContext(Now);
