import { derivedId, newEvent, streams, type Clock, type EventData } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import { apifyClients, type ApifyOptions } from './sources/apify-clients.js';

export interface Usage {
  usedUsd: number;
  limitUsd: number;
  cycleStartsAt: Date;
  cycleEndsAt: Date;
  readAt: Date;
  /** Runs that the account may have under way at once. */
  actorRuns: number;
}

export interface AccountSettings {
  /** US dollars that a billing cycle may cost, if that is less than the account allows. */
  monthlyBudgetUsd?: number | undefined;
  /** Part of the scrape budget after which the scheduler should plan sparingly. */
  softLimit: number;
}

export interface AccountOptions extends AccountSettings {
  apify: ApifyOptions;
  store: EventStore;
  log: Log;
}

const EVERY_MS = 60_000;
/**
 * Also read while nothing is scraped: after a hard stop the scheduler plans nothing until the
 * account's word changes.
 */
const IDLE_EVERY_MS = 10 * 60_000;
/** What the smallest plan allows; taken for true until the account has answered. */
const LEAST_RUNS_AT_ONCE = 25;
const STEPS = 20;
const TIER_KEPT_MS = 86_400_000;

/**
 * The account's own limits and usage, read at most once a minute of the simulated clock. Appends
 * them to the log if they have changed enough.
 */
export class ApifyAccount {
  readonly #client: ReturnType<typeof apifyClients>['reading'];
  readonly #clock: Clock;
  readonly #options: AccountOptions;
  #readAt = -Infinity;
  #reading: Promise<void> | null = null;
  usage: Usage | null = null;
  #tier: string | null = null;
  #tierUntil = -Infinity;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#client = apifyClients(options.apify).reading;
    this.#clock = options.apify.clock;
  }

  /**
   * False once the scrape budget is used up. If the account does not answer, the last reading
   * holds: Apify itself refuses a start.
   */
  async mayPay(): Promise<boolean> {
    await this.#refresh();
    const { usage } = this;
    return (
      usage === null || usage.usedUsd < usage.limitUsd || this.#clock.now() >= usage.cycleEndsAt
    );
  }

  /** Keeps the log's word of the account true while nothing is scraped, until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(IDLE_EVERY_MS, signal);
      if (!signal.aborted) await this.#refresh();
    }
  }

  async actorRuns(): Promise<number> {
    await this.#refresh();
    return this.usage?.actorRuns ?? LEAST_RUNS_AT_ONCE;
  }

  /** By which some events of actors are priced; asked once a day, null until it is known. */
  async tier(): Promise<string | null> {
    const now = this.#clock.now().getTime();
    if (now < this.#tierUntil) return this.#tier;
    this.#tierUntil = now + EVERY_MS;
    try {
      const user = await this.#client.user('me').get();
      this.#tier = tierOf(user.plan) ?? this.#tier;
      if (this.#tier !== null) this.#tierUntil = now + TIER_KEPT_MS;
    } catch (error) {
      this.#options.log.warn(
        { error: (error as Error).message },
        "the account's tier cannot be read; the dearest price of a table is taken",
      );
    }
    return this.#tier;
  }

  async #refresh(): Promise<void> {
    if (this.#clock.now().getTime() - this.#readAt < EVERY_MS) return;
    await (this.#reading ??= this.#read().finally(() => (this.#reading = null)));
  }

  async #read(): Promise<void> {
    const { log, monthlyBudgetUsd = Infinity } = this.#options;
    this.#readAt = this.#clock.now().getTime();
    try {
      const answer = await this.#client.user('me').limits();
      if (!answer) return;
      const { limits, current, monthlyUsageCycle } = answer;
      this.usage = {
        usedUsd: current.monthlyUsageUsd,
        limitUsd: Math.min(limits.maxMonthlyUsageUsd, monthlyBudgetUsd),
        cycleStartsAt: new Date(monthlyUsageCycle.startAt),
        cycleEndsAt: new Date(monthlyUsageCycle.endAt),
        readAt: new Date(this.#readAt),
        actorRuns: limits.maxConcurrentActorJobs,
      };
      await this.#appendIfChanged(this.usage);
    } catch (error) {
      log.warn({ error: (error as Error).message }, "the account's limits cannot be read");
    }
  }

  /**
   * Appends it if it differs from the last event of any replica; replicas that read the same at
   * once append one event, as its id follows from its data.
   */
  async #appendIfChanged({ usedUsd, limitUsd, cycleStartsAt, cycleEndsAt }: Usage): Promise<void> {
    const data: EventData<'SourceUsageMeasured'> = {
      account: 'apify',
      cycleStartsAt: cycleStartsAt.toISOString(),
      cycleEndsAt: cycleEndsAt.toISOString(),
      usedMicroUsd: Math.round(usedUsd * 1e6),
      limitMicroUsd: Math.round(limitUsd * 1e6),
      state: stateOf(usedUsd, limitUsd, this.#options.softLimit),
    };
    const stream = streams.sourceUsage('apify', data.cycleStartsAt);
    const [last] = await Array.fromAsync(
      this.#options.store.readStream(stream, { direction: 'backwards', limit: 1 }),
    );
    if (last?.type === 'SourceUsageMeasured' && summaryOf(last.data) === summaryOf(data)) return;
    const id = derivedId('apify usage', data.cycleStartsAt, last?.revision ?? -1, summaryOf(data));
    const context = { time: this.#clock.now(), correlationId: id, causationId: id };
    await this.#options.store.append(
      stream,
      [newEvent('SourceUsageMeasured', id, data, context)],
      'any',
    );
  }
}

interface Plan {
  id?: string;
  tier?: string;
}

/** What each plan's discount is called, if the API names the plan only. */
const TIERS: Record<string, string> = {
  FREE: 'FREE',
  PERSONAL: 'BRONZE',
  STARTER: 'BRONZE',
  TEAM: 'SILVER',
  SCALE: 'SILVER',
  BUSINESS: 'GOLD',
};

const tierOf = (plan: Plan | undefined): string | null =>
  plan?.tier?.toUpperCase() ?? TIERS[plan?.id?.toUpperCase() ?? ''] ?? null;

const partOf = (used: number, limit: number): number => (limit > 0 ? used / limit : 1);

function stateOf(
  usedUsd: number,
  limitUsd: number,
  softLimit: number,
): EventData<'SourceUsageMeasured'>['state'] {
  const part = partOf(usedUsd, limitUsd);
  return part >= 1 ? 'hard_stop' : part >= softLimit ? 'soft_limit' : 'open';
}

/** What is worth an event when it changes: the state, the limit, and each twentieth of it. */
const summaryOf = ({
  state,
  usedMicroUsd,
  limitMicroUsd,
}: EventData<'SourceUsageMeasured'>): string =>
  `${state} ${limitMicroUsd} ${Math.floor(partOf(usedMicroUsd, limitMicroUsd) * STEPS)}`;
