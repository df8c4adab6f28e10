import type { Platform } from '@cliptally/contracts';
import { Budgets, meansOf } from './closing.js';
import { hoursUnseen } from './dollar-hours.js';
import { HOUR_MS, hoursBetween, postedAt, type CampaignMoney, type DueClip, type Surroundings, type Weight } from './due-clip.js';
import { ageCapMs, fallenCapMs, YOUNGEST_CAP_MS, FRESH_MS, LOOK_TAKES_MS, lastChance, rests, scarcityOf, type AgeCap } from './forced.js';
import { POLICIES, type PolicyName, type WayToChoose } from './policies.js';
import { affordable, allowance, demandOf, pace, type Quota } from './quota.js';
import { choose, costOf, Shortlist, type Candidate } from './select.js';

export interface Limits {
  /** Looks of this run at most. */
  looks: number;
  /** Of these, looks by platform at most; no entry, no limit. */
  byPlatform: Partial<Record<Platform, number>>;
  /** Millionths of a US dollar that this run may cost, whatever the quota says. */
  microUsd: number;
  /** Expected price of a look, in millionths of a US dollar. */
  price: (platform: Platform) => number;
  /** Looks a day that the limits allow in the long run: they decide how old a look may get. */
  looksPerDay: number;
  /** A count that is younger than this is not asked for again; an hour by default, as the scraper's cache answers for so long. */
  freshMs?: number;
}

export interface Run {
  policy: PolicyName | WayToChoose;
  campaigns: ReadonlyMap<string, CampaignMoney>;
  limits: Limits;
  firstLookVelocity: (platform: Platform) => number;
  now: number;
  /** When the next run is expected: what closes before then has to be looked at now. */
  nextRunAt: number;
  /** Spreads a billing cycle's money by demand; without it the run may cost all of `limits.microUsd`. */
  quota?: Quota;
  /** Cap of the run before. */
  ageCap?: AgeCap | undefined;
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
  /** No clip gets older than this before the next run, if the looks allow it. */
  ageCapMs: number;
}

/**
 * Chooses the looks of a run. First the last chances (end of a window or campaign, a payout), then clips that would be unseen for longer than
 * the age cap before the next run, oldest first, then rounds over campaigns whose budgets may be gone, newcomers that may have passed one, and the
 * highest scores; equal ones by clip id, so that a plan can be made again.
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

/** A clip in a list, by the rank it has there, and what its policy made of it. */
interface Ranked extends Candidate {
  weight: Weight;
}

/** With its score when all clips were added: `whole` has what the clip may mean for budgets in it, which may be most of it (`ofBudget`). */
interface Scored extends Ranked {
  whole: number;
  ofBudget: boolean;
}

class Planner {
  readonly #run: Run;
  readonly #way: WayToChoose;
  readonly #around: Surroundings;
  readonly #budgets: Budgets;
  readonly #lastChances: (Ranked & { why: Reason })[] = [];
  readonly #oldest = new Map<Platform, Shortlist<Ranked>>();
  readonly #closing = new Map<Platform, Shortlist<Ranked>>();
  readonly #newcomers = new Map<Platform, Shortlist<Ranked>>();
  readonly #best = new Map<Platform, Shortlist<Ranked>>();
  #clips = 0;
  #demand = 0;
  /** Of one look at each clip. */
  #priceOfAll = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#way = typeof run.policy === 'string' ? POLICIES[run.policy] : run.policy;
    this.#around = { now: run.now, firstLookVelocity: run.firstLookVelocity };
    this.#budgets = new Budgets(run.campaigns, this.#around);
  }

  weigh(clip: DueClip): void {
    const { now, nextRunAt, limits } = this.#run;
    const weight = this.#way.weigh(clip, this.#around);
    const { waiting, score } = weight;
    const microUsd = limits.price(clip.platform);
    this.#clips++;
    this.#priceOfAll += microUsd;
    const partOfBudget = this.#budgets.add(clip, weight);
    const since = hoursBetween(clip.lastLookAt ?? postedAt(clip), now);
    this.#demand += demandOf(waiting / Math.max(1, since));
    if (rests(clip, now, limits.freshMs ?? FRESH_MS)) return;
    const why = lastChance(clip, now, nextRunAt);
    if (why) {
      this.#lastChances.push({ clip, weight, score, microUsd, why });
      return;
    }
    this.#keep(this.#best, clip, weight, score, microUsd);
    if (this.#way.closing.rounds) {
      if (partOfBudget > 0) this.#keep(this.#closing, clip, weight, partOfBudget, microUsd);
      this.#keep(this.#newcomers, clip, weight, this.#budgets.passedByNewcomer(clip), microUsd);
    }
    const age = hoursUnseen(clip, nextRunAt + LOOK_TAKES_MS);
    if (age * HOUR_MS > YOUNGEST_CAP_MS) this.#keep(this.#oldest, clip, weight, age, microUsd);
  }

  #keep(lists: Map<Platform, Shortlist<Ranked>>, clip: DueClip, weight: Weight, rank: number, microUsd: number): void {
    let list = lists.get(clip.platform);
    if (!list) {
      const { looks, byPlatform } = this.#run.limits;
      const mayGrow = lists === this.#best && this.#way.closing.edgeWeight > 1;
      lists.set(clip.platform, (list = new Shortlist(Math.max(0, Math.min(looks, byPlatform[clip.platform] ?? Infinity)), mayGrow)));
    }
    if (list.wants(rank)) list.add({ clip, weight, score: rank, microUsd });
  }

  plan(): Plan {
    const { limits, now, nextRunAt, quota, ageCap } = this.#run;
    const price = this.#clips === 0 ? 0 : this.#priceOfAll / this.#clips;
    const microUsd = Math.min(limits.microUsd, quota ? pace(quota, now, nextRunAt, this.#demand, price) : Infinity);
    const most = Math.min(limits.microUsd, quota ? Math.max(microUsd, allowance(quota, now)) : Infinity);
    const looksPerDay = Math.min(limits.looksPerDay, quota ? affordable(quota, now, price) : Infinity);
    const scarcity = scarcityOf(this.#clips, looksPerDay);
    const means = meansOf(this.#clips, looksPerDay);
    const nearEnd = this.#budgets.nearEnd();
    const maybeGone = this.#budgets.maybeGone();
    const { edgeWeight, rounds } = this.#way.closing;
    const [watch, notice] = rounds ? [this.#budgets.watch(scarcity), this.#budgets.notice()] : [() => 0, () => 0];
    // The whole score is known only now that every clip of a campaign has been added up.
    const scored = ({ clip, weight, score, microUsd: cost }: Ranked): Scored => {
      const watched = means * (watch(clip, weight.waiting) + notice(clip, weight.waiting));
      const isNearEnd = nearEnd(clip);
      const whole = weight.score * (isNearEnd ? edgeWeight : 1) + watched;
      // Field by field: copies made by a spread took two thirds of a run.
      return { clip, weight, score, microUsd: cost, whole, ofBudget: isNearEnd || watched > weight.score };
    };
    const byPlatform = { ...limits.byPlatform };
    const chosen: Choice[] = [];
    const taken = new Set<DueClip>();
    const take = <R extends Scored>(candidates: R[], money: number, reason: (candidate: R) => Reason, part = 1) => {
      // Whole looks: what is over in a run is kept for the next ones, or runs of one look would give all or nothing.
      const slot = Math.round(now / (nextRunAt - now));
      const partOf = (all: number) =>
        part === 1 || all === Infinity ? all : Math.floor(all * part * (slot + 1)) - Math.floor(all * part * slot);
      const room = {
        looks: partOf(limits.looks - chosen.length),
        microUsd: price > 0 ? price * partOf((money - costOf(chosen)) / price) : money,
        byPlatform,
      };
      const left = candidates.filter(({ clip }) => !taken.has(clip));
      for (const candidate of choose(left, room)) {
        const { clip, whole, weight, microUsd: cost } = candidate;
        taken.add(clip);
        if (byPlatform[clip.platform] !== undefined) byPlatform[clip.platform]--;
        chosen.push({ clip, score: whole, microUsd: cost, dollarsWaiting: weight.waiting, why: reason(candidate) });
      }
    };
    const listed = (lists: Map<Platform, Shortlist<Ranked>>, wanted: (candidate: Ranked) => boolean = () => true) =>
      [...lists.values()].flatMap((list) => list.list().filter(wanted).map(scored));
    // A last chance is taken even where nothing seems to wait, and may draw ahead on the money of later runs.
    const lastChances = this.#lastChances.map((candidate) => ({
      ...scored(candidate),
      why: candidate.why,
      score: candidate.score + Number.MIN_VALUE,
    }));
    take(lastChances, most, ({ why }) => why);
    const cap = Math.max(ageCapMs(this.#clips, looksPerDay), ageCap ? fallenCapMs(ageCap, now) : 0);
    const tooOld = listed(this.#oldest, ({ score: age }) => age * HOUR_MS > cap);
    take(tooOld, microUsd, () => 'age');
    const closing = listed(this.#closing);
    const inRounds = closing.filter(({ clip }) => maybeGone(clip));
    take(inRounds, microUsd, () => 'budget ends', means * this.#budgets.roundsAtMost(scarcity));
    take(listed(this.#newcomers), microUsd, () => 'first look', means * this.#budgets.newcomersAtMost());
    const byScore = listed(this.#best);
    const keptByScore = new Set(byScore.map(({ clip }) => clip));
    // What a clip may mean for a budget can bring it among the best from far below.
    const best = byScore.concat(closing.filter(({ clip }) => !keptByScore.has(clip)));
    for (const candidate of best) candidate.score = candidate.whole;
    take(best, microUsd, ({ clip, ofBudget }) => (ofBudget ? 'budget ends' : clip.lastLookAt === null ? 'first look' : 'score'));
    return { chosen, candidates: this.#clips, microUsd: costOf(chosen), demand: this.#demand, ageCapMs: cap };
  }
}
