import type { Platform } from '@cliptally/contracts';
import {
  HOUR_MS,
  hoursUnobserved,
  hoursUnrecorded,
  type DueClip,
  type Weight,
} from './due-clip.js';
import { PARAMETERS } from './parameters.js';
import { canEarn } from './score.js';
import { demandOf, purseOf } from './scrape-budget.js';
import { choose, costOf, Shortlist, type Candidate } from './select.js';
import type { Choice, LeftOut, Plan, Reason, TrackingRun } from './tracking-run.js';
import * as urgency from './urgency.js';

/** A clip in a list; `score` is its rank there. */
interface Ranked extends Candidate {
  weight: Weight;
}
type Lists = Map<Platform, Shortlist<Ranked>>;
type Why = (clip: DueClip, factor: number) => Reason;
const NOTHING: Weight = { unrecorded: 0, score: 0 };
/** Most of a score with a larger factor is the budget's. */
const OF_BUDGET = 2;

/**
 * Chooses the scrapes of a tracking run: last chances, then clips past the age cap (oldest first),
 * then the highest scores. It takes the clips one by one, and holds only those that it may choose.
 */
export class Planner {
  readonly #lastChances: Ranked[] = [];
  readonly #oldest: Lists = new Map();
  readonly #best: Lists = new Map();
  /** By campaign: US dollars. */
  readonly #unrecorded = new Map<string, { sum: number }>();
  readonly #counted = { candidates: 0, due: 0, demand: 0 };
  /** Due clips by platform, and how many of them only their age can have chosen. */
  readonly #dueOn = new Map<Platform, { clips: number; scoreless: number }>();
  /** Clips that can still earn, and what one scrape of each costs. */
  readonly #earning = { clips: 0, microUsd: 0 };

  constructor(private readonly run: TrackingRun) {}

  weigh(clip: DueClip): void {
    const { now, nextRunAt, limits, policy, finalFigures = true } = this.run;
    this.#counted.candidates++;
    const earns = canEarn(clip);
    const weight = earns ? policy.weigh(clip, this.run) : NOTHING;
    if (earns) this.#sum(clip, weight.unrecorded);
    const why = urgency.lastChance(clip, now, nextRunAt);
    if (!earns && !(finalFigures && why === 'window ends')) return;
    if (urgency.isTooSoon(clip, now)) return;
    this.#counted.due++;
    const on = this.#dueOn.get(clip.platform) ?? { clips: 0, scoreless: 0 };
    this.#dueOn.set(clip.platform, on);
    on.clips++;
    if (!why && !(weight.score > 0)) on.scoreless++;
    if (why) {
      // Without an unrecorded amount too: nobody chooses what scores nothing.
      const score = weight.score + Number.MIN_VALUE;
      this.#lastChances.push({ clip, weight, score, microUsd: limits.price(clip.platform) });
      return;
    }
    this.#keep(this.#best, weight.score, clip, weight);
    const age = hoursUnobserved(clip, nextRunAt + urgency.SCRAPE_TAKES_MS) * HOUR_MS;
    if (age > urgency.LEAST_AGE_CAP_MS) this.#keep(this.#oldest, age, clip, weight);
  }

  #sum(clip: DueClip, unrecorded: number): void {
    this.#earning.clips++;
    this.#earning.microUsd += this.run.limits.price(clip.platform);
    const hours = Math.max(1, hoursUnrecorded(clip, this.run.now));
    this.#counted.demand += demandOf(unrecorded / hours);
    for (const id of clip.campaignIds) {
      const campaign = this.#unrecorded.get(id);
      const part = unrecorded / clip.campaignIds.length;
      if (campaign) campaign.sum += part;
      else this.#unrecorded.set(id, { sum: part });
    }
  }

  #keep(lists: Lists, score: number, clip: DueClip, weight: Weight): void {
    const { platform } = clip;
    const { scrapes, byPlatform, price } = this.run.limits;
    let list = lists.get(platform);
    if (!list) {
      list = new Shortlist(Math.min(scrapes, byPlatform[platform] ?? scrapes));
      lists.set(platform, list);
    }
    if (list.wants(score)) list.add({ clip, weight, score, microUsd: price(platform) });
  }

  /**
   * The factor of a score. Views past a budget pay nothing, and only a scrape reveals its end. 1
   * far from it, and half the most if the unrecorded amount equals what remains.
   */
  #factorOf({ campaignIds }: DueClip): number {
    const { campaigns, policy } = this.run;
    const factors = campaignIds.map((id) => {
      const { budget, spent } = campaigns.get(id) ?? { budget: 0, spent: 0 };
      const left = (budget - spent) / (this.#unrecorded.get(id)?.sum ?? 0);
      return left > 0 ? 1 + policy.nearEnd / (1 + left ** PARAMETERS.nearEndSteepness) : 1;
    });
    return Math.max(...factors);
  }

  /** After the last clip. */
  plan(): Plan {
    const { limits, now, nextRunAt, budget, ageCap } = this.run;
    const { clips, microUsd: ofAll } = this.#earning;
    const price = clips === 0 ? 0 : ofAll / clips;
    const purse = purseOf(budget, this.run, this.#counted.demand, price);
    const scrapesPerDay = Math.min(limits.scrapesPerDay, purse.scrapesPerDay);
    const cap = urgency.ageCapMs(clips, scrapesPerDay, now, ageCap);
    const chosen: Choice[] = [];
    const taken = new Set<DueClip>();
    const byPlatform = { ...limits.byPlatform };
    const take = (listed: Ranked[], most: number, why: Why) => {
      const left = listed.filter(({ clip }) => !taken.has(clip));
      const [scrapes, microUsd] = [limits.scrapes - chosen.length, most - costOf(chosen)];
      for (const { clip, weight, ...one } of choose(left, { scrapes, microUsd, byPlatform })) {
        taken.add(clip);
        if (byPlatform[clip.platform] !== undefined) byPlatform[clip.platform]--;
        const factor = this.#factorOf(clip);
        const [score, unrecordedAmount] = [weight.score * factor, weight.unrecorded];
        chosen.push({ ...one, clip, score, factor, unrecordedAmount, why: why(clip, factor) });
      }
    };
    const listed = (lists: Lists) => [...lists.values()].flatMap((list) => list.list());
    // Last chances may draw ahead on the money of later runs.
    take(this.#lastChances, purse.ahead, (clip) => urgency.lastChance(clip, now, nextRunAt)!);
    const late = listed(this.#oldest).filter(({ score: age }) => age > cap);
    take(late, purse.share, () => 'age');
    const best = listed(this.#best);
    for (const one of best) one.score *= this.#factorOf(one.clip);
    take(best, purse.share, ({ lastObservedAt }, factor) =>
      lastObservedAt === null ? 'first scrape' : factor > OF_BUDGET ? 'budget ends' : 'score',
    );
    return {
      chosen,
      ...this.#counted,
      microUsd: costOf(chosen),
      ageCapMs: cap,
      shareMicroUsd: purse.share,
      leftOut: this.#leftOut(chosen, byPlatform),
    };
  }

  /** `room` is what the choice has left of each platform's limit. */
  #leftOut(chosen: readonly Choice[], room: Partial<Record<Platform, number>>): LeftOut {
    const left = { no_gain: 0, scrape_limit: 0, platform_limit: 0, money: 0 };
    for (const [platform, { clips, scoreless }] of this.#dueOn) {
      const own = chosen.filter(({ clip }) => clip.platform === platform);
      const idle = scoreless - own.filter(({ score }) => !(score > 0)).length;
      left.no_gain += idle;
      const rest = clips - own.length - idle;
      if (chosen.length >= this.run.limits.scrapes) left.scrape_limit += rest;
      else if ((room[platform] ?? Infinity) <= 0) left.platform_limit += rest;
      else left.money += rest;
    }
    return left;
  }
}
