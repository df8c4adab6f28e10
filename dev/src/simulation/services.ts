import { derivedId, type Clock, type ManualClock } from '@cliptally/contracts';
import { isTransient } from '@cliptally/event-store';
import {
  CampaignsController,
  ClipReviewsController,
  ClipsController,
  Commands,
  earningsProjection,
  manualProvider,
  mayBeDone,
  PayoutsController,
  problemOf,
  Settler,
  Tables,
  type Asked,
} from '@cliptally/earnings';
import {
  advance,
  NO_SKIPS,
  NotTheFollower,
  positionOf,
  prepareProjection,
  readUp,
  silentLog,
  type Projection,
} from '@cliptally/messaging';
import type { Client, Pool } from 'pg';
import type { Chance } from './chance.js';
import { Change, Life, type Loop } from './loop.js';
import { poolOf, storeOf, type Log } from './outside.js';

export interface Outside {
  log: Log;
  client: Client;
  /** The true time, and the clock of the earnings service. */
  time: ManualClock;
  clock: Clock;
  loop: Loop;
  chance: Chance;
}

/** A process that applies the log to a projection; the next life goes on from the checkpoint. */
export class Follower {
  #life: Life;
  #busy = false;
  /** Where this life goes on; null if it has to read the checkpoint first. */
  #position: number | null = null;
  /** The last checkpoint, to see that none is behind the one before. */
  reached = 0;
  readonly moved = new Change();

  constructor(
    readonly projection: Projection,
    readonly outside: Outside,
  ) {
    this.#life = new Life(projection.name);
  }

  /** Begins to apply what there is, unless it is at it. */
  apply(): void {
    if (this.#life.crashed) {
      this.#life = new Life(this.projection.name);
      this.#busy = false;
      this.#position = null;
    }
    if (this.#busy) return;
    this.#busy = true;
    const life = this.#life;
    this.outside.loop.begin(life, async () => {
      try {
        await this.#applyAll(life);
      } catch (error) {
        if (!isTransient(error) && !(error instanceof NotTheFollower)) throw error;
        this.#position = null;
      }
      if (life === this.#life) this.#busy = false;
    });
  }

  async #applyAll(life: Life): Promise<void> {
    const { log, client, loop, chance } = this.outside;
    const [store, pool] = [storeOf(log, life, loop), poolOf(client, life, loop)];
    if (this.#position === null) this.#see(await prepareProjection(this.projection, pool, store));
    for await (const batch of readUp(
      store,
      this.#position!,
      this.projection.types,
      chance.between(1, 8),
    )) {
      await advance(this.projection, pool, batch.events, this.#position!, batch.position, NO_SKIPS);
      this.#see(batch.position);
    }
  }

  #see(position: number): void {
    if (position < this.reached)
      throw new Error(
        `8: the checkpoint of ${this.projection.name} went back from ${this.reached} to ${position}`,
      );
    this.#position = position;
    this.reached = position;
    this.moved.notify();
  }
}

/**
 * What a replica does that does not apply events itself: it asks the tables as the checkpoint moves
 * on, until `withinMs` of the simulated clock are over. A caller that waits longer gets a 202.
 */
async function waitFor(
  position: number,
  withinMs: number,
  pool: Pool,
  time: ManualClock,
  follower: Follower,
): Promise<boolean> {
  const found = new AbortController();
  const patience = { over: false };
  const end = time.sleep(withinMs, found.signal).then(() => (patience.over = true));
  try {
    for (;;) {
      // Asked for before the tables are read: a checkpoint in between must wake it as well.
      let moved = follower.moved.next();
      if ((await positionOf(earningsProjection, pool)) >= position) return true;
      if (patience.over) return false;
      do {
        await Promise.race([moved, end]);
        moved = follower.moved.next();
      } while (follower.reached < position && !patience.over);
    }
  } finally {
    found.abort();
  }
}

/** A process of the earnings service: the API's own routes, without HTTP, and the settler. */
export class Earnings {
  readonly life = new Life('earnings');
  readonly #settler: Settler;
  readonly clips: ClipsController;
  readonly reviews: ClipReviewsController;
  readonly payouts: PayoutsController;
  readonly campaigns: CampaignsController;
  settling = false;

  constructor({ log, client, time, clock, loop }: Outside, follower: Follower) {
    const [store, pool] = [storeOf(log, this.life, loop), poolOf(client, this.life, loop)];
    const projector = {
      position: 0,
      waitFor: (position: number, withinMs: number) =>
        waitFor(position, withinMs, pool, time, follower),
    };
    const tables = new Tables(pool, earningsProjection.name);
    const commands = new Commands({ store, projector }, clock, tables);
    this.#settler = new Settler({
      pool,
      schema: earningsProjection.name,
      store,
      clock,
      log: silentLog,
    });
    const follow = () => Promise.reject(new Error('No short links here.'));
    this.clips = new ClipsController(commands, tables, follow, clock);
    this.reviews = new ClipReviewsController(commands, tables);
    this.payouts = new PayoutsController(commands, tables, { manual: manualProvider }, clock);
    this.campaigns = new CampaignsController(commands, tables, clock);
  }

  async settle(): Promise<void> {
    this.settling = true;
    try {
      await this.#settler.settleAll();
    } catch (error) {
      // The next run tries again.
      if (!isTransient(error)) throw error;
    } finally {
      this.settling = false;
    }
  }
}

/** Each route has a body of its own; what is sent here is not checked. */
export type Route = (earnings: Earnings, asked: Asked<never>) => Promise<unknown>;

/** What a client sends, again with the same key while it has no answer. */
export interface Request {
  name: string;
  route: Route;
  asked: Omit<Asked<never>, 'commandId'>;
  key: string;
}

/**
 * Sends a request to the present process; gives whether it was accepted, or null if there was no
 * answer.
 */
export async function send(
  earnings: Earnings,
  { route, asked, key }: Request,
  again: boolean,
): Promise<boolean | null> {
  try {
    await mayBeDone.run(again, () =>
      route(earnings, { ...asked, commandId: derivedId('simulated', key) }),
    );
    return true;
  } catch (error) {
    const problem = problemOf(error);
    if (!problem) throw error;
    // Busy, or the tables are behind: as the client would, it is asked again.
    return problem.status >= 500 || problem.code === 'busy' ? null : false;
  }
}
