import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

type Way = 'request' | 'answer';
/** What becomes of bytes between two processes. */
export type Fate =
  | 'pass'
  /** Connections end, and no new one comes about. */
  | 'cut'
  /** Each piece of bytes arrives two seconds late. */
  | 'slow'
  /** Nothing arrives, and no error comes: a cable that is out, and comes in again. */
  | 'silent'
  /** As silent for what is connected; new connections are as ever. */
  | 'half-open'
  /** Nothing arrives in one direction. */
  | 'no requests'
  | 'no answers'
  /** A connection ends in the middle of its next answer. */
  | 'reset';

const SLOW_MS = 2_000;
const STUCK: Readonly<Record<Way, readonly Fate[]>> = {
  request: ['silent', 'half-open', 'no requests'],
  answer: ['silent', 'half-open', 'no answers'],
};

interface Link {
  sockets: readonly [Socket, Socket];
  /** Made while connections were half-open, and so not one of those. */
  fresh: boolean;
}

interface Trap {
  way: Way;
  pattern: string;
  spring: () => Promise<void>;
}

/** Stands between one process and what it connects to; its fate says what becomes of the bytes. */
export class Proxy {
  readonly #links = new Set<Link>();
  #fate: Fate = 'pass';
  #changed = Promise.withResolvers<void>();
  #trap: Trap | null = null;
  /** Connections that a fate other than passing has met. */
  struck = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: () => { host: string; port: number },
  ) {
    server.on('connection', (client: Socket) => this.#take(client));
  }

  /** `target` is asked at each connection: a server that comes back may listen elsewhere. */
  static async open(target: number | (() => { host: string; port: number })): Promise<Proxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const to = typeof target === 'number' ? () => ({ host: '127.0.0.1', port: target }) : target;
    return new Proxy(server, to);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Connections at this moment. */
  get open(): number {
    return this.#links.size;
  }

  /** An address that leads through here. */
  through(url: string, hostname = '127.0.0.1'): string {
    return Object.assign(new URL(url), { hostname, port: String(this.port) }).href;
  }

  become(fate: Fate): void {
    this.#fate = fate;
    if (fate !== 'pass') this.struck += this.#links.size;
    for (const link of this.#links) link.fresh = false;
    if (fate === 'cut') this.#cut();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /**
   * The next piece of bytes that has `pattern` is held back until `spring` is done. Resolves then;
   * false if none came in `withinMs`.
   */
  async trap(way: Way, pattern: string, spring: () => Promise<void>, withinMs: number) {
    const sprung = new Promise<true>((resolve, reject) => {
      this.#trap = {
        way,
        pattern,
        spring: () => spring().then(() => resolve(true), reject), // prettier-ignore
      };
    });
    const late = new AbortController();
    const came = await Promise.race([
      sprung,
      pause(withinMs, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    // Once it has begun it is waited for.
    if (!came && !this.#trap) return sprung;
    this.#trap = null;
    return came;
  }

  async close(): Promise<void> {
    this.become('cut');
    const closed = new Promise((resolve) => this.server.close(resolve));
    await closed;
  }

  #cut(): void {
    for (const { sockets } of this.#links) for (const socket of sockets) reset(socket);
  }

  #take(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.#fate === 'cut') {
      reset(client);
      return;
    }
    if (this.#fate !== 'pass') this.struck++;
    const server = connect({ ...this.target(), allowHalfOpen: true });
    server.on('error', () => client.destroy());
    const link: Link = { sockets: [client, server], fresh: true };
    this.#links.add(link);
    const ended = (other: Socket) => () => {
      this.#links.delete(link);
      // A cable that is out tells nobody about an end either.
      void this.#passable(link, 'request').then(() => other.destroy());
    };
    client.on('close', ended(server));
    server.on('close', ended(client));
    void this.#forward(link, client, server, 'request');
    void this.#forward(link, server, client, 'answer');
  }

  async #forward(link: Link, from: Socket, to: Socket, way: Way): Promise<void> {
    let delivered = Promise.resolve();
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        await this.#hold(piece, way);
        const due = performance.now() + (this.#fate === 'slow' ? SLOW_MS : 0);
        // Pieces are late, and not fewer.
        delivered = delivered.then(() => this.#deliver(link, piece, due, from, to, way));
        if (this.#fate !== 'slow') await delivered;
      }
      await delivered;
      await this.#passable(link, way);
      to.end();
    } catch {
      // One side has ended: its close ends the other.
    }
  }

  async #deliver(
    link: Link,
    piece: Buffer,
    due: number,
    from: Socket,
    to: Socket,
    way: Way,
  ): Promise<void> {
    const left = due - performance.now();
    if (left > 0) await pause(left);
    await this.#passable(link, way);
    if (to.destroyed) return;
    if (this.#fate === 'reset' && way === 'answer') {
      to.write(piece.subarray(0, piece.length >> 1));
      await pause(20);
      reset(to);
      reset(from);
    } else if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }

  async #hold(piece: Buffer, way: Way): Promise<void> {
    const trap = this.#trap;
    if (trap?.way !== way || !piece.includes(trap.pattern)) return;
    this.#trap = null;
    await trap.spring();
  }

  async #passable(link: Link, way: Way): Promise<void> {
    const stuck = () =>
      STUCK[way].includes(this.#fate) && !(this.#fate === 'half-open' && link.fresh);
    while (stuck()) await this.#changed.promise;
  }
}

/** One that is being ended is closed: Node would wait for its handle for ever as it exits. */
const reset = (socket: Socket): void =>
  void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy());
