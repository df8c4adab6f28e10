import type { Clock, Timers } from '@cliptally/contracts';
import type { ChaosState, Fault, FaultBody, Verdict } from '@cliptally/contracts/api';
import type { EventStore } from '@cliptally/event-store';
import type { RawEvent } from '@cliptally/ops/audit';
import { Faults, Refused, type Targets } from './faults.js';
import { judge, type Bill, type EarningsTables } from './judge.js';
import { Lag, type Followers } from './lag.js';

export interface ChaosParts {
  targets: Targets;
  log: Pick<EventStore, 'head' | 'readAll' | 'subscribe'>;
  followers: Followers;
  tables: () => Promise<EarningsTables>;
  /** Of runs that were started before an instant of the simulated clock. */
  bills: (before: Date) => Bill[];
  clock: Clock;
  timers: Timers;
  /** Real time, in milliseconds since 1970. */
  now: () => number;
  /** Closes what it was given. */
  release?: () => Promise<void>;
}

/** A scrape that has no outcome after so long is lost. */
const BOUND_MS = 240_000;

/** What a check waits for: everything up to here has to end. */
interface Awaited {
  upTo: number;
  /** On the simulated clock: what was started before was requested before. */
  instant: Date;
  since: number;
}

/** Disturbs a sample world, shows what follows, and judges the log once all of it is over. */
export class Chaos {
  readonly #stop = new AbortController();
  readonly #faults: Faults;
  readonly #lag: Lag;
  #measuring: Promise<void> | null = null;
  #judging: Promise<void> | null = null;
  #awaited: Awaited | null = null;
  #verdict: Verdict | null = null;

  constructor(private readonly parts: ChaosParts) {
    const { targets, log, followers, timers, now } = parts;
    this.#faults = new Faults(targets, timers, now);
    this.#lag = new Lag(log, followers, timers, now, () => this.#step());
  }

  /** The first one who looks at it begins the measuring: without, it costs nothing. */
  state(): ChaosState {
    this.#measuring ??= this.#lag.run(this.#stop.signal).catch(() => {});
    const { samples, ready } = this.#lag;
    return {
      now: this.parts.now(),
      ready,
      faults: [...this.#faults.all],
      lag: [...samples],
      awaited: this.#awaited ? (this.#lag.openUpTo(this.#awaited.upTo) ?? 0) : null,
      verdict: this.#verdict,
    };
  }

  async begin(body: FaultBody): Promise<Fault> {
    this.state();
    const fault = await this.#faults.begin(body);
    if (fault.overAt === null) this.#awaited = this.#verdict = null;
    return fault;
  }

  /** Judges what has begun by now, once it has ended. Throws {@link Refused}. */
  async check(): Promise<void> {
    this.state();
    if (this.#faults.isRunning())
      throw new Refused('A fault is under way; the log is checked by itself once that is over.');
    if (this.#awaited) return;
    this.#verdict = null;
    this.#awaited = await this.#untilNow();
  }

  async close(): Promise<void> {
    await this.#faults.close();
    this.#stop.abort();
    await this.#measuring;
    await this.#judging;
    await this.parts.release?.();
  }

  async #step(): Promise<void> {
    if (this.#faults.isRunning()) {
      this.#awaited = null;
      return;
    }
    const open = this.#faults.all.filter(({ recoveredAt, problem }) => recoveredAt === null && problem === null); // prettier-ignore
    if (open.length > 0) this.#awaited ??= await this.#untilNow();
    const awaited = this.#awaited;
    if (!awaited || this.#judging) return;
    const { upTo, since } = awaited;
    const ended = this.#lag.openUpTo(upTo) === 0 && this.#lag.reached(upTo);
    if (!ended && this.parts.now() - since < BOUND_MS) return;
    for (const fault of open) {
      if (ended) fault.recoveredAt = this.parts.now();
      else fault.problem = `Not all of it had recovered after ${BOUND_MS / 1_000} s.`;
    }
    // What was done to recover is judged as well, once that has ended.
    if (open.length > 0 && ended) {
      this.#awaited = await this.#untilNow();
      return;
    }
    this.#judging = this.#judge(awaited).then((verdict) => {
      this.#judging = null;
      // Another fault may have begun meanwhile: then this says nothing of it.
      if (this.#awaited !== awaited) return;
      this.#awaited = null;
      this.#verdict = verdict;
    });
  }

  async #untilNow(): Promise<Awaited> {
    const instant = this.parts.clock.now();
    return { instant, upTo: await this.parts.log.head(), since: this.parts.now() };
  }

  async #judge({ upTo, instant }: Awaited): Promise<Verdict> {
    const { log, tables, bills, now } = this.parts;
    try {
      const events = log.readAll(0, { asWritten: true }) as AsyncIterable<unknown>;
      const judged = { upTo, tables: await tables(), bills: bills(instant) };
      const found = await judge({ log: events as AsyncIterable<RawEvent>, ...judged });
      return { at: now(), problem: null, ...found };
    } catch (error) {
      const nothing = { upTo, requests: 0, lost: 0, twice: 0, differs: 0, checks: [] };
      const problem = `The log could not be judged: ${(error as Error).message}`;
      return { at: now(), problem, ...nothing };
    }
  }
}
