import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** It ends with this process, however this one ends. */
const WITH_US = ['--import', new URL('../bootstrap/end-with-parent.mjs', import.meta.url).href];

/**
 * As services are run: V8 then collects before it grows, and a service stays below 150 MB under
 * load.
 */
const SERVICE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=80', '--optimize-for-size'];

/** What operators read is open on this machine. */
const HERE = { HOST: '127.0.0.1', OPERATORS_ACCESS: 'open' };

/** A service as a process of its own, from its built `dist/main.js`, as it runs in production. */
export class ServiceProcess {
  #child: ChildProcess | null = null;
  #output = '';

  constructor(
    readonly service: string,
    readonly environment: Record<string, string>,
    readonly args: readonly string[] = [],
    /** What it prints, as it comes. */
    private readonly onOutput: (text: string) => void = () => {},
    /** Where the code is: this checkout, or that of another version. */
    private readonly folder = root,
  ) {}

  start(): void {
    const child = spawn(
      process.execPath,
      [
        ...WITH_US,
        ...SERVICE_FLAGS,
        `${this.folder}services/${this.service}/dist/main.js`,
        ...this.args,
      ],
      {
        env: { PATH: process.env['PATH'] ?? '', ...HERE, ...this.environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const keep = (text: string) => {
      this.#output = (this.#output + text).slice(-20_000);
      this.onOutput(text);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    this.#child = child;
  }

  /** The newest of what it has printed, for the message of a test that fails. */
  get output(): string {
    return this.#output;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get alive(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Sends a signal and waits for the end; gives the exit status, null if the signal ended it.
   */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || !this.alive) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) =>
      child.once('exit', (code) => resolve(code)),
    );
    child.kill(signal);
    return ended;
  }
}

const AGAIN_FROM_MS = 200;
const AGAIN_TO_MS = 2_000;
/** One that has lived for so long was not ended by how it starts. */
const SETTLED_MS = 10_000;

/**
 * A service that ends because a server is away is started again, as whatever runs containers would
 * do: soon, and later each time that it ends at once.
 */
export class Supervised {
  readonly #process: ServiceProcess;
  /** While it is supervised. */
  #stop: AbortController | null = null;
  #watching: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    environment: Record<string, string>,
    onOutput?: (text: string) => void,
    args: readonly string[] = [],
    folder?: string,
  ) {
    this.#process = new ServiceProcess(name, environment, args, onOutput, folder);
  }

  get output(): string {
    return this.#process.output;
  }

  /** Of the process that lives now. */
  get pid(): number | undefined {
    return this.#process.alive ? this.#process.pid : undefined;
  }

  async start(): Promise<void> {
    // One that has just ended by itself is started again anyway.
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#process.start();
    this.#watching = this.#watch(this.#stop.signal);
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Lets it finish what is in its hands; after `graceMs` it is killed. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => void this.#process.end('SIGKILL'), graceMs);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#stop?.abort();
    this.#stop = null;
    await this.#process.end(signal);
    await this.#watching;
  }

  async #watch(stop: AbortSignal): Promise<void> {
    let began = performance.now();
    for (let wait = AGAIN_FROM_MS; !stop.aborted;) {
      await pause(wait, undefined, { signal: stop }).catch(() => {});
      if (stop.aborted || this.#process.alive) continue;
      wait =
        performance.now() - began > SETTLED_MS ? AGAIN_FROM_MS : Math.min(wait * 2, AGAIN_TO_MS);
      began = performance.now();
      this.#process.start();
    }
  }
}
