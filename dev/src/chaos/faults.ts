import type { Timers } from '@cliptally/contracts';
import type { Fault, FaultBody, FaultKind } from '@cliptally/contracts/api';
import type { Victim } from './victims.js';

/** What a fault is done to, and what it has done. */
export interface Target {
  victim: Victim;
  /** Asked once more when it is over. */
  struck: () => string;
}
export type Targets = Readonly<Record<FaultKind, Target>>;

/** The fault cannot be begun at this moment; the message says why. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const KEPT = 50;
const RETRY_MS = 1_000;
const RETRIES = 60;

/**
 * Disturbs, and ends each disturbance by itself: the page that asked for it may be closed by then.
 * One of a kind at a time; those of different kinds may overlap.
 */
export class Faults {
  readonly #stop = new AbortController();
  readonly #running = new Map<FaultKind, Promise<void>>();
  #faults: Fault[] = [];

  constructor(
    private readonly targets: Targets,
    private readonly timers: Timers,
    private readonly now: () => number,
  ) {}

  /** Newest last. */
  get all(): readonly Fault[] {
    for (const fault of this.#faults)
      if (fault.overAt === null && !fault.problem) fault.struck = this.targets[fault.kind].struck();
    return this.#faults;
  }

  isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** The same id is the same fault, however often it is asked for. Throws {@link Refused}. */
  async begin(body: FaultBody): Promise<Fault> {
    const known = this.#faults.find(({ id }) => id === body.id);
    if (known) return known;
    if (this.#stop.signal.aborted) throw new Refused('npm start is being stopped.');
    const other = this.#faults.findLast(({ kind, overAt }) => kind === body.kind && overAt === null); // prettier-ignore
    if (other) {
      const left = Math.ceil((other.beganAt + other.seconds * 1_000 - this.now()) / 1_000);
      throw new Refused(
        left > 0
          ? `This is under way already, for ${left} s more. Wait for its end.`
          : 'This is being ended at this moment. Wait until it is over.',
      );
    }
    const fault: Fault = {
      ...body,
      beganAt: this.now(),
      overAt: null,
      recoveredAt: null,
      struck: '',
      problem: null,
    };
    this.#faults = [...this.#faults, fault].slice(-KEPT);
    const running = this.#run(fault);
    this.#running.set(fault.kind, running);
    await running.begun;
    return fault;
  }

  /** Ends all of them now, and takes no more. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #run(fault: Fault): Promise<void> & { begun: Promise<unknown> } {
    const { victim, struck } = this.targets[fault.kind];
    const begun = victim.kill().catch((error: Error) => {
      fault.problem = `It could not be begun: ${error.message}`;
    });
    const ended = begun.then(async () => {
      if (!fault.problem) await this.timers.sleep(fault.seconds * 1_000, this.#stop.signal);
      await this.#restore(fault, victim);
      fault.struck = struck();
      fault.overAt = this.now();
      this.#running.delete(fault.kind);
    });
    return Object.assign(ended, { begun });
  }

  async #restore(fault: Fault, victim: Victim): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await victim.start();
        return;
      } catch (error) {
        if (tries === RETRIES || this.#stop.signal.aborted) {
          fault.problem = `${victim.name} does not start again: ${(error as Error).message} Stop npm start, and start it again.`;
          return;
        }
      }
      await this.timers.sleep(RETRY_MS, this.#stop.signal);
    }
  }
}
