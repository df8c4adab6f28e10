import { Chance } from '../../simulation/chance.js';
import { until } from '../../servers/index.js';
import { Calm, recovered } from './calm.js';
import type { Fault } from './fault.js';
import { inspect, type Judgement } from './invariants.js';
import { Load } from './load.js';
import { startMachines, type Machines, type WorldOptions } from './machines.js';
import { Watcher } from './watcher.js';

export interface Outcome {
  fault: Fault;
  round: number;
  /** What it met, or why it could not be done. */
  struck: string;
  skipped: boolean;
  /** Milliseconds from the end of the fault until all that was begun by then was taken over. */
  recoveredMs: number | null;
  /** From the fault's beginning to the end of all checks. */
  tookMs: number;
  /** Whether all work came to an end. */
  calm: boolean;
  judgement: Judgement | null;
  /** Most resident bytes of a process, and whose. */
  memory: { service: string; bytes: number } | null;
  /** Why the run could not go on. */
  problem: string | null;
}

export const isSound = ({ skipped, judgement, recoveredMs, calm, problem }: Outcome): boolean =>
  skipped ||
  (problem === null &&
    recoveredMs !== null &&
    calm &&
    judgement !== null &&
    judgement.lost + judgement.doubled + judgement.differs === 0);

/** The same seed makes the same choices for a fault, whichever others are run. */
function chanceOf(seed: number, fault: string, round: number): Chance {
  let hash = seed;
  for (const letter of `${fault} ${round}`) hash = Math.imul(hash, 31) + letter.codePointAt(0)!;
  return new Chance(hash >>> 0);
}

/** Machines under load, to which faults are done one after the other. */
export class Run {
  private constructor(
    readonly world: Machines,
    private readonly load: Load,
    private readonly watcher: Watcher,
    private readonly calm: Calm,
    private readonly seed: number,
  ) {}

  static async begin(seed: number, options: WorldOptions = {}): Promise<Run> {
    const world = await startMachines(options);
    const load = new Load(world, chanceOf(seed, 'load', 0));
    const watcher = new Watcher(world);
    const run = new Run(world, load, watcher, new Calm(world, load), seed);
    try {
      await load.begin();
      load.start();
      watcher.start();
      await run.#warm();
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  /** Money is earned and paid before anything is broken. */
  async #warm(): Promise<void> {
    const isPaid = async () => {
      for await (const { type } of this.world.store.readAll(0, { types: ['PayoutPaid'], limit: 1 }))
        return type;
      return null;
    };
    await until('a first payout', isPaid, { said: () => this.said() });
  }

  async try(fault: Fault, round: number): Promise<Outcome> {
    const outcome: Outcome = { fault, round, struck: '', skipped: false, recoveredMs: null, tookMs: 0, calm: false, judgement: null, memory: null, problem: null }; // prettier-ignore
    const why = fault.impossible?.() ?? null;
    if (why !== null) return { ...outcome, struck: why, skipped: true };
    this.watcher.takePeaks();
    const began = performance.now();
    try {
      const { load, watcher } = this;
      const chance = chanceOf(this.seed, fault.name, round);
      outcome.struck = await fault.strike(this.world, chance, { load, watcher });
      outcome.recoveredMs = await recovered(this.world);
      outcome.calm = await this.rest();
      outcome.judgement = await this.judge();
      const [most] = [...this.watcher.takePeaks()].toSorted(([, a], [, b]) => b - a);
      if (most) outcome.memory = { service: most[0], bytes: most[1] };
      await this.calm.end();
    } catch (error) {
      outcome.problem = (error as Error).message;
    }
    outcome.tookMs = Math.round(performance.now() - began);
    return outcome;
  }

  /** Ends all work; false if it does not end. */
  rest(): Promise<boolean> {
    return this.calm.begin();
  }

  /** As it is now, at rest. */
  judge(): Promise<Judgement> {
    return inspect(this.world, this.load, this.watcher);
  }

  /** The newest output of each process, to see why. */
  said(): string {
    const all = [...this.world.machines.values()];
    return all.map(({ name, output }) => `${name}:\n${output.slice(-3_000)}`).join('\n');
  }

  async close(): Promise<void> {
    await this.watcher.stop();
    await this.load.close();
    await this.world.close();
  }
}
