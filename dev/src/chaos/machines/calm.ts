import { systemTimers } from '@cliptally/contracts';
import { positionOf } from '@cliptally/messaging';
import { setTimeout as pause } from 'node:timers/promises';
import { Lag } from '../lag.js';
import type { Load } from './load.js';
import type { Machine } from './machine.js';
import type { Machines } from './machines.js';
import { publishedUpTo } from './published.js';
import { PROJECTIONS } from './watcher.js';

/** What has not recovered by then does not. */
const BOUND_MS = 480_000;
const EVERY_MS = 200;
const TRIES = 100;
/** So long nothing is appended, or it is no calm. */
const STILL_MS = 2_500;

/** Milliseconds from now until all that the log has now is taken over; null if never. */
export async function recovered(world: Machines, boundMs = BOUND_MS): Promise<number | null> {
  const began = performance.now();
  return measured(world, async (lag) => {
    const upTo = await insist(() => world.store.head());
    while (performance.now() - began < boundMs) {
      if (lag.openUpTo(upTo) === 0 && lag.reached(upTo))
        return Math.round(performance.now() - began);
      await pause(EVERY_MS);
    }
    return null;
  });
}

/** The end of new work, and of the old. */
export class Calm {
  constructor(
    private readonly world: Machines,
    private readonly load: Load,
  ) {}

  /** False if work does not end. */
  async begin(): Promise<boolean> {
    await Promise.all([this.load.pause(), this.#schedulers((one) => one.stop())]);
    const began = performance.now();
    return measured(this.world, async (lag) => {
      let since = performance.now();
      for (let at = -1; performance.now() - began < BOUND_MS; await pause(EVERY_MS)) {
        const head = await insist(() => this.world.store.head());
        const isBehind = at !== head || lag.openUpTo(head) !== 0 || !lag.reached(head);
        const still = !isBehind && (await insist(() => arePaid(this.world)));
        if (!still) since = performance.now();
        else if (performance.now() - since > STILL_MS) return true;
        at = head;
      }
      return false;
    });
  }

  async end(): Promise<void> {
    await this.#schedulers((one) => one.start());
    this.load.start();
  }

  async #schedulers(act: (one: Machine) => Promise<void>): Promise<void> {
    const all = [...this.world.machines.values()].filter((one) => one.service === 'scheduler');
    await Promise.all(all.map(act));
  }
}

/** What was sent to Stripe may have its answer much later. */
const arePaid = async ({ pool }: Machines): Promise<boolean> =>
  (await pool.query(`select from earnings.payouts where status = 'APPROVED' limit 1`)).rowCount ===
  0;

/** The servers may be on their way back. */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES) throw error;
      await pause(EVERY_MS);
    }
  }
}

/** With a measuring of its own: after a log was set back an older one would know nothing. */
async function measured<T>(world: Machines, wait: (lag: Lag) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const { store, pool, jetStream } = world;
  // The scheduler takes over what is new when it plans.
  const following = PROJECTIONS.filter(({ name }) => name !== 'scheduler');
  const followers = {
    ...Object.fromEntries(following.map((one) => [one.name, () => positionOf(one, pool)])),
    JetStream: () => publishedUpTo(jetStream),
  };
  const lag = new Lag(store, followers, systemTimers, Date.now);
  const running = lag.run(stop.signal).catch(() => {});
  try {
    return await wait(lag);
  } finally {
    stop.abort();
    await running;
  }
}
