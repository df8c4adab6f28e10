import type { Platform } from '@cliptally/contracts';
import { BudgetGuard, guardStrength } from './budget-guard.js';
import {
  HOUR_MS,
  hoursBetween,
  hoursUnobserved,
  postedAt,
  type CampaignMoney,
  type DueClip,
  type Surroundings,
  type Weight,
} from './due-clip.js';
import { POLICIES, type Policy, type PolicyName } from './policies/index.js';
import {
  affordablePerDay,
  allowance,
  demandOf,
  runBudget,
  type ScrapeBudget,
} from './scrape-budget.js';
import { choose, costOf, Shortlist, type Candidate } from './select.js';
import {
  ageCapMs,
  isTooSoon,
  lastChance,
  LEAST_AGE_CAP_MS,
  loweredAgeCapMs,
  SCRAPE_TAKES_MS,
  scarcityOf,
  type AgeCap,
} from './urgency.js';

export interface Limits {
  /** Scrapes of this tracking run at most. */
  scrapes: number;
  /** Scrapes by platform at most; no entry, no limit. */
  byPlatform: Partial<Record<Platform, number>>;
  /** Millionths of a US dollar at most, whatever the scrape budget says. */
  microUsd: number;
  /** Expected price of a scrape, in millionths of a US dollar. */
  price: (platform: Platform) => number;
  /** Scrapes a day in the long run: they decide the age cap. */
  scrapesPerDay: number;
  /** TTL of the scraper's cache; an hour by default. */
  cacheTtlMs?: number;
}

/** What a tracking run decides on beside the clips. Instants are epoch milliseconds. */
export interface TrackingRun {
  policy: PolicyName | Policy;
  campaigns: ReadonlyMap<string, CampaignMoney>;
  limits: Limits;
  firstScrapeVelocity: (platform: Platform) => number;
  now: number;
  /** When the next tracking run is expected. */
  nextRunAt: number;
  /** Without it the tracking run may cost all of `limits.microUsd`. */
  budget?: ScrapeBudget;
  /** Age cap of the tracking run before. */
  ageCap?: AgeCap | undefined;
}

/** Why a clip was chosen: its scrape cannot wait, or what gave its score most weight. */
export type Reason = 'window ends' | 'payout' | 'age' | 'budget ends' | 'first scrape' | 'score';

export interface Choice extends Candidate {
  /** US dollars, as the policy estimates them. */
  unrecordedAmount: number;
  why: Reason;
}

export interface Plan {
  /** Scrapes that cannot wait first, then by score. */
  chosen: Choice[];
  candidates: number;
  microUsd: number;
  /** Sum over all clips; its mean over earlier plans is the scrape budget's `usualDemand`. */
  demand: number;
  ageCapMs: number;
}

/**
 * Chooses the scrapes of a tracking run: last chances, clips past the age cap (oldest first), the
 * reserve for budgets that may be exhausted, first scrapes that may overspend one, then the highest
 * scores.
 */
export function planTrackingRun(run: TrackingRun & { clips: Iterable<DueClip> }): Plan {
  const planner = new Planner(run);
  for (const clip of run.clips) planner.weigh(clip);
  return planner.plan();
}

/** {@link planTrackingRun} for a stream: memory holds only clips that may be chosen. */
export async function planTrackingRunStreaming(
  run: TrackingRun & { clips: AsyncIterable<DueClip> },
): Promise<Plan> {
  const planner = new Planner(run);
  for await (const clip of run.clips) planner.weigh(clip);
  return planner.plan();
}

/** A clip in a list: its score is the rank it has there. */
interface Ranked extends Candidate {
  weight: Weight;
}
type Lists = Map<Platform, Shortlist<Ranked>>;

/** After the last clip: `whole` has the guard's part in it; `ofBudget` if that is most of it. */
interface Scored extends Ranked {
  whole: number;
  ofBudget: boolean;
}

class Planner {
  readonly #run: TrackingRun;
  readonly #policy: Policy;
  readonly #around: Surroundings;
  readonly #guard: BudgetGuard;
  readonly #lastChances: (Ranked & { why: Reason })[] = [];
  readonly #oldest: Lists = new Map();
  readonly #ending: Lists = new Map();
  readonly #firstScrapes: Lists = new Map();
  readonly #best: Lists = new Map();
  #clips = 0;
  #demand = 0;
  /** Of one scrape of each clip. */
  #priceOfAll = 0;

  constructor(run: TrackingRun) {
    this.#run = run;
    this.#policy = typeof run.policy === 'string' ? POLICIES[run.policy] : run.policy;
    this.#around = { now: run.now, firstScrapeVelocity: run.firstScrapeVelocity };
    this.#guard = new BudgetGuard(run.campaigns, this.#around);
  }

  weigh(clip: DueClip): void {
    const { now, nextRunAt, limits } = this.#run;
    const weight = this.#policy.weigh(clip, this.#around);
    const { unrecorded, score } = weight;
    const microUsd = limits.price(clip.platform);
    this.#clips++;
    this.#priceOfAll += microUsd;
    const partOfRest = this.#guard.add(clip, weight);
    const hours = hoursBetween(clip.lastObservedAt ?? postedAt(clip), now);
    this.#demand += demandOf(unrecorded / Math.max(1, hours));
    if (isTooSoon(clip, now, limits.cacheTtlMs)) return;
    const why = lastChance(clip, now, nextRunAt);
    if (why) {
      this.#lastChances.push({ clip, weight, score, microUsd, why });
      return;
    }
    this.#keep(this.#best, clip, weight, score, microUsd);
    if (this.#policy.guard.reserves) {
      if (partOfRest > 0) this.#keep(this.#ending, clip, weight, partOfRest, microUsd);
      this.#keep(
        this.#firstScrapes,
        clip,
        weight,
        this.#guard.firstScrapeOverspend(clip),
        microUsd,
      );
    }
    const age = hoursUnobserved(clip, nextRunAt + SCRAPE_TAKES_MS);
    if (age * HOUR_MS > LEAST_AGE_CAP_MS) this.#keep(this.#oldest, clip, weight, age, microUsd);
  }

  #keep(lists: Lists, clip: DueClip, weight: Weight, rank: number, microUsd: number): void {
    let list = lists.get(clip.platform);
    if (!list) {
      const { scrapes, byPlatform } = this.#run.limits;
      const mayGrow = lists === this.#best && this.#policy.guard.nearEndWeight > 1;
      lists.set(
        clip.platform,
        (list = new Shortlist(
          Math.max(0, Math.min(scrapes, byPlatform[clip.platform] ?? Infinity)),
          mayGrow,
        )),
      );
    }
    if (list.wants(rank)) list.add({ clip, weight, score: rank, microUsd });
  }

  /** After the last clip: adds the guard's part, which needs the sums of whole campaigns. */
  #scoring(scarcity: number, strength: number): (ranked: Ranked) => Scored {
    const { nearEndWeight, reserves } = this.#policy.guard;
    const nearEnd = this.#guard.nearEnd();
    const [risk, gain] = reserves
      ? [this.#guard.burstRisk(scarcity), this.#guard.detectionGain()]
      : [() => 0, () => 0];
    return ({ clip, weight, score, microUsd }) => {
      const guarded = strength * (risk(clip, weight.unrecorded) + gain(clip, weight.unrecorded));
      const isNearEnd = nearEnd(clip);
      const whole = weight.score * (isNearEnd ? nearEndWeight : 1) + guarded;
      // Field by field: copies made by a spread took two thirds of a tracking run.
      return {
        clip,
        weight,
        score,
        microUsd,
        whole,
        ofBudget: isNearEnd || guarded > weight.score,
      };
    };
  }

  plan(): Plan {
    const { limits, now, nextRunAt, budget, ageCap } = this.#run;
    const price = this.#clips === 0 ? 0 : this.#priceOfAll / this.#clips;
    const microUsd = Math.min(
      limits.microUsd,
      budget ? runBudget(budget, now, nextRunAt, this.#demand, price) : Infinity,
    );
    const most = Math.min(
      limits.microUsd,
      budget ? Math.max(microUsd, allowance(budget, now)) : Infinity,
    );
    const scrapesPerDay = Math.min(
      limits.scrapesPerDay,
      budget ? affordablePerDay(budget, now, price) : Infinity,
    );
    const scarcity = scarcityOf(this.#clips, scrapesPerDay);
    const strength = guardStrength(this.#clips, scrapesPerDay);
    const scored = this.#scoring(scarcity, strength);
    const byPlatform = { ...limits.byPlatform };
    const chosen: Choice[] = [];
    const taken = new Set<DueClip>();
    // Whole scrapes: later tracking runs get the fraction, or small runs would give all or nothing.
    const slot = Math.round(now / (nextRunAt - now));
    const partOf = (all: number, part: number) =>
      part === 1 || all === Infinity
        ? all
        : Math.floor(all * part * (slot + 1)) - Math.floor(all * part * slot);
    const take = <R extends Scored>(
      candidates: R[],
      money: number,
      reason: (candidate: R) => Reason,
      part = 1,
    ) => {
      const room = {
        scrapes: partOf(limits.scrapes - chosen.length, part),
        microUsd: price > 0 ? price * partOf((money - costOf(chosen)) / price, part) : money,
        byPlatform,
      };
      const left = candidates.filter(({ clip }) => !taken.has(clip));
      for (const candidate of choose(left, room)) {
        const { clip, whole, weight, microUsd: cost } = candidate;
        taken.add(clip);
        if (byPlatform[clip.platform] !== undefined) byPlatform[clip.platform]--;
        chosen.push({
          clip,
          score: whole,
          microUsd: cost,
          unrecordedAmount: weight.unrecorded,
          why: reason(candidate),
        });
      }
    };
    const listed = (lists: Lists, wanted: (candidate: Ranked) => boolean = () => true) =>
      [...lists.values()].flatMap((list) => list.list().filter(wanted).map(scored));
    const cap = Math.max(
      ageCapMs(this.#clips, scrapesPerDay),
      ageCap ? loweredAgeCapMs(ageCap, now) : 0,
    );
    // Last chances need no unrecorded amount, and may draw ahead on the money of later runs.
    const lastChances = this.#lastChances.map((one) => ({
      ...scored(one),
      why: one.why,
      score: one.score + Number.MIN_VALUE,
    }));
    take(lastChances, most, ({ why }) => why);
    take(
      listed(this.#oldest, ({ score: age }) => age * HOUR_MS > cap),
      microUsd,
      () => 'age',
    );
    const ending = listed(this.#ending);
    const maybeExhausted = this.#guard.maybeExhausted();
    const reserved = ending.filter(({ clip }) => maybeExhausted(clip));
    take(reserved, microUsd, () => 'budget ends', strength * this.#guard.reservedShare(scarcity));
    take(
      listed(this.#firstScrapes),
      microUsd,
      () => 'first scrape',
      strength * this.#guard.firstScrapeShare(),
    );
    const byScore = listed(this.#best);
    const keptByScore = new Set(byScore.map(({ clip }) => clip));
    // The guard's part can bring a clip among the best from far below.
    const best = byScore.concat(ending.filter(({ clip }) => !keptByScore.has(clip)));
    for (const candidate of best) candidate.score = candidate.whole;
    take(best, microUsd, ({ clip, ofBudget }) =>
      ofBudget ? 'budget ends' : clip.lastObservedAt === null ? 'first scrape' : 'score',
    );
    return {
      chosen,
      candidates: this.#clips,
      microUsd: costOf(chosen),
      demand: this.#demand,
      ageCapMs: cap,
    };
  }
}
