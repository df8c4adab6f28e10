import { idOfTime, newEvent, streams, type Clock, type NewEvent } from '@cliptally/contracts';
import { WrongExpectedRevision, openEventStore, openPool, type EventStore, type EventStoreSettings } from '@cliptally/event-store';
import { catchUp, inSpan, workSpanOf, type Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import { HOUR_MS, planRunStreaming, type Account, type Plan, type Quota } from './domain/index.js';
import { schedulerProjection } from './projection/scheduler-projection.js';
import { DEFAULT_SETTINGS, type SchedulerSettings } from './settings.js';
import { nextRunOf } from './slot.js';
import { withTable } from './table.js';

export interface SchedulerOptions extends Omit<EventStoreSettings, 'connections'> {
  clock: Clock;
  log: Log;
  settings?: Partial<SchedulerSettings>;
}

export interface RunResult {
  runId: string;
  requested: number;
  /** The slot had been run before, by this process or another: nothing was done. */
  repeated: boolean;
}

/** A slot by name: one run a minute at most. */
export const runIdOf = (slot: Date): string => `${slot.toISOString().slice(0, 16)}Z`;

/** Chooses the next looks and asks for them, a run at a time. It keeps nothing between runs but its table, which follows from the log. */
export class Scheduler {
  readonly #store: EventStore;
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly settings: SchedulerSettings;

  constructor(store: EventStore, pool: Pool, { clock, log, settings }: SchedulerOptions) {
    this.#store = store;
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
  }

  /** What a run for `slot` would ask for now, from a table that has seen the whole log. */
  async plan(slot: Date): Promise<Plan & { quota: Quota }> {
    const { settings } = this;
    await catchUp(schedulerProjection, this.#pool, this.#store);
    const now = this.#clock.now();
    const nextRunAt = nextRunOf(slot, now, settings.intervalMs);
    return withTable(this.#pool, now, nextRunAt, settings, async ({ looksToday, price, ...table }) => ({
      quota: table.quota,
      ...(await planRunStreaming({
        ...table,
        policy: settings.policy,
        now: now.getTime(),
        nextRunAt: nextRunAt.getTime(),
        limits: {
          looks: Math.max(0, Math.min(settings.looksPerRun, settings.looksPerDay - looksToday)),
          byPlatform: settings.byPlatform,
          microUsd: Infinity,
          price,
          looksPerDay: settings.looksPerDay,
        },
      })),
    }));
  }

  /**
   * Runs a slot: one append that expects no stream, so that a second firing of the slot, here or elsewhere, does nothing.
   * A run that finds nothing to do leaves its TrackingRunStarted all the same.
   */
  async run(slot: Date): Promise<RunResult> {
    const runId = runIdOf(slot);
    const stream = streams.trackingRun(runId);
    for await (const _ of this.#store.readStream(stream, { limit: 1 })) return { runId, requested: 0, repeated: true };
    const startTime = Date.now();
    const plan = await this.plan(slot);
    const account = plan.quota.account ?? 'open';
    const events = eventsOf(plan, account, runId, slot, this.#clock.now(), this.settings.policy);
    const attributes = { 'cliptally.run': runId, 'cliptally.candidates': plan.candidates, 'cliptally.requested': plan.chosen.length };
    // A run's trace is named by its plan: the span begins when planning began.
    const span = { at: workSpanOf(events[0]!, stream), parent: null, startTime, attributes };
    return inSpan('tracking run', span, () => this.#append(runId, stream, events, plan));
  }

  async #append(runId: string, stream: string, events: readonly NewEvent[], plan: Plan & { quota: Quota }): Promise<RunResult> {
    try {
      const { added } = await this.#store.append(stream, events, 'none');
      // Another process made the very same plan and was faster.
      if (added === 0) return { runId, requested: 0, repeated: true };
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return { runId, requested: 0, repeated: true };
      throw error;
    }
    const { candidates, microUsd: estimatedMicroUsd, quota } = plan;
    this.#log.info({ runId, candidates, requested: plan.chosen.length, estimatedMicroUsd, account: quota.account }, 'run');
    return { runId, requested: plan.chosen.length, repeated: false };
  }

  /** Runs every slot as it comes until `signal` aborts; slots that were missed are left out, not made up for. */
  async tick(signal: AbortSignal): Promise<void> {
    const { intervalMs } = this.settings;
    while (!signal.aborted) {
      const now = this.#clock.now().getTime();
      const slot = Math.floor(now / intervalMs) * intervalMs;
      try {
        await this.run(new Date(slot));
      } catch (error) {
        this.#log.error({ error: (error as Error).message }, 'a run failed; the next slot tries again');
      }
      await this.#clock.sleep(slot + intervalMs - this.#clock.now().getTime(), signal);
    }
  }

  async close(): Promise<void> {
    await this.#store.close();
    await this.#pool.end();
  }
}

/** Connects and migrates. Close it after use. */
export async function openScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { databaseUrl, eventStore, kurrentdbUrl } = options;
  const store = await openEventStore({ databaseUrl, eventStore, kurrentdbUrl, connections: 2 });
  return new Scheduler(store, openPool(databaseUrl, 'scheduler', 2), options);
}

/**
 * Ids follow from the whole plan: the same plan appended again is recognised, and another plan for the same slot shares no event with it,
 * so that it is refused whole.
 */
function eventsOf(plan: Plan, account: Account, runId: string, slot: Date, now: Date, policy: string): NewEvent[] {
  const id = idOfTime(now, 'run', runId, now.toISOString(), ...plan.chosen.flatMap(({ clip, score }) => [clip.clipId, score]));
  const context = { time: now, correlationId: id, causationId: id };
  const started = newEvent(
    'TrackingRunStarted',
    id,
    {
      runId,
      slot: slot.toISOString(),
      policy,
      candidates: plan.candidates,
      requested: plan.chosen.length,
      estimatedCostMicroUsd: plan.microUsd,
      demand: plan.demand,
      ageCapHours: plan.ageCapMs / HOUR_MS,
      ...(account === 'open' ? {} : { heldBackBy: account }),
    },
    context,
  );
  const requests = plan.chosen.map(({ clip: { clipId, platform, url, campaignIds }, score }) => {
    const requestId = idOfTime(id, id, clipId);
    return newEvent('ClipTrackingRequested', requestId, { requestId, runId, clipId, platform, url, score, campaignIds }, context);
  });
  return [started, ...requests];
}
