import { tooMany } from './problem.js';

export interface TurnLimits {
  /** Reads that go on at once: of all callers, and of one. */
  running: { all: number; caller: number };
  /** Reads that wait for their turn: of all callers, and of one. */
  waiting: { all: number; caller: number };
}

/** Fewer than the connections that read the tables: those of writes are left. */
const LIMITS: TurnLimits = {
  running: { all: 6, caller: 3 },
  waiting: { all: 1_000, caller: 200 },
};

interface Line {
  running: number;
  waiting: (() => void)[];
}

/**
 * Turns to read the tables. Each caller has a line of its own, and the lines are served in turn: a
 * hundred lists that one caller asks for at once delay that caller alone.
 */
export class Turns {
  /** Those who have a turn or wait for one; who had one last stands last. */
  readonly #lines = new Map<string, Line>();
  #running = 0;
  #waiting = 0;

  constructor(private readonly limits: TurnLimits = LIMITS) {}

  /**
   * Resolves when it is the caller's turn, with what ends it. Throws a 429 problem if too many
   * wait, and what `left` aborts with: who has gone needs no turn.
   */
  async take(caller: string, left: AbortSignal): Promise<() => void> {
    const line = this.#lines.get(caller) ?? { running: 0, waiting: [] };
    const { waiting } = this.limits;
    if (line.waiting.length >= waiting.caller || this.#waiting >= waiting.all)
      throw tooMany('Too many reads wait already: send the request again in a second.', 1);
    this.#lines.set(caller, line);
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        left.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        line.waiting.splice(line.waiting.indexOf(begin), 1);
        this.#waiting--;
        this.#forget(caller, line);
        reject(left.reason as Error);
      };
      left.addEventListener('abort', leave, { once: true });
      line.waiting.push(begin);
      this.#waiting++;
      this.#next();
    });
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      line.running--;
      this.#running--;
      this.#forget(caller, line);
      this.#next();
    };
  }

  #next(): void {
    const { running } = this.limits;
    while (this.#running < running.all) {
      const found = [...this.#lines].find(
        ([, line]) => line.waiting.length > 0 && line.running < running.caller,
      );
      if (!found) return;
      const [caller, line] = found;
      this.#lines.delete(caller);
      this.#lines.set(caller, line);
      line.running++;
      this.#running++;
      this.#waiting--;
      line.waiting.shift()!();
    }
  }

  #forget(caller: string, line: Line): void {
    if (line.running === 0 && line.waiting.length === 0) this.#lines.delete(caller);
  }
}
