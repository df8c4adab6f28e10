import type { Platform } from '@cliptally/contracts';
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
import { canEarn } from './earning.js';
import { NearEnd } from './near-end.js';
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
export interface TrackingRun extends Surroundings {
  policy: PolicyName | Policy;
  campaigns: ReadonlyMap<string, CampaignMoney>;
  limits: Limits;
  /** When the next tracking run is expected. */
  nextRunAt: number;
  /** Without it the tracking run may cost all of `limits.microUsd`. */
  budget?: ScrapeBudget;
  /** Age cap of the tracking run before. */
  ageCap?: AgeCap | undefined;
  /** Whether clips that can earn nothing more get a scrape as their windows end; true by default. */
  finalFigures?: boolean;
}

/** Why a clip was chosen: its scrape cannot wait, or what gave its score most weight. */
export type Reason = 'window ends' | 'payout' | 'age' | 'budget ends' | 'first scrape' | 'score';

export interface Choice extends Candidate {
  /** US dollars, as the policy estimates them. */
  unrecordedAmount: number;
  /** What the score was multiplied by: campaigns near the end of their budgets. */
  factor: number;
  why: Reason;
}

export interface Plan {
  /** Scrapes that cannot wait first, then by score. */
  chosen: Choice[];
  candidates: number;
  /** Candidates that could have been chosen without any limit. */
  due: number;
  microUsd: number;
  /** Sum over all clips; its mean over earlier plans is the scrape budget's `usualDemand`. */
  demand: number;
  ageCapMs: number;
}

/**
 * Chooses the scrapes of a tracking run: last chances, then clips past the age cap (oldest first),
 * then the highest scores.
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

/** A clip in a list, where `score` is its rank. */
interface Ranked extends Candidate {
  weight: Weight;
  why: Reason;
}
type Lists = Map<Platform, Shortlist<Ranked>>;
const NOTHING: Weight = { unrecorded: 0, score: 0 };
/** Most of a score with a larger factor is the budget's. */
const OF_BUDGET = 2;

class Planner {
  readonly #run: TrackingRun;
  readonly #policy: Policy;
  readonly #nearEnd: NearEnd;
  readonly #lastChances: Ranked[] = [];
  readonly #oldest: Lists = new Map();
  readonly #best: Lists = new Map();
  #candidates = 0;
  #due = 0;
  /** Clips that can still earn, and what one scrape of each costs. */
  #earning = 0;
  #priceOfAll = 0;
  #demand = 0;

  constructor(run: TrackingRun) {
    this.#run = run;
    this.#policy = typeof run.policy === 'string' ? POLICIES[run.policy] : run.policy;
    this.#nearEnd = new NearEnd(run.campaigns, this.#policy.nearEnd);
  }

  weigh(clip: DueClip): void {
    const { now, nextRunAt, limits, finalFigures = true } = this.#run;
    const earns = canEarn(clip);
    const weight = earns ? this.#policy.weigh(clip, this.#run) : NOTHING;
    this.#candidates++;
    if (earns) this.#sum(clip, weight);
    const why = lastChance(clip, now, nextRunAt);
    if (!earns && !(finalFigures && why === 'window ends')) return;
    if (isTooSoon(clip, now, limits.cacheTtlMs)) return;
    this.#due++;
    if (why) {
      const microUsd = limits.price(clip.platform);
      // Without an unrecorded amount too: nobody chooses what scores nothing.
      const score = weight.score + Number.MIN_VALUE;
      this.#lastChances.push({ clip, weight, score, microUsd, why });
      return;
    }
    const reason = clip.lastObservedAt === null ? 'first scrape' : 'score';
    this.#keep(this.#best, weight.score, clip, weight, reason);
    const age = hoursUnobserved(clip, nextRunAt + SCRAPE_TAKES_MS);
    if (age * HOUR_MS > LEAST_AGE_CAP_MS) this.#keep(this.#oldest, age, clip, weight, 'age');
  }

  #sum(clip: DueClip, { unrecorded }: Weight): void {
    const { now, limits } = this.#run;
    this.#earning++;
    this.#priceOfAll += limits.price(clip.platform);
    this.#nearEnd.add(clip, unrecorded);
    const hours = hoursBetween(clip.lastObservedAt ?? postedAt(clip), now);
    this.#demand += demandOf(unrecorded / Math.max(1, hours));
  }

  #keep(lists: Lists, rank: number, clip: DueClip, weight: Weight, why: Reason): void {
    const { scrapes, byPlatform, price } = this.#run.limits;
    let list = lists.get(clip.platform);
    if (!list) {
      const mayGrow = lists === this.#best && this.#policy.nearEnd > 0;
      const wanted = Math.max(0, Math.min(scrapes, byPlatform[clip.platform] ?? Infinity));
      lists.set(clip.platform, (list = new Shortlist(wanted, mayGrow)));
    }
    if (list.wants(rank))
      list.add({ clip, weight, score: rank, microUsd: price(clip.platform), why });
  }

  plan(): Plan {
    const { limits, now, nextRunAt, budget, ageCap } = this.#run;
    const price = this.#earning === 0 ? 0 : this.#priceOfAll / this.#earning;
    const within = (money: number) => Math.min(limits.microUsd, money);
    const share = budget ? runBudget(budget, now, nextRunAt, this.#demand, price) : Infinity;
    const ahead = budget ? Math.max(share, allowance(budget, now)) : Infinity;
    const scrapesPerDay = Math.min(
      limits.scrapesPerDay,
      budget ? affordablePerDay(budget, now, price) : Infinity,
    );
    const cap = Math.max(
      ageCapMs(this.#earning, scrapesPerDay),
      ageCap ? loweredAgeCapMs(ageCap, now) : 0,
    );
    const factorOf = this.#nearEnd.factor();
    const byPlatform = { ...limits.byPlatform };
    const chosen: Choice[] = [];
    const taken = new Set<DueClip>();
    const take = (candidates: Ranked[], money: number) => {
      const microUsd = money - costOf(chosen);
      const left = candidates.filter(({ clip }) => !taken.has(clip));
      const room = { scrapes: limits.scrapes - chosen.length, microUsd, byPlatform };
      for (const { clip, weight, microUsd: cost, why } of choose(left, room)) {
        taken.add(clip);
        if (byPlatform[clip.platform] !== undefined) byPlatform[clip.platform]--;
        const factor = factorOf(clip);
        chosen.push({
          clip,
          score: weight.score * factor,
          factor,
          microUsd: cost,
          unrecordedAmount: weight.unrecorded,
          why: why === 'score' && factor > OF_BUDGET ? 'budget ends' : why,
        });
      }
    };
    const listed = (lists: Lists) => [...lists.values()].flatMap((list) => list.list());
    // Last chances may draw ahead on the money of later runs.
    take(this.#lastChances, within(ahead));
    const late = listed(this.#oldest).filter(({ score: age }) => age * HOUR_MS > cap);
    take(late, within(share));
    const best = listed(this.#best);
    for (const one of best) one.score *= factorOf(one.clip);
    take(best, within(share));
    return {
      chosen,
      candidates: this.#candidates,
      due: this.#due,
      microUsd: costOf(chosen),
      demand: this.#demand,
      ageCapMs: cap,
    };
  }
}
