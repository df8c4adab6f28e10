import type { Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import { eventText, openEventStream } from '@cliptally/telemetry';
import type { ServerResponse } from 'node:http';

/** In real time, whatever the clock's speed. */
const TICK_MS = 1_000;
/** Ages and rates move without events, too. */
const REFRESH_TICKS = 5;
/** Pages at most: of one caller, and of all. */
const OF_CALLER = 20;
const OF_ALL = 200;

export interface Progress {
  position: number;
  head: number;
  ready: boolean;
}

export interface LiveOptions {
  read: () => Promise<object>;
  progress: () => Promise<Progress>;
  clock: Clock;
  log: Log;
}

interface Client {
  caller: string;
  response: ServerResponse;
  /** Version of each section that this client has. */
  has: Map<string, number>;
}

/**
 * Sends every open page the sections that have changed, whole; a slow page gets fewer versions,
 * never a queue. Tables are read once for all pages, and not at all without one.
 */
export class Live {
  readonly #clients = new Set<Client>();
  readonly #sections = new Map<string, { version: number; text: string }>();
  readonly #options: LiveOptions;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #readAt = -1;
  #busy = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /**
   * Takes over the response. If too many pages are open, the oldest of the caller ends, or of who
   * has most of them: nobody keeps another one out.
   */
  attach(response: ServerResponse, caller: string): void {
    openEventStream(response);
    const client: Client = { caller, response, has: new Map() };
    this.#clients.add(client);
    this.#makeRoom(caller);
    response.on('close', () => {
      this.#clients.delete(client);
      if (this.#clients.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    if (!this.#timer) {
      this.#readAt = -1;
      this.#timer = setInterval(() => void this.#tick(), TICK_MS);
    }
    void this.#tick();
  }

  #makeRoom(caller: string): void {
    const pages = Map.groupBy(this.#clients, (client) => client.caller);
    const own = pages.get(caller)!;
    const [most] = [...pages.values()].toSorted((a, b) => b.length - a.length);
    const [oldest] = own.length > OF_CALLER ? own : this.#clients.size > OF_ALL ? most! : [];
    if (!oldest) return;
    this.#clients.delete(oldest);
    oldest.response.end();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { response } of this.#clients) response.end();
  }

  async #tick(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const { clock, read, progress } = this.#options;
      const { position, head, ready } = await progress();
      // Once a second in any case: without it a page knows that it is cut off.
      this.#put('clock', { now: clock.now().getTime(), speed: clock.speed, ready, position, head });
      const due = position !== this.#readAt || this.#ticks++ % REFRESH_TICKS === 0;
      if (due && ready) {
        for (const [name, section] of Object.entries(await read())) this.#put(name, section);
        this.#readAt = position;
      }
    } catch (error) {
      this.#options.log.warn(
        { error: (error as Error).message },
        'the live page could not be brought up to date',
      );
    } finally {
      this.#busy = false;
    }
    for (const client of this.#clients) this.#send(client);
  }

  #put(name: string, section: object): void {
    const text = JSON.stringify(section);
    const before = this.#sections.get(name);
    if (before?.text !== text)
      this.#sections.set(name, { version: (before?.version ?? 0) + 1, text });
  }

  #send(client: Client): void {
    const { response, has } = client;
    if (response.writableNeedDrain) return;
    const news = [...this.#sections].filter(([name, { version }]) => has.get(name) !== version);
    if (news.length === 0) return;
    for (const [name, { version }] of news) has.set(name, version);
    response.write(news.map(([name, { text }]) => eventText(name, text)).join(''));
  }
}
