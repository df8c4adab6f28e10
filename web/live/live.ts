import type { Sections } from '@cliptally/monitor/live';
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream';
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { useStore } from '../ui/store.js';
import { authorized, refused, token } from './token.js';

export type Received = Partial<Sections>;
const NAMES: (keyof Sections)[] = [
  'clock',
  'attention',
  'state',
  'cost',
  'campaigns',
  'clips',
  'failures',
  'newest',
];
/** The server sends the clock every second; a page without it so long is cut off. */
const SILENCE_MS = 6_000;
const RECONNECT_MS = 2_000;

export interface Live {
  sections: Received;
  connected: boolean;
  /** The service clock's present instant, in ms. */
  now: number;
}

/** Sections stay until newer ones come, also while the stream is cut off. */
export function useLive(): Live {
  const [sections, setSections] = useState<Received>({});
  const [receivedAt, setReceivedAt] = useState(0);
  const [real, setReal] = useState(performance.now());
  const given = useStore(token);
  const reason = useStore(refused);
  useEffect(() => {
    const timer = setInterval(() => setReal(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (reason !== null) return undefined;
    const stop = new AbortController();
    void follow(stop.signal, ({ event, data }) => {
      if (!NAMES.includes(event as keyof Sections)) return;
      setSections((before) => ({ ...before, [event!]: JSON.parse(data) as unknown }));
      if (event === 'clock') setReceivedAt(performance.now());
    });
    return () => stop.abort();
  }, [given, reason]);
  const since = Math.max(0, real - receivedAt);
  const connected = receivedAt > 0 && since < SILENCE_MS;
  const { now, speed } = sections.clock ?? { now: 0, speed: 1 };
  return { sections, connected, now: now + (connected ? Math.min(since, SILENCE_MS) * speed : 0) };
}

export const Now = createContext(0);
export const useNow = (): number => useContext(Now);

/** Reads the stream by fetch, since an EventSource sends no token, and again when it ends. */
async function follow(
  signal: AbortSignal,
  onEvent: (message: EventSourceMessage) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch('events', {
        signal,
        credentials: 'omit',
        cache: 'no-store',
        headers: authorized(),
      });
      if (response.status === 401 || response.status === 403) {
        const { detail } = (await response.json()) as { detail: string };
        return refused.set(detail);
      }
      if (response.ok && response.body) await readEvents(response.body, onEvent);
    } catch {
      // The page says by itself that nothing comes.
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
  }
}

async function readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onEvent: (message: EventSourceMessage) => void,
): Promise<void> {
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  for (;;) {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => {
      silence = setTimeout(() => resolve(null), SILENCE_MS);
    });
    const read = await Promise.race([reader.read(), late]);
    clearTimeout(silence);
    if (!read) return reader.cancel();
    if (read.done) return;
    onEvent(read.value);
  }
}
