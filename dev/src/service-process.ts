import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * As services are run: V8 then collects before it grows, and a service stays below 150 MB under
 * load.
 */
const SERVICE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=80', '--optimize-for-size'];

/** A service as a process of its own, from its built `dist/main.js`, as it runs in production. */
export class ServiceProcess {
  #child: ChildProcess | null = null;
  #output = '';

  constructor(
    readonly service: string,
    readonly environment: Record<string, string>,
    readonly args: readonly string[] = [],
  ) {}

  start(): void {
    const child = spawn(
      process.execPath,
      [...SERVICE_FLAGS, `${root}services/${this.service}/dist/main.js`, ...this.args],
      {
        env: { PATH: process.env['PATH'] ?? '', ...this.environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
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
