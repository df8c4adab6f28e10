import { exposure, possibleBursts, TAIL, usualViews, type PossibleBurst } from './bursts.js';
import {
  hoursBetween,
  hoursUnobserved,
  postedAt,
  type CampaignMoney,
  type DueClip,
  type Surroundings,
  type Weight,
} from './due-clip.js';

/** How a policy guards budgets: overspend pays nothing, and only a scrape reveals it. */
export interface GuardMode {
  /** Factor of the score if recorded plus unrecorded spend has reached 97 % of a budget. */
  nearEndWeight: number;
  /** Whether scrapes are reserved for budgets that may be exhausted, and scores count bursts. */
  reserves: boolean;
}

export const NO_GUARD: GuardMode = { nearEndWeight: 1, reserves: false };
export const NEAR_END_WEIGHT: GuardMode = { nearEndWeight: 4, reserves: false };
export const FULL_GUARD: GuardMode = { nearEndWeight: 1, reserves: true };

/** Part of a budget from which the last settlement depends on the newest views of every clip. */
const NEAR_END = 0.97;
/**
 * A budget may be exhausted if so many times the unrecorded amount fills its rest. Each scrape
 * records some of it, so the next ones come when a sixth of the rest remains, and the last close to
 * the end.
 */
const SAFETY = 1.2;
/**
 * Views an hour of surprise at any clip, as a part of the velocity of first scrapes; it fades with
 * age. More than scores assume, because here an unobserved burst costs overspend.
 */
const SURPRISE = 0.05;
/** A clip that may have used up a smaller part of the rest gets no reserved scrape. */
const LEAST_PART = 0.01;
/** The rest is at least this part of the budget, or the last cents would ask for every clip. */
const LEAST_REST = 0.01;
/**
 * A scrape that may reveal an exhausted budget is worth more than its clip. `sureness` is the
 * exponent of the chance that the budget is exhausted, `ofPart` that of the clip's part of the
 * rest.
 */
const DETECTION = { sureness: 3, ofPart: 2, hoursAtMost: 24 };
/** Part of a tracking run's scrapes and money that is reserved, by scarcity. */
const RESERVED = { scarce: 0.4, ample: 0.6 };
/** Hours after which a burst has brought half of its views. */
const HALF_AFTER_HOURS = 12;
/**
 * First scrapes of clips that may overspend a budget alone do not wait for their scores. They are
 * due from this mean overspend on, as a part of the budget, and get at most this part of what the
 * reserve leaves.
 */
const LEAST_OVERSPEND = 0.0001;
const FIRST_SCRAPES = { fewClips: 0.1, manyClips: 0.3 };
/** Scrapes a clip and day for full strength: below, the unrecorded amount matters more. */
const FULL_STRENGTH_FROM = 0.5;
/** Overspend in a score, in hours of the unrecorded amount; and the factor if scrapes are ample. */
const OVERSPENT_HOURS = 60;
const AMPLE_FACTOR = 2;
/** Clips a campaign for full strength: with fewer, all scrapes would go there. */
const ENOUGH_CLIPS = { burstRisk: 15, detection: 10 };
const DETECTION_FADES = 4;

/** Strength of the guard that the limits pay: 0 to 1. */
export const guardStrength = (clips: number, scrapesPerDay: number): number =>
  scrapesPerDay >= FULL_STRENGTH_FROM * clips ? 1 : scrapesPerDay / (FULL_STRENGTH_FROM * clips);

/** Sums of a campaign in US dollars. Fields, not a map: a million clips change them. */
interface Sum {
  budget: number;
  spent: number;
  /** The rest as it counts for a clip's part of it; 0 if the budget is spent. */
  rest: number;
  unrecorded: number;
  velocity: number;
  possible: number;
  clips: number;
}

/** Compares the sums of clips with budgets. Methods without a clip need all clips added before. */
export class BudgetGuard {
  readonly #campaigns = new Map<string, Sum>();
  readonly #around: Surroundings;
  #unrecorded = 0;

  constructor(campaigns: ReadonlyMap<string, CampaignMoney>, around: Surroundings) {
    this.#around = around;
    for (const [id, { budget, spent }] of campaigns) {
      const rest = spent < budget ? Math.max(budget - spent, LEAST_REST * budget) : 0;
      this.#campaigns.set(id, {
        budget,
        spent,
        rest,
        unrecorded: 0,
        velocity: 0,
        possible: 0,
        clips: 0,
      });
    }
  }

  /** Adds a clip. Returns the largest part of a budget's rest that it may have used up, or 0. */
  add(clip: DueClip, { unrecorded, velocity }: Weight): number {
    const share = 1 / clip.campaignIds.length;
    const possible = this.#possible(clip, unrecorded);
    this.#unrecorded += unrecorded;
    let part = 0;
    for (const id of clip.campaignIds) {
      const sum = this.#campaigns.get(id);
      if (!sum) continue;
      sum.unrecorded += share * unrecorded;
      sum.velocity += share * velocity;
      sum.possible += possible;
      sum.clips++;
      if (sum.rest > 0) part = Math.max(part, possible / sum.rest);
    }
    return part < LEAST_PART ? 0 : part;
  }

  /** US dollars that may be unrecorded at a clip in each of its campaigns. */
  #possible(clip: DueClip, unrecorded: number): number {
    const typical =
      (clip.dollarsPerThousand / 1000) * this.#around.firstScrapeVelocity(clip.platform);
    return (
      (SAFETY * unrecorded + SURPRISE * typical * exposure(clip, this.#around.now)) /
      clip.campaignIds.length
    );
  }

  /**
   * Score for the chance that a scrape reveals an exhausted budget: the campaign then settles its
   * unrecorded amount and overspends no more. 0 without an observation: nothing is known of the
   * clip.
   */
  detectionGain(): (clip: DueClip, unrecorded: number) => number {
    const { sureness, ofPart, hoursAtMost } = DETECTION;
    const strength = this.#strengthByClips();
    return (clip, unrecorded) => {
      if (clip.lastObservedAt === null) return 0;
      const possible = this.#possible(clip, unrecorded);
      const hours = Math.min(hoursUnobserved(clip, this.#around.now), hoursAtMost) + 1;
      let gain = 0;
      for (const id of clip.campaignIds) {
        const sum = this.#campaigns.get(id);
        if (!sum || sum.rest <= 0 || sum.possible <= 0) continue;
        const exhausted = 1 / (1 + (sum.rest / sum.possible) ** sureness);
        const overspent = (OVERSPENT_HOURS * this.#unrecorded * sum.velocity) / sum.budget;
        gain +=
          exhausted *
          Math.min(1, possible / sum.rest) ** ofPart *
          hours *
          (sum.unrecorded + overspent);
      }
      return strength * gain;
    };
  }

  /** Score for the chance that an unobserved burst overspends a budget, times the overspend. */
  burstRisk(scarcity: number): (clip: DueClip, unrecorded: number) => number {
    const weight =
      (AMPLE_FACTOR + scarcity * (1 - AMPLE_FACTOR)) *
      this.#clipsEach(ENOUGH_CLIPS.burstRisk) *
      OVERSPENT_HOURS *
      this.#unrecorded;
    return (clip, unrecorded) => {
      const own = unrecorded / clip.campaignIds.length;
      const restOf = (sum: Sum) => sum.rest - sum.unrecorded + own;
      let overspend = 0;
      for (const burst of possibleBursts(clip, this.#around))
        overspend += burst.chance * this.#overspendBy(clip, burst, restOf);
      return weight * overspend;
    };
  }

  /** Part of a tracking run's scrapes and money that is reserved for such budgets. */
  reservedShare(scarcity: number): number {
    const { scarce, ample } = RESERVED;
    return scarce + (1 - scarcity) * this.#strengthByClips() * (ample - scarce);
  }

  /** Part of what the reserve leaves that first scrapes may take ahead of scores. */
  firstScrapeShare(): number {
    const { fewClips, manyClips } = FIRST_SCRAPES;
    return fewClips + this.#strengthByClips() * (manyClips - fewClips);
  }

  /** Clips of an open campaign in the mean, as a part of `enough`; at most 1. */
  #clipsEach(enough: number): number {
    const open = [...this.#campaigns.values()].filter(({ rest, clips }) => rest > 0 && clips > 0);
    const clips = open.reduce((sum, one) => sum + one.clips, 0);
    return Math.min(1, clips / Math.max(1, open.length) / enough);
  }

  #strengthByClips(): number {
    return this.#clipsEach(ENOUGH_CLIPS.detection) ** DETECTION_FADES;
  }

  /** Mean overspend without observation, as a part of the budgets; 0 if a first scrape has time. */
  firstScrapeOverspend(clip: DueClip): number {
    if (clip.lastObservedAt !== null) return 0;
    const hours = hoursBetween(postedAt(clip), this.#around.now);
    const overspend = this.#overspendBy(
      clip,
      { views: usualViews(clip, this.#around), hours, tail: TAIL },
      ({ rest }) => rest,
    );
    return overspend < LEAST_OVERSPEND ? 0 : overspend;
  }

  /** Mean overspend by a burst of any size, as a part of the budgets. */
  #overspendBy(
    clip: DueClip,
    { views, hours, tail }: Omit<PossibleBurst, 'chance'>,
    restOf: (sum: Sum) => number,
  ): number {
    const dollars = (clip.dollarsPerThousand / 1000) * views;
    const burst = (dollars * hours) / (hours + HALF_AFTER_HOURS) / clip.campaignIds.length;
    if (burst <= 0) return 0;
    let part = 0;
    for (const id of clip.campaignIds) {
      const sum = this.#campaigns.get(id);
      if (sum && sum.rest > 0)
        part += burst / (1 + Math.max(0, restOf(sum)) / (tail * burst)) / sum.budget;
    }
    return part;
  }

  /** Whether recorded plus unrecorded spend has reached 97 % of an open budget of the clip. */
  nearEnd(): (clip: DueClip) => boolean {
    return this.#anyOf(({ budget, spent, unrecorded }) => spent + unrecorded >= NEAR_END * budget);
  }

  /** Whether an open budget of the clip may be exhausted. */
  maybeExhausted(): (clip: DueClip) => boolean {
    return this.#anyOf(({ budget, spent, possible }) => spent + possible >= budget);
  }

  #anyOf(holds: (sum: Sum) => boolean): (clip: DueClip) => boolean {
    const those = new Set<string>();
    for (const [id, sum] of this.#campaigns) if (sum.rest > 0 && holds(sum)) those.add(id);
    return (clip) => clip.campaignIds.some((id) => those.has(id));
  }
}
