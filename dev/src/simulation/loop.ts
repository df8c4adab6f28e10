import type { Chance } from './chance.js';

/** One life of a process: after its crash nothing that it has begun goes on. */
export class Life {
  crashed = false;
  /** Its connections end with it: who waits for its answer learns that none comes. */
  readonly ended: Promise<null>;
  #end: (none: null) => void = () => {};

  constructor(readonly name: string) {
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  crash(): void {
    this.crashed = true;
    this.#end(null);
  }
}

/** Wakes all that wait for a change. */
export class Change {
  #waiting: (() => void)[] = [];

  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  notify(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** The end of one call to the outside: it is made or not, and its answer arrives, late or not. */
export type Fault =
  'none' | 'refused' | 'answer lost' | 'answer late' | 'crash before' | 'crash after';

interface Parked {
  life: Life;
  run: () => Promise<void>;
  /** Calls of one connection are made in the order in which they were sent. */
  connection?: string | undefined;
}

export interface Call<T> {
  life: Life;
  what: string;
  make: (fault: Fault) => Promise<T>;
  /** The error of a call that was refused, or that has no answer. */
  lost: (fault: 'refused' | 'answer lost') => Error;
  connection?: string;
}

/**
 * Runs everything in one process, one call to the outside at a time, in an order that the seed
 * gives: a call of the store or the database waits here until it is chosen. Between two choices
 * only code runs that waits for nothing.
 */
export class Loop {
  readonly #chance: Chance;
  #parked: Parked[] = [];
  readonly #turns: (() => void)[] = [];
  #fault: unknown;
  faulty = true;
  /** Each choice, for the trace of a seed. */
  readonly trace: string[] = [];
  /** Crashes and lost or refused calls that were made. */
  faults = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** `make` may have to raise the error of an answer that is lost itself. */
  call<T>({ life, what, make, lost, connection }: Call<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async () => {
        const fault = this.#faultOf();
        this.trace.push(`${life.name}: ${what}${fault === 'none' ? '' : ` (${fault})`}`);
        if (fault !== 'none') this.faults++;
        if (fault === 'crash before') life.crash();
        if (life.crashed) return;
        if (fault === 'refused') return reject(lost(fault));
        try {
          const value = await make(fault);
          if (fault === 'crash after') life.crash();
          else if (fault === 'answer lost') reject(lost(fault));
          else if (fault === 'answer late')
            this.#parked.push({ life, run: () => Promise.resolve(resolve(value)) });
          else resolve(value);
        } catch (error) {
          reject(error);
        }
      };
      this.#parked.push({ life, run, connection });
    });
  }

  /** Calls of one life to one thing outside. */
  callsOf(life: Life, lost: Call<unknown>['lost']) {
    return <T>(what: string, make: () => T | Promise<T>): Promise<T> =>
      this.call({ life, what, make: async () => make(), lost });
  }

  #faultOf(): Fault {
    if (!this.faulty) return 'none';
    const chance = this.#chance.next();
    if (chance < 0.01) return 'crash before';
    if (chance < 0.02) return 'crash after';
    if (chance < 0.035) return 'refused';
    if (chance < 0.05) return 'answer lost';
    if (chance < 0.1) return 'answer late';
    return 'none';
  }

  /**
   * Begins work beside the rest; its failure is the simulation's, unless its process has crashed.
   */
  begin(life: Life, work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!life.crashed) this.#fault ??= error;
    });
  }

  /** Resolves when everything that is ready now has had its turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.#turns.push(resolve));
  }

  /** Makes one of the waiting calls; false if none waits. */
  async step(): Promise<boolean> {
    this.#parked = this.#parked.filter(({ life }) => !life.crashed);
    const busy = new Set<string>();
    const next = this.#parked.filter(({ connection }) => {
      if (connection === undefined) return true;
      if (busy.has(connection)) return false;
      busy.add(connection);
      return true;
    });
    if (next.length === 0) return false;
    const chosen = this.#chance.of(next);
    this.#parked = this.#parked.filter((one) => one !== chosen);
    await chosen.run();
    await this.settle();
    return true;
  }

  /** Lets everything run that waits for no call. */
  async settle(): Promise<void> {
    do {
      for (const wake of this.#turns.splice(0)) wake();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#turns.length > 0);
    if (this.#fault !== undefined) throw this.#fault as Error;
  }

  /** Until no call waits any more. */
  async drain(): Promise<void> {
    await this.settle();
    while (await this.step());
  }
}
