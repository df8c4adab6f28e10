import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Note } from './history.js';

const PROGRAM = fileURLToPath(new URL('../../../dist/e2e/list-append/client.js', import.meta.url));

/** A process of client.ts, and the notes that it has printed so far. */
export class Clients {
  readonly notes: Note[] = [];
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(
    url: string,
    readonly name: string,
  ) {
    const child = spawn(process.execPath, [PROGRAM, url, name], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      this.notes.push(...lines.map((line) => JSON.parse(line) as Note));
    });
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (this.output = (this.output + text).slice(-5_000)));
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** How many appends it has had acknowledged. */
  get acknowledged(): number {
    return this.notes.filter((note) => note.type === 'ok' && note.places).length;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.alive) this.#child.kill(signal);
    await this.#ended;
  }
}
