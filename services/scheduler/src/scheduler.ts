import {
  idOfTime,
  mergedChecks,
  newEvent,
  streams,
  type Clock,
  type NewEvent,
  type PostChecks,
} from '@cliptally/contracts';
import { WrongExpectedRevision, type EventStore } from '@cliptally/event-store';
import { catchUp, inSpan, workSpanOf, type Log } from '@cliptally/messaging';
import type { Pool } from 'pg';
import {
  HOUR_MS,
  Planner,
  POLICIES,
  type Plan,
  type ScrapeBudget,
  type Surroundings,
} from './domain/index.js';
import { withDueClips } from './due-clips/due-clips.js';
import { everySlot } from './every-slot.js';
import { schedulerProjection } from './projection/scheduler-projection.js';
import { DEFAULT_SETTINGS, requireWeights, type SchedulerSettings } from './settings.js';
import { nextRunOf } from './slot.js';

export interface TrackingRunResult {
  runId: string;
  requested: number;
  /** This or another process had run the slot before: this call did nothing. */
  repeated: boolean;
}

export type BudgetedPlan = Plan & {
  budget: ScrapeBudget;
  /** With it the plan can be made again. */
  learned: Surroundings['learned'];
  /** By campaign: what it wants to know of posts. */
  checks: ReadonlyMap<string, PostChecks>;
};
/** A slot by name: one tracking run a minute at most. */
const runIdOf = (slot: Date): string => `${slot.toISOString().slice(0, 16)}Z`;

/** Makes tracking runs. Between two it keeps nothing but its projection. */
export class Scheduler {
  readonly settings: SchedulerSettings;

  constructor(
    private readonly store: EventStore,
    private readonly pool: Pool,
    private readonly options: { clock: Clock; log: Log; settings?: Partial<SchedulerSettings> },
  ) {
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    requireWeights(this.settings.weights);
  }

  /** What a tracking run for `slot` would request now. It catches up with the log first. */
  async plan(slot: Date): Promise<BudgetedPlan> {
    const { policy, intervalMs, scrapesPerRun, scrapesPerDay, byPlatform, finalFigures } =
      this.settings;
    await catchUp(schedulerProjection, this.pool, this.store);
    const now = this.options.clock.now();
    const nextRunAt = nextRunOf(slot, now, intervalMs);
    const at = { now: now.getTime(), nextRunAt: nextRunAt.getTime(), policy: POLICIES[policy] };
    return withDueClips(this.pool, now, nextRunAt, this.settings, async (read) => {
      const { clips, scrapesToday, price, checks, ...due } = read;
      const scrapes = Math.max(0, Math.min(scrapesPerRun, scrapesPerDay - scrapesToday));
      const limits = { scrapes, byPlatform, price, scrapesPerDay };
      const planner = new Planner({ ...due, ...at, limits, finalFigures });
      for await (const clip of clips) planner.weigh(clip);
      return { ...due, checks, ...planner.plan() };
    });
  }

  /**
   * Runs a slot once, however often it is called here or elsewhere: it appends to a stream that
   * must not exist. Without anything to scrape it appends a TrackingRunStarted alone.
   */
  async run(slot: Date): Promise<TrackingRunResult> {
    const runId = runIdOf(slot);
    const stream = streams.trackingRun(runId);
    if ((await this.store.tails([stream])).size > 0) return { runId, requested: 0, repeated: true };
    const startTime = Date.now();
    const plan = await this.plan(slot);
    const events = eventsOf(plan, runId, slot, this.options.clock.now(), this.settings.policy);
    const attributes = {
      'cliptally.run': runId,
      'cliptally.candidates': plan.candidates,
      'cliptally.requested': plan.chosen.length,
    };
    // The plan names the trace: the span begins when planning began.
    const span = { at: workSpanOf(events[0]!, stream), parent: null, startTime, attributes };
    return inSpan('tracking run', span, () => this.#append(runId, stream, events, plan));
  }

  async #append(
    runId: string,
    stream: string,
    events: readonly NewEvent[],
    { candidates, chosen, microUsd: estimatedMicroUsd, budget }: BudgetedPlan,
  ): Promise<TrackingRunResult> {
    const repeated = { runId, requested: 0, repeated: true };
    try {
      const { added } = await this.store.append(stream, events, 'none');
      // Another process appended the same plan before.
      if (added === 0) return repeated;
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return repeated;
      throw error;
    }
    this.options.log.info(
      { runId, candidates, requested: chosen.length, estimatedMicroUsd, account: budget.account },
      'tracking run',
    );
    return { runId, requested: chosen.length, repeated: false };
  }

  /** Runs every slot as it comes until `signal` aborts. Missed slots stay missed. */
  tick(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    return everySlot((slot) => this.run(slot), this.settings.intervalMs, clock, log, signal);
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.pool.end();
  }
}

/** Ids follow from the whole plan: the store takes a plan once, and no other for the slot. */
function eventsOf(
  { chosen, budget, checks: wanted, ...plan }: BudgetedPlan,
  runId: string,
  slot: Date,
  now: Date,
  policy: string,
): NewEvent[] {
  const choices = chosen.flatMap(({ clip, score }) => [clip.clipId, score]);
  const id = idOfTime(now, 'run', runId, now.toISOString(), ...choices);
  const context = { time: now, correlationId: id, causationId: id };
  const { account = 'open' } = budget;
  const started = newEvent(
    'TrackingRunStarted',
    id,
    {
      runId,
      slot: slot.toISOString(),
      policy,
      candidates: plan.candidates,
      requested: chosen.length,
      estimatedCostMicroUsd: plan.microUsd,
      due: plan.due,
      learned: plan.learned,
      demand: plan.demand,
      ageCapHours: plan.ageCapMs / HOUR_MS,
      ...(account === 'open' ? {} : { heldBackBy: account }),
      budget: {
        cycleStartsAt: new Date(budget.cycle.from).toISOString(),
        cycleEndsAt: new Date(budget.cycle.to).toISOString(),
        limitMicroUsd: Math.floor(budget.budgetMicroUsd),
        spentMicroUsd: Math.ceil(budget.spentMicroUsd),
        shareMicroUsd: Math.floor(plan.shareMicroUsd),
      },
      leftOut: plan.leftOut,
    },
    context,
  );
  const requests = chosen.map(({ clip: { clipId, platform, url, campaignIds }, score }) => {
    const requestId = idOfTime(id, id, clipId);
    const checks = mergedChecks(campaignIds.flatMap((of) => wanted.get(of) ?? []));
    const request = { requestId, runId, clipId, platform, url, score, campaignIds };
    const data = { ...request, ...(checks && { checks }) };
    return newEvent('ClipTrackingRequested', requestId, data, context);
  });
  return [started, ...requests];
}
