import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '@cliptally/contracts';
import { ACTORS, type Actor, type Price } from './actors.js';
import { apifyId } from './chance.js';
import type { ViewCurves } from './curves.js';
import { ApiError } from './errors.js';
import type { FaultBook } from './faults.js';
import {
  aborted,
  costAt,
  datasetIdOf,
  planRun,
  storeIdOf,
  videosOf,
  type Run,
  type RunOptions,
  type RunSeed,
  type Webhook,
} from './runs.js';
import { dispatchWebhooks } from './webhooks.js';

/** What the account's plan allows. */
export interface Limits {
  maxMonthlyUsageUsd: number;
  maxConcurrentActorJobs: number;
  /** Day of the month (1 to 28) on which a billing cycle begins. */
  cycleDay: number;
}

const DEFAULT_LIMITS: Limits = {
  maxMonthlyUsageUsd: 199,
  maxConcurrentActorJobs: 128,
  cycleDay: 2,
};

const DAY_MS = 86_400_000;

/**
 * Older runs are forgotten, as Apify forgets unnamed datasets after some days; what they cost is
 * not.
 */
const KEPT_RUNS = 1_000;

export interface AccountOptions {
  clock: Clock;
  curves: ViewCurves;
  faults: FaultBook;
  prices?: Record<string, Partial<Price>> | undefined;
  limits?: Partial<Limits> | undefined;
  /** The runs and what they cost are kept here over a restart. */
  stateFile?: string | undefined;
}

export interface Stats {
  /** Runs started, and what all of them have cost so far, in millionths of a US dollar. */
  runs: number;
  billedMicroUsd: number;
  /** Most runs of this process that were under way at once. */
  mostActive: number;
  /**
   * How often runs of this process were asked for a video, by clip id (`<platform>-<video id>`).
   */
  looks: Record<string, number>;
  /** How many runs of this process were given an address. */
  runsPerUrl: Record<string, number>;
  webhooks: number;
}

/** The account behind the API: its runs, its money and its limits. Throws {@link ApiError}. */
export class Account {
  readonly actors: Actor[];
  readonly limits: Limits;
  readonly #runs = new Map<string, Run>();
  /** The id of a run by its own id and those of its dataset and key-value store. */
  readonly #runIds = new Map<string, string>();
  /** Of forgotten runs: what they cost, by the start of the billing cycle. */
  readonly #spent = new Map<number, number>();
  #lastNo = 0;
  #mostActive = 0;
  readonly #scrapes = new Map<string, number>();
  readonly #runsPerUrl = new Map<string, number>();
  #webhooks = 0;
  #stirred = new AbortController();
  readonly #closing = new AbortController();

  constructor(readonly options: AccountOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    const unknown = Object.keys(options.prices ?? {}).find(
      (name) => !ACTORS.some((actor) => actor.name === name),
    );
    if (unknown)
      throw new Error(
        `There is no actor "${unknown}" to set a price for; known are ${ACTORS.map((a) => a.name).join(', ')}.`,
      );
    this.actors = ACTORS.map((actor) => ({
      ...actor,
      price: { ...actor.price, ...options.prices?.[actor.name] },
    }));
    this.#load();
  }

  /** By `user~name`, `user/name` or id. */
  actor(nameOrId: string): Actor {
    const actor = this.actors.find(
      (a) => a.id === nameOrId || a.name === nameOrId.replace('~', '/'),
    );
    if (!actor) throw new ApiError(404, 'record-not-found', `Actor "${nameOrId}" was not found`);
    return actor;
  }

  /**
   * The actor that a part of an address names, be it by its own id or by that of a run or of what
   * belongs to a run.
   */
  actorNamed(id: string): string | null {
    const name = this.#runs.get(this.#runIds.get(id) ?? '')?.actor ?? id.replace('~', '/');
    return this.actors.find((a) => a.id === id || a.name === name)?.name ?? null;
  }

  /** By its own id, or by that of its dataset or key-value store. */
  run(id: string): Run {
    const run = this.#runs.get(this.#runIds.get(id) ?? '');
    if (!run) throw new ApiError(404, 'record-not-found');
    return run;
  }

  /** In the order they were started. */
  runs(): Run[] {
    return [...this.#runs.values()];
  }

  start(actor: Actor, input: unknown, options: RunOptions, webhooks: Webhook[]): Run {
    const videos = videosOf(actor, input);
    const now = this.options.clock.now().getTime();
    this.#refuseOver(actor, options, now);
    const no = ++this.#lastNo;
    const { id: actorId, name } = actor;
    const seed: RunSeed = {
      no,
      // The instant is part of it: an id must never be used twice, also if a restart counts from 1.
      id: apifyId(this.options.faults.seed, actorId, no, now),
      actor: name,
      input,
      options,
      startedAt: now,
      leftMicroUsd: Math.round(this.limits.maxMonthlyUsageUsd * 1e6) - this.usageMicroUsd(now),
      webhooks,
      faults: this.options.faults.ofRun(no, name),
    };
    this.#write({ run: seed });
    for (const { url, videoId } of videos) {
      count(this.#runsPerUrl, url);
      if (videoId) count(this.#scrapes, `${actor.platform}-${videoId}`);
    }
    const run = this.#add(seed);
    this.#mostActive = Math.max(this.#mostActive, this.active(now).length);
    if (webhooks.length > 0) void this.#notify(run.id);
    return run;
  }

  abort(run: Run): Run {
    const now = this.options.clock.now().getTime();
    const stopped = aborted(run, now);
    if (stopped === run) return run;
    this.#runs.set(run.id, stopped);
    this.#write({ abort: [run.id, now] });
    this.#stirred.abort();
    this.#stirred = new AbortController();
    return stopped;
  }

  /**
   * Resolves when the run has ended, or after `seconds` of the simulated clock: with a clock 720
   * times as fast a minute is 83 ms.
   */
  async wait(id: string, seconds: number): Promise<Run> {
    const until = this.options.clock.now().getTime() + seconds * 1000;
    let run = this.run(id);
    for (;;) {
      run = this.#runs.get(id) ?? run;
      const left = Math.min(until, run.plan.endAt) - this.options.clock.now().getTime();
      if (left <= 0 || this.#closing.signal.aborted) return run;
      // A run that never ends is waited for a day at a time: timers hold no longer ones.
      await this.options.clock.sleep(
        Math.min(left, DAY_MS),
        AbortSignal.any([this.#stirred.signal, this.#closing.signal]),
      );
    }
  }

  cycleAt(now: number): { startAt: Date; endAt: Date } {
    const date = new Date(now);
    const month = date.getUTCMonth() - (date.getUTCDate() < this.limits.cycleDay ? 1 : 0);
    const start = (offset: number) =>
      Date.UTC(date.getUTCFullYear(), month + offset, this.limits.cycleDay);
    return { startAt: new Date(start(0)), endAt: new Date(start(1) - 1) };
  }

  /** What the runs of this billing cycle have cost. */
  usageMicroUsd(now: number): number {
    const startAt = this.cycleAt(now).startAt.getTime();
    const kept = this.runs().filter((run) => run.startedAt >= startAt);
    return kept.reduce((sum, run) => sum + costAt(run, now), this.#spent.get(startAt) ?? 0);
  }

  active(now: number): Run[] {
    return this.runs().filter((run) => now < run.plan.endAt);
  }

  stats(): Stats {
    const now = this.options.clock.now().getTime();
    const forgotten = [...this.#spent.values()].reduce((sum, spent) => sum + spent, 0);
    return {
      runs: this.#lastNo,
      billedMicroUsd: this.runs().reduce((sum, run) => sum + costAt(run, now), forgotten),
      mostActive: this.#mostActive,
      looks: Object.fromEntries(this.#scrapes),
      runsPerUrl: Object.fromEntries(this.#runsPerUrl),
      webhooks: this.#webhooks,
    };
  }

  close(): void {
    this.#closing.abort();
  }

  #refuseOver(actor: Actor, options: RunOptions, now: number): void {
    const { maxMonthlyUsageUsd, maxConcurrentActorJobs } = this.limits;
    const refuse = (when: boolean, status: number, type: string, message?: string) => {
      if (when) throw new ApiError(status, type, message);
    };
    const { maxItems, maxChargeMicroUsd } = options;
    const minimum = actor.price.minimumMicroUsd;
    const belowMinimum = `Maximum cost per run is less than the allowed minimum of $${minimum / 1e6}`;
    refuse(
      maxItems === 0,
      400,
      'max-items-must-be-greater-than-zero',
      'Maximum items must be greater than zero',
    );
    refuse(
      maxChargeMicroUsd !== null && maxChargeMicroUsd < minimum,
      400,
      'max-total-charge-usd-below-minimum',
      belowMinimum,
    );
    refuse(this.usageMicroUsd(now) >= maxMonthlyUsageUsd * 1e6, 403, 'platform-feature-disabled');

    const active = this.active(now);
    const tooMany = `By launching this job you will exceed your limit of ${maxConcurrentActorJobs} concurrent Actor runs.`;
    refuse(active.length >= maxConcurrentActorJobs, 402, 'concurrent-runs-limit-exceeded', tooMany);
  }

  #add(seed: RunSeed): Run {
    const { curves, faults } = this.options;
    const planned = planRun(seed, this.actor(seed.actor), curves, faults.seed);
    const run = seed.abortedAt === undefined ? planned : aborted(planned, seed.abortedAt);
    this.#runs.set(run.id, run);
    for (const known of idsOf(run)) this.#runIds.set(known, run.id);
    this.#lastNo = Math.max(this.#lastNo, run.no);
    this.#forget();
    return run;
  }

  async #notify(id: string): Promise<void> {
    const run = await this.wait(id, Infinity);
    if (!this.#closing.signal.aborted)
      await dispatchWebhooks(
        run,
        this.options.clock,
        this.#closing.signal,
        () => (this.#webhooks += 1),
      );
  }

  #forget(): void {
    const now = this.options.clock.now().getTime();
    for (const run of this.#runs.values()) {
      if (this.#runs.size <= KEPT_RUNS || now < run.plan.endAt) return;
      const cycle = this.cycleAt(run.startedAt).startAt.getTime();
      this.#spent.set(cycle, (this.#spent.get(cycle) ?? 0) + costAt(run, now));
      this.#runs.delete(run.id);
      for (const known of idsOf(run)) this.#runIds.delete(known);
    }
  }

  /**
   * A line an event, so that a killed process loses nothing; the plan of each run is worked out
   * again.
   */
  #write(line: { run: RunSeed } | { abort: [string, number] }): void {
    if (this.options.stateFile) appendFileSync(this.options.stateFile, `${JSON.stringify(line)}\n`);
  }

  #load(): void {
    const { stateFile } = this.options;
    if (!stateFile) return;
    mkdirSync(dirname(stateFile), { recursive: true });
    const lines = existsSync(stateFile) ? readFileSync(stateFile, 'utf8').split('\n') : [];
    const seeds = new Map<string, RunSeed>();
    // What follows the last line end was cut off when the process was killed: no answer
    // has ever named it.
    lines.slice(0, -1).forEach((text, i) => {
      try {
        const line = JSON.parse(text) as {
          no?: number;
          spent?: [number, number][];
          run?: RunSeed;
          abort?: [string, number];
        };
        this.#lastNo = Math.max(this.#lastNo, line.no ?? 0);
        for (const [cycle, spent] of line.spent ?? []) this.#spent.set(cycle, spent);
        if (line.run) seeds.set(line.run.id, line.run);
        if (line.abort)
          seeds.set(line.abort[0], { ...seeds.get(line.abort[0])!, abortedAt: line.abort[1] });
      } catch (error) {
        const message = `${stateFile}, line ${i + 1}: not written by the Apify stand-in. Move the file away to begin with an empty account.`;
        throw new Error(message, { cause: error });
      }
    });
    for (const seed of seeds.values()) this.#add(seed);
    for (const run of this.active(this.options.clock.now().getTime()))
      if (run.webhooks.length > 0) void this.#notify(run.id);
    const kept = this.runs().map((run) => JSON.stringify({ run: seeds.get(run.id) }));
    writeFileSync(
      `${stateFile}.new`,
      `${[JSON.stringify({ no: this.#lastNo, spent: [...this.#spent] }), ...kept].join('\n')}\n`,
    );
    renameSync(`${stateFile}.new`, stateFile);
  }
}

const idsOf = (run: Run): string[] => [run.id, datasetIdOf(run.id), storeIdOf(run.id)];

const count = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);
