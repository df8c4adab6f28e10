import type { Platform } from '@cliptally/contracts';
import * as clips from './due-clip.js';
import type { DueClip, Weight } from './due-clip.js';
import { canEarn } from './earning.js';
import { PARAMETERS } from './parameters.js';
import { POLICIES, type Policy } from './policies/index.js';
import * as money from './scrape-budget.js';
import { choose, costOf, Shortlist, type Candidate } from './select.js';
import type { Choice, Plan, Reason, TrackingRun } from './tracking-run.js';
import * as urgency from './urgency.js';

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

/** A clip in a list; `score` is its rank. */
interface Ranked extends Candidate {
  weight: Weight;
  why: Reason;
}
type Lists = Map<Platform, Shortlist<Ranked>>;
/** Most of a score with a larger factor is the budget's. */
const OF_BUDGET = 2;

class Planner {
  readonly #run: TrackingRun;
  readonly #policy: Policy;
  readonly #lastChances: Ranked[] = [];
  readonly #oldest: Lists = new Map();
  readonly #best: Lists = new Map();
  /** By campaign: US dollars. */
  readonly #unrecorded = new Map<string, { sum: number }>();
  #candidates = 0;
  #due = 0;
  /** Clips that can still earn, what one scrape of each costs, and their demand. */
  #earning = 0;
  #priceOfAll = 0;
  #demand = 0;

  constructor(run: TrackingRun) {
    this.#run = run;
    this.#policy = typeof run.policy === 'string' ? POLICIES[run.policy] : run.policy;
    for (const id of run.campaigns.keys()) this.#unrecorded.set(id, { sum: 0 });
  }

  weigh(clip: DueClip): void {
    const { now, nextRunAt, limits, finalFigures = true } = this.#run;
    this.#candidates++;
    const earns = canEarn(clip);
    const weight = earns ? this.#policy.weigh(clip, this.#run) : { unrecorded: 0, score: 0 };
    if (earns) this.#sum(clip, weight);
    const why = urgency.lastChance(clip, now, nextRunAt);
    if (!earns && !(finalFigures && why === 'window ends')) return;
    if (urgency.isTooSoon(clip, now, limits.cacheTtlMs)) return;
    this.#due++;
    if (why) {
      // Without an unrecorded amount too: nobody chooses what scores nothing.
      const score = weight.score + Number.MIN_VALUE;
      this.#lastChances.push({ clip, weight, score, microUsd: limits.price(clip.platform), why });
      return;
    }
    const reason = clip.lastObservedAt === null ? 'first scrape' : 'score';
    this.#keep(this.#best, weight.score, clip, weight, reason);
    const age = clips.hoursUnobserved(clip, nextRunAt + urgency.SCRAPE_TAKES_MS) * clips.HOUR_MS;
    if (age > urgency.LEAST_AGE_CAP_MS) this.#keep(this.#oldest, age, clip, weight, 'age');
  }

  #sum(clip: DueClip, { unrecorded }: Weight): void {
    this.#earning++;
    this.#priceOfAll += this.#run.limits.price(clip.platform);
    const hours = clips.hoursBetween(clip.lastObservedAt ?? clips.postedAt(clip), this.#run.now);
    this.#demand += money.demandOf(unrecorded / Math.max(1, hours));
    for (const id of clip.campaignIds) {
      const campaign = this.#unrecorded.get(id);
      if (campaign) campaign.sum += unrecorded / clip.campaignIds.length;
    }
  }

  #keep(lists: Lists, rank: number, clip: DueClip, weight: Weight, why: Reason): void {
    const { scrapes, byPlatform, price } = this.#run.limits;
    let list = lists.get(clip.platform);
    if (!list) {
      const wanted = Math.max(0, Math.min(scrapes, byPlatform[clip.platform] ?? Infinity));
      list = new Shortlist(wanted, lists === this.#best && this.#policy.nearEnd > 0);
      lists.set(clip.platform, list);
    }
    if (list.wants(rank))
      list.add({ clip, weight, score: rank, microUsd: price(clip.platform), why });
  }

  /**
   * After the last clip: the factor of a clip's score. Views past a budget pay nothing, and only a
   * scrape reveals its end. 1 far from it, and half the most if the unrecorded amount equals what
   * remains.
   */
  #factors(): (clip: DueClip) => number {
    const factors = new Map<string, number>();
    for (const [id, { budget, spent }] of this.#run.campaigns) {
      const left = (budget - spent) / this.#unrecorded.get(id)!.sum;
      if (left > 0)
        factors.set(id, 1 + this.#policy.nearEnd / (1 + left ** PARAMETERS.nearEndSteepness));
    }
    return ({ campaignIds }) => Math.max(...campaignIds.map((id) => factors.get(id) ?? 1));
  }

  plan(): Plan {
    const { limits, now, nextRunAt, budget, ageCap } = this.#run;
    const price = this.#earning === 0 ? 0 : this.#priceOfAll / this.#earning;
    const within = (microUsd: number) => Math.min(limits.microUsd, microUsd);
    const share = budget ? money.runBudget(budget, now, nextRunAt, this.#demand, price) : Infinity;
    const ahead = budget ? Math.max(share, money.allowance(budget, now)) : Infinity;
    const affordable = budget ? money.affordablePerDay(budget, now, price) : Infinity;
    const cap = Math.max(
      urgency.ageCapMs(this.#earning, Math.min(limits.scrapesPerDay, affordable)),
      ageCap ? urgency.loweredAgeCapMs(ageCap, now) : 0,
    );
    const factorOf = this.#factors();
    const byPlatform = { ...limits.byPlatform };
    const chosen: Choice[] = [];
    const taken = new Set<DueClip>();
    const take = (candidates: Ranked[], most: number) => {
      const left = candidates.filter(({ clip }) => !taken.has(clip));
      const [scrapes, microUsd] = [limits.scrapes - chosen.length, within(most) - costOf(chosen)];
      for (const { clip, weight, why, ...one } of choose(left, { scrapes, microUsd, byPlatform })) {
        taken.add(clip);
        if (byPlatform[clip.platform] !== undefined) byPlatform[clip.platform]--;
        const [factor, unrecordedAmount] = [factorOf(clip), weight.unrecorded];
        const reason = why === 'score' && factor > OF_BUDGET ? 'budget ends' : why;
        const score = weight.score * factor;
        chosen.push({ ...one, clip, score, factor, unrecordedAmount, why: reason });
      }
    };
    const listed = (lists: Lists) => [...lists.values()].flatMap((list) => list.list());
    // Last chances may draw ahead on the money of later runs.
    take(this.#lastChances, ahead);
    const late = listed(this.#oldest).filter(({ score: age }) => age > cap);
    take(late, share);
    const best = listed(this.#best);
    for (const one of best) one.score *= factorOf(one.clip);
    take(best, share);
    const [candidates, due, demand] = [this.#candidates, this.#due, this.#demand];
    return { chosen, candidates, due, microUsd: costOf(chosen), demand, ageCapMs: cap };
  }
}
