import { exposure, possibleBursts, TAIL, usualViews, type PossibleBurst } from './bursts.js';
import { hoursUnseen } from './dollar-hours.js';
import { hoursBetween, postedAt, type CampaignMoney, type DueClip, type Surroundings, type Weight } from './due-clip.js';

/** What is done about budgets that are about to end: views past the end pay nothing, and nobody knows of it before somebody looks. */
export interface Closing {
  /** How many times the score counts where recorded plus estimated spend has reached 97 % of a budget. */
  edgeWeight: number;
  /** Whether clips of a campaign whose budget may be gone are looked at in a round, ahead of all scores, and bursts that may end one are watched for. */
  rounds: boolean;
}

export const NO_CLOSING: Closing = { edgeWeight: 1, rounds: false };
export const EDGE_WEIGHT: Closing = { edgeWeight: 4, rounds: false };
export const CLOSING_ROUNDS: Closing = { edgeWeight: 1, rounds: true };

/** Part of a budget from which the closing settlement depends on every clip's newest count. */
const BUDGET_EDGE = 0.97;
/**
 * A round begins when the estimate of what waits, so many times, would fill what is left of the budget; each round records what waited, so that
 * the next begins when a sixth of the gap is left, and the last one close to the end.
 */
const DOUBT = 1.2;
/**
 * Views an hour that any clip may have gained by surprise, as a part of the velocity of first looks, which fade with age: more than scores
 * reckon with, because here a burst that nobody saw costs views past the budget.
 */
const SURPRISE = 0.05;
/** A clip that may have used up less of what is left is not worth a look of the round. */
const LEAST_PART = 0.01;
/** What is left counts as at least this part of the budget, or the last cents would ask for a look at everything. */
const LEAST_LEFT = 0.01;
/**
 * Where a budget is thought to be gone, a look that may show it is worth more than its clip: all that waits in the campaign is settled then, and nothing
 * more passes the budget. That it is gone is the likelier, the more may wait for what is left; that this look shows it, the larger the clip's
 * part of that is.
 */
const NOTICE = { sureness: 3, ofPart: 2, hoursAtMost: 24 };
/** Part of a run's looks and money that rounds may take, where looks are scarce and where they are ample. */
const ROUNDS_AT_MOST = { scarce: 0.4, ample: 0.6 };
/** Hours after which a burst has brought half of what it brings. */
const HALF_AFTER_HOURS = 12;
/**
 * A first look at a clip that may have passed a budget alone is not left to scores, which let a small campaign's newcomer wait for a day. It is due when such
 * a part of a budget may have been brought too much, in the mean. These looks take at most three tenths of what rounds have left, and a tenth where campaigns have
 * few clips: on a day that brings hundreds of clips, those of yesterday count as well.
 */
const LEAST_PASSED = 0.0001;
const NEWCOMERS_AT_MOST = { fewClips: 0.1, manyClips: 0.3 };
/** Looks a clip and day below which budgets count the less, the fewer there are: with one look in four days, what waits matters more than who is late. */
const MEANS = 0.5;
/**
 * What an overspent budget counts in a score, in hours of all that waits anywhere: both are large where looks are few. Where looks are ample, bursts are
 * watched for so many times as closely.
 */
const OVERSPENT_HOURS = 60;
const CLOSELY = 2;
/**
 * Where campaigns have fewer clips each, it counts the less, or who has few looks would spend them all on watching; and what goes by what waits in whole
 * campaigns much less.
 */
const CLIPS_FOR_CARE = { watching: 15, noticing: 10 };
const NOTICING_FADES = 4;

/** How much of the care for budgets the limits pay: 1 from half a look a clip and day on. */
export const meansOf = (clips: number, looksPerDay: number): number => (looksPerDay >= MEANS * clips ? 1 : looksPerDay / (MEANS * clips));

/** A campaign's money, and what its clips add up to. Fields and not a map of numbers: a million clips change them. */
interface Sum {
  budget: number;
  spent: number;
  /** What is left, as it counts for a clip's part of it; 0 where nothing is. */
  left: number;
  waiting: number;
  velocity: number;
  possible: number;
  clips: number;
}

/** What waits in campaigns, added up over their clips, beside what is left of their budgets. */
export class Budgets {
  readonly #campaigns = new Map<string, Sum>();
  readonly #around: Surroundings;
  #waiting = 0;

  constructor(campaigns: ReadonlyMap<string, CampaignMoney>, around: Surroundings) {
    this.#around = around;
    for (const [id, { budget, spent }] of campaigns) {
      const left = spent < budget ? Math.max(budget - spent, LEAST_LEFT * budget) : 0;
      this.#campaigns.set(id, { budget, spent, left, waiting: 0, velocity: 0, possible: 0, clips: 0 });
    }
  }

  /** Adds a clip with what its policy made of it. Answers the largest part of what is left of one of its budgets that it may have used up. */
  add(clip: DueClip, { waiting, velocity }: Weight): number {
    const share = 1 / clip.campaignIds.length;
    const possible = this.#possible(clip, waiting);
    this.#waiting += waiting;
    let part = 0;
    for (const id of clip.campaignIds) {
      const sum = this.#campaigns.get(id);
      if (!sum) continue;
      sum.waiting += share * waiting;
      sum.velocity += share * velocity;
      sum.possible += possible;
      sum.clips++;
      if (sum.left > 0) part = Math.max(part, possible / sum.left);
    }
    return part < LEAST_PART ? 0 : part;
  }

  /** US dollars that may wait at a clip in each of its campaigns. */
  #possible(clip: DueClip, waiting: number): number {
    return (DOUBT * waiting + SURPRISE * this.#typical(clip) * exposure(clip, this.#around.now)) / clip.campaignIds.length;
  }

  /**
   * When all clips were added: what a score gains because a look may show that a budget is gone. What waits in the campaign is settled then, sooner by
   * about as long as nobody has looked here, and its velocity no longer passes the budget. Newcomers are left out: nothing is known of them, and they come first
   * where they may matter.
   */
  notice(): (clip: DueClip, waiting: number) => number {
    const { sureness, ofPart, hoursAtMost } = NOTICE;
    const care = this.#care();
    return (clip, waiting) => {
      if (clip.lastLookAt === null) return 0;
      const possible = this.#possible(clip, waiting);
      const hours = Math.min(hoursUnseen(clip, this.#around.now), hoursAtMost) + 1;
      let gain = 0;
      for (const id of clip.campaignIds) {
        const sum = this.#campaigns.get(id);
        if (!sum || sum.left <= 0 || sum.possible <= 0) continue;
        const gone = 1 / (1 + (sum.left / sum.possible) ** sureness);
        const overspent = (OVERSPENT_HOURS * this.#waiting * sum.velocity) / sum.budget;
        gain += gone * Math.min(1, possible / sum.left) ** ofPart * hours * (sum.waiting + overspent);
      }
      return care * gain;
    };
  }

  /**
   * When all clips were added: what a score gains because a burst may have passed a budget by now, unseen: what bursts bring beyond what is left
   * (and does not wait elsewhere), as a part of the budget, times their chance since the last look.
   */
  watch(scarcity: number): (clip: DueClip, waiting: number) => number {
    const weight = (CLOSELY + scarcity * (1 - CLOSELY)) * this.#clipsEach(CLIPS_FOR_CARE.watching) * OVERSPENT_HOURS * this.#waiting;
    return (clip, waiting) => {
      const ownWaiting = waiting / clip.campaignIds.length;
      const leftOf = (sum: Sum) => sum.left - sum.waiting + ownWaiting;
      let passed = 0;
      for (const burst of possibleBursts(clip, this.#around)) passed += burst.chance * this.#passedBy(clip, burst, leftOf);
      return weight * passed;
    };
  }

  /** When all clips were added: the part of a run's looks and money that rounds may take. */
  roundsAtMost(scarcity: number): number {
    const { scarce, ample } = ROUNDS_AT_MOST;
    return scarce + (1 - scarcity) * this.#care() * (ample - scarce);
  }

  /** When all clips were added: the part of what rounds have left that first looks may take ahead of scores. */
  newcomersAtMost(): number {
    const { fewClips, manyClips } = NEWCOMERS_AT_MOST;
    return fewClips + this.#care() * (manyClips - fewClips);
  }

  /** How many clips open campaigns have each, as a part of so many; at most 1. */
  #clipsEach(enough: number): number {
    const open = [...this.#campaigns.values()].filter(({ left, clips }) => left > 0 && clips > 0);
    const clips = open.reduce((sum, one) => sum + one.clips, 0);
    return Math.min(1, clips / Math.max(1, open.length) / enough);
  }

  /** 1, or less where campaigns have few clips. */
  #care(): number {
    return this.#clipsEach(CLIPS_FOR_CARE.noticing) ** NOTICING_FADES;
  }

  /** The part of its budgets that a clip which nobody has seen may have brought beyond what is left; 0 where a first look has time. */
  passedByNewcomer(clip: DueClip): number {
    if (clip.lastLookAt !== null) return 0;
    const hours = hoursBetween(postedAt(clip), this.#around.now);
    const passed = this.#passedBy(clip, { views: usualViews(clip, this.#around), hours, tail: TAIL }, ({ left }) => left);
    return passed < LEAST_PASSED ? 0 : passed;
  }

  /** The mean of what bursts of all sizes have brought beyond what is left by now, as a part of the budgets. */
  #passedBy(clip: DueClip, { views, hours, tail }: Omit<PossibleBurst, 'chance'>, leftOf: (sum: Sum) => number): number {
    const dollars = (clip.dollarsPerThousand / 1000) * views;
    const burst = (dollars * hours) / (hours + HALF_AFTER_HOURS) / clip.campaignIds.length;
    if (burst <= 0) return 0;
    let part = 0;
    for (const id of clip.campaignIds) {
      const sum = this.#campaigns.get(id);
      if (sum && sum.left > 0) part += burst / (1 + Math.max(0, leftOf(sum)) / (tail * burst)) / sum.budget;
    }
    return part;
  }

  /** US dollars an hour that first looks at the clip's platform see, at its rate. */
  #typical({ dollarsPerThousand, platform }: DueClip): number {
    return (dollarsPerThousand / 1000) * this.#around.firstLookVelocity(platform);
  }

  /** When all clips were added: whether recorded plus estimated spend has reached 97 % of one of a clip's budgets, which is not spent. */
  nearEnd(): (clip: DueClip) => boolean {
    return this.#anyOf(({ budget, spent, waiting }) => spent + waiting >= BUDGET_EDGE * budget);
  }

  /** When all clips were added: whether one of a clip's budgets may be gone without anybody knowing. */
  maybeGone(): (clip: DueClip) => boolean {
    return this.#anyOf(({ budget, spent, possible }) => spent + possible >= budget);
  }

  #anyOf(holds: (sum: Sum) => boolean): (clip: DueClip) => boolean {
    const those = new Set<string>();
    for (const [id, sum] of this.#campaigns) if (sum.left > 0 && holds(sum)) those.add(id);
    return (clip) => clip.campaignIds.some((id) => those.has(id));
  }
}
