import { derivedId, type Clock, type ManualClock } from '@cliptally/contracts';
import { isTransient, type MemoryEventStore } from '@cliptally/event-store';
import {
  CampaignsController,
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
  type EarningsCore,
} from '@cliptally/earnings';
import { advance, NotTheFollower, positionOf, prepareProjection, readUp, silentLog, type Projection } from '@cliptally/messaging';
import type { Client } from 'pg';
import type { Chance } from './chance.js';
import { Life, type Loop } from './loop.js';
import { poolOf, storeOf } from './outside.js';

export interface Outside {
  log: MemoryEventStore;
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
  /** The last checkpoint, to see that none is behind the one before. */
  #reached = 0;

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
    }
    if (this.#busy) return;
    this.#busy = true;
    const life = this.#life;
    this.outside.loop.begin(life, async () => {
      try {
        await this.#applyAll(life);
      } catch (error) {
        if (!isTransient(error) && !(error instanceof NotTheFollower)) throw error;
      }
      if (life === this.#life) this.#busy = false;
    });
  }

  async #applyAll(life: Life): Promise<void> {
    const { log, client, loop, chance } = this.outside;
    const [store, pool] = [storeOf(log, life, loop), poolOf(client, this.projection.name, life, loop)];
    let position = await prepareProjection(this.projection, pool, store);
    this.#see(position);
    for await (const batch of readUp(store, position, this.projection.types, chance.between(1, 8))) {
      await advance(this.projection, pool, batch.events, position, batch.position);
      position = batch.position;
      this.#see(position);
    }
  }

  #see(position: number): void {
    if (position < this.#reached)
      throw new Error(`8: the checkpoint of ${this.projection.name} went back from ${this.#reached} to ${position}`);
    this.#reached = position;
  }
}

/** A process of the earnings service: the API's own routes, without HTTP, and the settler. */
export class Earnings {
  readonly life = new Life('earnings');
  readonly #settler: Settler;
  readonly clips: ClipsController;
  readonly payouts: PayoutsController;
  readonly campaigns: CampaignsController;
  settling = false;

  constructor({ log, client, clock, loop }: Outside) {
    const [store, pool] = [storeOf(log, this.life, loop), poolOf(client, earningsProjection.name, this.life, loop)];
    const projector = {
      position: 0,
      // A replica that does not apply asks the tables; whoever waits longer gets a 202.
      waitFor: async (position: number) => (await positionOf(earningsProjection, pool)) >= position,
    };
    const tables = new Tables(pool, earningsProjection.name);
    const commands = new Commands({ store, projector } as unknown as EarningsCore, clock, tables);
    this.#settler = new Settler({ pool, schema: earningsProjection.name, store, clock, log: silentLog });
    this.clips = new ClipsController(commands, tables, () => Promise.reject(new Error('No short links here.')));
    this.payouts = new PayoutsController(commands, tables, clock, { manual: manualProvider });
    this.campaigns = new CampaignsController(commands, tables, clock);
  }

  async settle(): Promise<void> {
    this.settling = true;
    try {
      await this.#settler.settleAll();
    } finally {
      this.settling = false;
    }
  }
}

export type Route = (earnings: Earnings, asked: Asked) => Promise<unknown>;

/** What a client sends, again with the same key while it has no answer. */
export interface Request {
  name: string;
  route: Route;
  asked: Omit<Asked, 'commandId'>;
  key: string;
}

/** Sends a request to the present process; gives whether it was accepted, or null if there was no answer. */
export async function send(earnings: Earnings, { route, asked, key }: Request, again: boolean): Promise<boolean | null> {
  try {
    await mayBeDone.run(again, () => route(earnings, { ...asked, commandId: derivedId('simulated', key) }));
    return true;
  } catch (error) {
    const problem = problemOf(error);
    if (!problem) throw error;
    // Busy, or the tables are behind: as the client would, it is asked again.
    return problem.status >= 500 || problem.code === 'busy' ? null : false;
  }
}
