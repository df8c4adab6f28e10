import type { Platform } from '@cliptally/contracts';
import { hoursUnseen } from './dollar-hours.js';
import { HOUR_MS, hoursBetween, type CampaignMoney, type DueClip, type Surroundings } from './due-clip.js';
import { AGE_CAP_MS, ageCapMs, FRESH_MS, lastChance, rests } from './forced.js';
import { POLICIES, type PolicyName, type WayToWeigh } from './policies.js';
import { demandOf, pace, type Quota } from './quota.js';
import { choose, costOf, Shortlist, type Candidate } from './select.js';

export interface Limits {
  /** Looks of this run at most. */
  looks: number;
  /** Of these, looks by platform at most; no entry, no limit. */
  byPlatform: Partial<Record<Platform, number>>;
  /** Millionths of a US dollar that this run may cost. */
  microUsd: number;
  /** Expected price of a look, in millionths of a US dollar. */
  price: (platform: Platform) => number;
  /** Looks a day that the limits allow in the long run: they decide how old a look may get. */
  looksPerDay: number;
  /** A count that is younger than this is not asked for again; an hour by default, as the scraper's cache answers for so long. */
  freshMs?: number;
}

export interface Run {
  policy: PolicyName | WayToWeigh;
  campaigns: ReadonlyMap<string, CampaignMoney>;
  limits: Limits;
  firstLookVelocity: (platform: Platform) => number;
  now: number;
  /** When the next run is expected: what closes before then has to be looked at now. */
  nextRunAt: number;
  /** Spreads a billing cycle's money by demand, within `limits.microUsd`; without it the run may cost all of that. */
  quota?: Quota;
}

/** Why a clip was chosen: because a look cannot wait, or by its score, and then what gave it weight. */
export type Reason = 'window ends' | 'payout' | 'age' | 'budget ends' | 'first look' | 'score';

export interface Choice extends Candidate {
  /** What probably waits to be recorded, in US dollars. */
  dollarsWaiting: number;
  why: Reason;
}

export interface Plan {
  /** Looks that cannot wait first, then by score. */
  chosen: Choice[];
  candidates: number;
  microUsd: number;
  /** What the clips together ask for; its mean over earlier plans is the quota's `usualDemand`. */
  demand: number;
}

/** Part of a budget from which the closing settlement depends on every clip's newest count. */
const BUDGET_EDGE = 0.97;

/**
 * Chooses the looks of a run. First the last chances (end of a window or campaign, a payout), then clips that were unseen for longer than
 * the age cap, oldest first, then the highest scores; equal ones by clip id, so that a plan can be made again.
 */
export function planRun(run: Run & { clips: Iterable<DueClip> }): Plan {
  const planner = new Planner(run);
  for (const clip of run.clips) planner.weigh(clip);
  return planner.plan();
}

/** {@link planRun} for clips that are read while they are weighed: only those that may be chosen are kept in memory. */
export async function planRunStreaming(run: Run & { clips: AsyncIterable<DueClip> }): Promise<Plan> {
  const planner = new Planner(run);
  for await (const clip of run.clips) planner.weigh(clip);
  return planner.plan();
}

class Planner {
  readonly #run: Run;
  readonly #weigh: WayToWeigh;
  readonly #around: Surroundings;
  readonly #lastChances: (Candidate & { why: Reason })[] = [];
  readonly #oldest = new Map<Platform, Shortlist>();
  readonly #best = new Map<Platform, Shortlist>();
  /** US dollars that probably wait, by campaign. */
  readonly #waiting = new Map<string, number>();
  #clips = 0;
  #demand = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#weigh = typeof run.policy === 'string' ? POLICIES[run.policy] : run.policy;
    this.#around = { now: run.now, firstLookVelocity: run.firstLookVelocity, nearBudgetEnd: () => false };
  }

  weigh(clip: DueClip): void {
    const { now, nextRunAt, limits } = this.#run;
    this.#clips++;
    const waiting = this.#weigh.waiting(clip, this.#around);
    const share = waiting / clip.campaignIds.length;
    for (const id of clip.campaignIds) this.#waiting.set(id, (this.#waiting.get(id) ?? 0) + share);
    const since = hoursBetween(clip.lastLookAt ?? clip.postedAt ?? clip.submittedAt, now);
    this.#demand += demandOf(waiting / Math.max(1, since));
    if (rests(clip, now, limits.freshMs ?? FRESH_MS)) return;
    const microUsd = limits.price(clip.platform);
    const score = this.#weigh.score(clip, this.#around);
    const why = lastChance(clip, now, nextRunAt);
    if (why) {
      this.#lastChances.push({ clip, score, microUsd, why });
      return;
    }
    const best = this.#listOf(this.#best, clip.platform);
    if (best.wants(score)) best.add({ clip, score, microUsd });
    const age = hoursUnseen(clip, now);
    const oldest = this.#listOf(this.#oldest, clip.platform);
    if (age * HOUR_MS >= AGE_CAP_MS.ample && oldest.wants(age)) oldest.add({ clip, score: age, microUsd });
  }

  #listOf(lists: Map<Platform, Shortlist>, platform: Platform): Shortlist {
    const { looks, byPlatform } = this.#run.limits;
    let list = lists.get(platform);
    if (!list) lists.set(platform, (list = new Shortlist(Math.max(0, Math.min(looks, byPlatform[platform] ?? Infinity)))));
    return list;
  }

  plan(): Plan {
    const { limits, now, nextRunAt, quota } = this.#run;
    const microUsd = quota ? Math.min(limits.microUsd, pace(quota, now, nextRunAt, this.#demand)) : limits.microUsd;
    const around = { ...this.#around, nearBudgetEnd: this.#spendReaches(BUDGET_EDGE), budgetGone: this.#spendReaches(1) };
    const byPlatform = { ...limits.byPlatform };
    const chosen: Choice[] = [];
    const taken = new Set<DueClip>();
    const take = (candidates: Candidate[], money: number, reason: (candidate: Candidate) => Reason) => {
      const room = { looks: limits.looks - chosen.length, microUsd: money - costOf(chosen), byPlatform };
      const waiting = candidates.filter(({ clip }) => !taken.has(clip));
      for (const candidate of choose(waiting, room)) {
        const { clip, microUsd } = candidate;
        taken.add(clip);
        const left = byPlatform[clip.platform];
        if (left !== undefined) byPlatform[clip.platform] = left - 1;
        const score = this.#weigh.score(clip, around);
        chosen.push({ clip, score, microUsd, dollarsWaiting: this.#weigh.waiting(clip, around), why: reason(candidate) });
      }
    };
    const listed = (lists: Map<Platform, Shortlist>) => [...lists.values()].flatMap((list) => list.list());
    // A last chance is taken even where nothing seems to wait, and may draw ahead on the money of later runs.
    const lastChances = this.#lastChances.map((candidate) => ({ ...candidate, score: candidate.score + Number.MIN_VALUE }));
    take(lastChances, limits.microUsd, ({ clip }) => lastChance(clip, now, nextRunAt)!);
    const cap = ageCapMs(this.#clips, limits.looksPerDay);
    take(
      listed(this.#oldest).filter(({ clip }) => hoursUnseen(clip, now) * HOUR_MS >= cap),
      microUsd,
      () => 'age',
    );
    take(
      listed(this.#best).map((candidate) => ({ ...candidate, score: this.#weigh.score(candidate.clip, around) })),
      microUsd,
      ({ clip }) => (around.nearBudgetEnd(clip) ? 'budget ends' : clip.lastLookAt === null ? 'first look' : 'score'),
    );
    return { chosen, candidates: this.#clips, microUsd: costOf(chosen), demand: this.#demand };
  }

  /** Whether recorded plus estimated spend has reached `part` of the budget, which is not spent, of one of a clip's campaigns. */
  #spendReaches(part: number): (clip: DueClip) => boolean {
    const there = new Set<string>();
    for (const [id, { budget, spent }] of this.#run.campaigns)
      if (spent < budget && spent + (this.#waiting.get(id) ?? 0) >= part * budget) there.add(id);
    return (clip) => clip.campaignIds.some((id) => there.has(id));
  }
}
