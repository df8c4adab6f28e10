import type { QueryClient } from '@tanstack/preact-query';
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream';
import { setClock } from '../../ui/clock.js';
import { Store } from '../../ui/store.js';
import { detailOf } from './api.js';
import { renewed, session } from './session.js';

/**
 * Whether the server says what changes. While it does, nothing is asked again by time. Read by
 * fetch, since an EventSource sends no token.
 */
const live = new Store(false);

/** What a kind of change can be seen in. */
const SEEN_IN: Record<string, RegExp> = {
  campaigns: /\/(campaigns|catalogue|brands)/,
  clips: /\/(clips|creators|campaigns)/,
  views: /\/(clips|failed-scrapes|scrape-budget)/,
  earnings: /\/(clips|creators|campaigns|catalogue)/,
  payouts: /\/(payouts|creators)/,
  links: /\/(short-links|clips)/,
  accounts: /\/accounts/,
  funding: /\/brands/,
};
const PATTERNS = Object.values(SEEN_IN);
/** Whether the server says when what the route answers changes. */
export const isFollowed = (route: string): boolean =>
  live.get() && PATTERNS.some((pattern) => pattern.test(route));

/** In a sample world something changes all the time: it is read together. */
const GATHER_MS = 1_500;
/** The server beats every five seconds; a stream without it is cut off. */
const SILENCE_MS = 20_000;
const LONGEST_PAUSE_MS = 30_000;

/** Follows for as long as the page is open. */
export async function followChanges(queries: QueryClient): Promise<void> {
  let last: string | undefined;
  for (let failures = 0; ; failures++) {
    const { token } = session.get() ?? {};
    const stop = new AbortController();
    try {
      const response = await fetch('/changes', {
        credentials: 'omit',
        signal: stop.signal,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(last && { 'last-event-id': last }),
        },
      });
      if (response.status === 404) return;
      if (response.status === 401) await renewed(token, await detailOf(response));
      else if (response.ok && response.body) {
        failures = 0;
        await readEvents(response.body, stop, (message) => {
          last = message.id ?? last;
          heed(queries, message);
        });
      }
    } catch {
      // The line about the connection follows from the requests of the screen.
    }
    // What the screen shows may be old from now on; asking says whether the server is there.
    const followed = live.get();
    live.set(false);
    if (followed) void queries.invalidateQueries();
    await pause(Math.min(2_000 * 2 ** failures, LONGEST_PAUSE_MS));
  }
}

/** Ends early if the device has a network again. */
const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    const go = () => {
      clearTimeout(timer);
      removeEventListener('online', go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    addEventListener('online', go);
  });

async function readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  stop: AbortController,
  onEvent: (message: EventSourceMessage) => void,
): Promise<void> {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const received = () => {
    clearTimeout(silence);
    silence = setTimeout(() => stop.abort(), SILENCE_MS);
  };
  const cut = () => stop.abort();
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    received();
    // Without a network nobody ends the stream: it would seem to go on.
    addEventListener('offline', cut);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      received();
      live.set(true);
      onEvent(value);
    }
  } finally {
    removeEventListener('offline', cut);
    clearTimeout(silence);
  }
}

const gathered = new Set<string>();
let gathering: ReturnType<typeof setTimeout> | undefined;

function heed(queries: QueryClient, { event, data }: EventSourceMessage): void {
  if (event === 'clock') {
    const { now, speed } = JSON.parse(data) as { now: number; speed: number };
    setClock(now, speed);
  }
  if (event === 'reset') void queries.invalidateQueries();
  if (event !== 'changes') return;
  for (const kind of (JSON.parse(data) as { kinds: string[] }).kinds) gathered.add(kind);
  gathering ??= setTimeout(() => {
    const patterns = [...gathered].flatMap((kind) => SEEN_IN[kind] ?? []);
    gathered.clear();
    gathering = undefined;
    void queries.invalidateQueries({
      predicate: ({ queryKey: [route] }) => patterns.some((pattern) => pattern.test(String(route))),
    });
  }, GATHER_MS);
}
