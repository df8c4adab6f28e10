import { earningsProjection } from '@cliptally/earnings';
import { positionOf, type Projection } from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import { setTimeout as pause } from 'node:timers/promises';
import type { Machines } from './machines.js';

const EVERY_MS = 250;
export const PROJECTIONS: readonly Projection[] = [
  earningsProjection,
  monitorProjection,
  schedulerProjection,
];

/** Reads checkpoints and memory all the time: what moves back or grows for a moment is seen. */
export class Watcher {
  readonly #last = new Map<string, number>();
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  readings = 0;
  #blind = false;
  /** Checkpoints that were lower than before. */
  back: string[] = [];

  constructor(private readonly world: Machines) {}

  start(): void {
    this.#running = this.#run();
  }
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** A log that is set back takes its projections with it: then nothing is read. */
  async blindfolded(work: () => Promise<unknown>): Promise<void> {
    this.#blind = true;
    await work();
    this.#last.clear();
    this.#blind = false;
  }

  /** The most resident bytes of each service since the last call. */
  takePeaks(): Map<string, number> {
    const peaks = new Map<string, number>();
    for (const machine of this.world.machines.values()) {
      peaks.set(machine.service, Math.max(peaks.get(machine.service) ?? 0, machine.peak));
      machine.peak = 0;
    }
    return peaks;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (; !signal.aborted; await pause(EVERY_MS, undefined, { signal }).catch(() => {})) {
      for (const machine of this.world.machines.values()) machine.sample();
      for (const projection of PROJECTIONS) {
        const at = await positionOf(projection, this.world.pool).catch(() => null);
        if (at === null || this.#blind) continue;
        this.readings++;
        const before = this.#last.get(projection.name) ?? 0;
        if (at < before) this.back.push(`${projection.name} went back from ${before} to ${at}`);
        this.#last.set(projection.name, at);
      }
    }
  }
}
