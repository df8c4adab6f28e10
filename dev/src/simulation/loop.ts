import type { Chance } from './chance.js';

/** One life of a process: after its crash nothing that it has begun goes on. */
export class Life {
  crashed = false;
  /** Its connections end with it: whoever waits for its answer learns that none comes. */
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

/** What came of one call to the outside: it is made or not, and its answer arrives or not. */
export type Fault = 'none' | 'refused' | 'answer lost' | 'crash before' | 'crash after';

interface Parked {
  life: Life;
  run: () => Promise<void>;
}

/**
 * Runs everything in one process, one call to the outside at a time, in an order that the seed
 * gives: whoever calls the store or the database waits here until it is chosen. Between two choices
 * only code runs that waits for nothing.
 */
export class Loop {
  readonly #chance: Chance;
  #parked: Parked[] = [];
  #fault: unknown;
  faulty = true;
  /** Each choice, for the trace of a seed. */
  readonly trace: string[] = [];
  /** Crashes and lost or refused calls that were made. */
  faults = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** `lost` makes the error of a call without an answer; `make` may have to raise it itself. */
  call<T>(
    life: Life,
    what: string,
    make: (fault: Fault) => Promise<T>,
    lost: () => Error,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async () => {
        const fault = this.#faultOf();
        this.trace.push(`${life.name}: ${what}${fault === 'none' ? '' : ` (${fault})`}`);
        if (fault !== 'none') this.faults++;
        if (fault === 'crash before') life.crash();
        if (life.crashed) return;
        if (fault === 'refused') return reject(lost());
        try {
          const value = await make(fault);
          if (fault === 'crash after') life.crash();
          else if (fault === 'answer lost') reject(lost());
          else resolve(value);
        } catch (error) {
          reject(error);
        }
      };
      this.#parked.push({ life, run });
    });
  }

  #faultOf(): Fault {
    if (!this.faulty) return 'none';
    const chance = this.#chance.next();
    if (chance < 0.01) return 'crash before';
    if (chance < 0.02) return 'crash after';
    if (chance < 0.035) return 'refused';
    if (chance < 0.05) return 'answer lost';
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

  /** Makes one of the waiting calls; false if none waits. */
  async step(): Promise<boolean> {
    this.#parked = this.#parked.filter(({ life }) => !life.crashed);
    if (this.#parked.length === 0) return false;
    const [chosen] = this.#parked.splice(this.#chance.below(this.#parked.length), 1);
    await chosen!.run();
    await this.settle();
    return true;
  }

  /** Lets everything run that waits for no call. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#fault !== undefined) throw this.#fault as Error;
  }

  /** Until no call waits any more. */
  async drain(): Promise<void> {
    await this.settle();
    while (await this.step());
  }
}
