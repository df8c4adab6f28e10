import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Victim } from '../../chaos/victims.js';
import type { RunningPostgres } from '../../servers/index.js';
import { LANES, type Acknowledged } from './history.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Waits for what a victim does when it is at work; not for ever, because what it needs may be away
 * at this moment.
 */
export async function atWork(sign: () => unknown): Promise<void> {
  for (let i = 0; i < 100 && !(await sign()); i++) await pause(100);
}

/** The same numbers from the same seed, from 0 up to 1. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Kills a victim at random moments and starts it again, as long as `more` says of the rounds made
 * so far; gives their number.
 */
export async function torment(
  victim: Victim,
  more: (rounds: number) => boolean,
  chance: () => number,
): Promise<number> {
  let rounds = 0;
  for (; more(rounds); rounds++) {
    await pause(100 + chance() * 1_200);
    await victim.kill();
    await pause(chance() * 400);
    await victim.start();
  }
  return rounds;
}

/** The writer of writer.ts; keeps what it has acknowledged over all of its lives. */
export class Writer implements Victim {
  readonly name = 'the writer';
  readonly acknowledged: Acknowledged[] = [];
  readonly faults: string[] = [];
  readonly #url: string;
  #child: ReturnType<typeof spawn> | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
  }

  async start(): Promise<void> {
    const from = Array.from(
      { length: LANES },
      (_, lane) =>
        1 +
        this.acknowledged
          .filter((a) => a.lane === lane)
          .reduce((last, { step }) => Math.max(last, step), -1),
    );
    const program = fileURLToPath(new URL('../../../dist/e2e/chaos/writer.js', import.meta.url));
    const child = spawn(process.execPath, [program, this.#url, ...from.map(String)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      this.acknowledged.push(...lines.map((line) => JSON.parse(line) as Acknowledged));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.faults.push(text));
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
    this.#child = child;
    const before = this.acknowledged.length;
    await atWork(() => this.acknowledged.length > before);
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }
}

/** A PostgreSQL that comes back on the same data and port. */
export class Postgres implements Victim {
  readonly name = 'PostgreSQL';
  readonly #open: (port?: number) => Promise<RunningPostgres>;
  #running!: RunningPostgres;

  constructor(open: (port?: number) => Promise<RunningPostgres>) {
    this.#open = open;
  }

  get url(): string {
    return this.#running.url;
  }

  async start(): Promise<void> {
    this.#running = await this.#open(this.#running?.port);
  }

  kill(): Promise<void> {
    return this.#running.kill();
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }
}
