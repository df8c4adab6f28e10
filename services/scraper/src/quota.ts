import type { Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import { apifyClients, type ApifyOptions } from './sources/apify.js';

export interface Usage {
  usedUsd: number;
  limitUsd: number;
  cycleEndsAt: Date;
  readAt: Date;
}

/** The account's own limits and usage, read at most once in `everyMs` of the world's time. */
export class ApifyQuota {
  readonly #client: ReturnType<typeof apifyClients>['reading'];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #everyMs: number;
  #readAt = -Infinity;
  #reading: Promise<void> | null = null;
  usage: Usage | null = null;

  constructor(options: ApifyOptions, log: Log, everyMs = 60_000) {
    this.#client = apifyClients(options).reading;
    this.#clock = options.clock;
    this.#log = log;
    this.#everyMs = everyMs;
  }

  /** False once the cycle's money is used up. Where the account does not answer, the last reading stands: a start is refused by Apify itself. */
  async mayPay(): Promise<boolean> {
    const now = this.#clock.now().getTime();
    if (now - this.#readAt >= this.#everyMs) await (this.#reading ??= this.#read(now).finally(() => (this.#reading = null)));
    return this.usage === null || this.usage.usedUsd < this.usage.limitUsd || now >= this.usage.cycleEndsAt.getTime();
  }

  async #read(now: number): Promise<void> {
    try {
      const answer = await this.#client.user('me').limits();
      if (answer) {
        const { limits, current, monthlyUsageCycle } = answer;
        this.usage = {
          usedUsd: current.monthlyUsageUsd,
          limitUsd: limits.maxMonthlyUsageUsd,
          cycleEndsAt: new Date(monthlyUsageCycle.endAt),
          readAt: new Date(now),
        };
      }
      this.#readAt = now;
    } catch (error) {
      this.#log.warn({ error: (error as Error).message }, "the account's limits cannot be read");
    }
  }
}
