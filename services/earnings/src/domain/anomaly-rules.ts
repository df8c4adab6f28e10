import type { Platform } from '@cliptally/contracts';
import type { Observation } from './view-fields.js';
import { ms } from './fact.js';
import { usualLikes } from './usual-engagement.js';

/** Of a ViewsRecorded event. A statistic that is absent (hidden likes) is unknown, never zero. */
export interface ClipObservation extends Observation {
  likes?: number | undefined;
  comments?: number | undefined;
  /** Of another source or view field than the one before: what differs is no movement. */
  otherSource?: boolean;
}

/** What else is known of a clip; every part may be unknown. */
export interface ClipBackground {
  followers?: number | undefined;
  /** The median of likes per view that the log has learned for the platform. */
  medianLikes?: number | null | undefined;
  /** Submissions of the creator, those of a burst at least, as event ids and instants. */
  submissions?: readonly { id: string; at: string }[] | undefined;
}

export type AnomalyRule =
  | 'views_tenfold'
  | 'low_engagement'
  | 'engagement_stands_still'
  | 'step_shaped'
  | 'dropped_twice'
  | 'dropped_far'
  | 'far_above_followers'
  | 'submission_burst';

/** Why a clip is suspicious, in figures that a reviewer can check against the named events. */
export interface AnomalyReason {
  rule: AnomalyRule;
  observed: number | string;
  threshold: number | string;
  window: { from: string; to: string };
  eventIds: string[];
  /** Points of the score. */
  points: number;
  /** Of engagement: what is usual on the platform, if it is known. */
  usual?: number;
}

export const MIN_SAMPLE = { views: 5_000, observations: 3 };
/** A clip is held from this score on, if its campaign says nothing else. */
export const HOLD_FROM = 60;

const HOUR_MS = 3_600_000;
const POINTS: Record<AnomalyRule, number> = {
  views_tenfold: 30,
  low_engagement: 20,
  engagement_stands_still: 30,
  step_shaped: 30,
  dropped_twice: 20,
  dropped_far: HOLD_FROM,
  far_above_followers: 10,
  submission_burst: 20,
};

interface Curve {
  observations: readonly ClipObservation[];
  /** The step in which the platform gives a count of this size. */
  grain: (views: number) => number;
}

/**
 * TikTok rounds to 100 from 10,000 and to 100,000 from 1,000,000: long flat stretches and jumps of
 * one grain are its normal curve.
 */
const grainOf = (platform: Platform) => (views: number) =>
  platform !== 'tiktok' || views < 10_000 ? 1 : views < 1_000_000 ? 100 : 100_000;

type Finding = AnomalyReason | null;

/** Instagram gives 3 for likes that are hidden: they are unknown. */
const withoutHiddenLikes = ({ likes, ...rest }: ClipObservation): ClipObservation =>
  likes === 3 ? rest : { likes, ...rest };

/** What each rule finds; `observations` are in the order of their instants, one at least. */
export function reasonsOf(
  platform: Platform,
  observations: readonly ClipObservation[],
  background: ClipBackground,
): AnomalyReason[] {
  const known = platform === 'instagram' ? observations.map(withoutHiddenLikes) : observations;
  const curve: Curve = { observations: known, grain: grainOf(platform) };
  const found = [
    viewsTenfold(curve),
    lowEngagement(curve, platform, background),
    engagementStandsStill(curve),
    stepShaped(curve),
    droppedTwice(curve),
    droppedFar(curve),
    farAboveFollowers(curve, background),
    submissionBurst(background),
  ];
  return heldInBursts(found.filter((reason) => reason !== null));
}

function reason(
  rule: AnomalyRule,
  observed: number | string,
  threshold: number | string,
  observations: readonly ClipObservation[],
): AnomalyReason {
  const window = { from: observations[0]!.observedAt, to: observations.at(-1)!.observedAt };
  return {
    rule,
    observed,
    threshold,
    window,
    eventIds: observations.map(({ id }) => id),
    points: POINTS[rule],
  };
}

const rounded = (ratio: number): number => Math.round(ratio * 1000) / 1000;

/** Each pair of an earlier and a later observation that are at most `hours` apart. */
function* pairs(
  observations: readonly ClipObservation[],
  hours: number,
): Generator<[ClipObservation, ClipObservation]> {
  for (const [i, earlier] of observations.entries()) {
    for (
      let j = i + 1;
      j < observations.length &&
      ms(observations[j]!.observedAt) - ms(earlier.observedAt) <= hours * HOUR_MS;
      j++
    )
      yield [earlier, observations[j]!];
  }
}

/** From the minimum sample on: a clip that begins may well grow tenfold. */
function viewsTenfold({ observations }: Curve): Finding {
  for (const [earlier, later] of pairs(observations, 6)) {
    if (earlier.views >= MIN_SAMPLE.views && later.views >= 10 * earlier.views) {
      return reason('views_tenfold', rounded(later.views / earlier.views), 10, [earlier, later]);
    }
  }
  return null;
}

/** Engagement below a quarter of what is usual is low; below a twentieth there is hardly any. */
const LOW_PART = 1 / 4;
const HARDLY_ANY_PART = 1 / 20;
/** Of likes and comments, if nobody knows what is usual. */
const LOW_ANYWHERE = 0.01;

/**
 * Likes per view beside what is usual on the platform; comments alone say nothing, so hidden likes
 * leave the rule without an answer.
 */
function lowEngagement(
  { observations }: Curve,
  platform: Platform,
  { medianLikes = null }: ClipBackground,
): Finding {
  const last = observations.findLast(
    ({ likes, views }) => likes !== undefined && views >= MIN_SAMPLE.views,
  );
  if (!last) return null;
  const usual = usualLikes(platform, medianLikes);
  const engaged = last.likes! + (usual === null ? (last.comments ?? 0) : 0);
  const threshold = usual === null ? LOW_ANYWHERE : usual * LOW_PART;
  if (engaged / last.views >= threshold) return null;
  const found = reason('low_engagement', shown(engaged / last.views), shown(threshold), [last]);
  return usual === null ? found : { ...found, usual };
}

/** Whether the engagement is so low that views which grow fast cannot be from people. */
const isHardlyAny = ({ observed, usual = LOW_ANYWHERE }: AnomalyReason): boolean =>
  Number(observed) < usual * HARDLY_ANY_PART;

/** Views that grow tenfold while hardly anybody likes them: the two together hold the clip. */
function heldInBursts(found: readonly AnomalyReason[]): AnomalyReason[] {
  const low = found.find(({ rule }) => rule === 'low_engagement');
  if (!low || !isHardlyAny(low)) return [...found];
  return found.map((one) =>
    one.rule === 'views_tenfold' ? { ...one, points: HOLD_FROM - low.points } : one,
  );
}

/** A ratio to three decimals, or to two figures if it is smaller. */
const shown = (ratio: number): number =>
  ratio < 0.005 ? Number(ratio.toPrecision(2)) : rounded(ratio);

/**
 * Views grew by half within a day, and by the minimum sample, while neither likes nor comments
 * moved.
 */
function engagementStandsStill({ observations }: Curve): Finding {
  const known = observations.filter(
    ({ likes, comments }) => likes !== undefined && comments !== undefined,
  );
  for (const [earlier, later] of pairs(known, 24)) {
    const grown = later.views - earlier.views;
    const still = later.likes! <= earlier.likes! && later.comments! <= earlier.comments!;
    if (still && grown >= MIN_SAMPLE.views && grown >= 0.5 * earlier.views) {
      const between = known.slice(known.indexOf(earlier), known.indexOf(later) + 1);
      if (between.length >= MIN_SAMPLE.observations)
        return reason(
          'engagement_stands_still',
          rounded(grown / Math.max(1, earlier.views)),
          0.5,
          between,
        );
    }
  }
  return null;
}

/**
 * At least two jumps of a tenth, each from standing still to standing still. A jump must exceed
 * what the platform's rounding alone makes.
 */
function stepShaped({ observations, grain }: Curve): Finding {
  const grown = (i: number): number => observations[i]!.views - observations[i - 1]!.views;
  const flat = (i: number): boolean =>
    i > 0 && i < observations.length && Math.abs(grown(i)) <= observations[i]!.views / 1000;
  const jumps = observations.filter(({ views, otherSource }, i) => {
    if (otherSource || !flat(i - 1) || !flat(i + 1)) return false;
    return (
      grown(i) >= Math.max(1000, observations[i - 1]!.views / 10) && grown(i) > 3 * grain(views)
    );
  });
  return jumps.length >= 2 ? reason('step_shaped', jumps.length, 2, jumps) : null;
}

/**
 * Two falls of over 2 % in a row: the platform corrects the count. One fall of less than a grain is
 * rounding.
 */
function droppedTwice({ observations, grain }: Curve): Finding {
  const fell = (i: number): boolean =>
    !observations[i]!.otherSource &&
    observations[i - 1]!.views - observations[i]!.views >
      Math.max(observations[i - 1]!.views * 0.02, withRounding(grain, observations[i - 1]!));
  const at = observations.findIndex((_, i) => i >= 2 && fell(i - 1) && fell(i));
  if (at < 0) return null;
  const three = observations.slice(at - 2, at + 1);
  return reason('dropped_twice', rounded(1 - three[2]!.views / three[0]!.views), 0.02, three);
}

function droppedFar({ observations, grain }: Curve): Finding {
  const at = observations.findIndex(
    ({ views, otherSource }, i) =>
      i > 0 &&
      !otherSource &&
      observations[i - 1]!.views - views >
        observations[i - 1]!.views * 0.2 + withRounding(grain, observations[i - 1]!),
  );
  if (at < 0) return null;
  return reason(
    'dropped_far',
    rounded(1 - observations[at]!.views / observations[at - 1]!.views),
    0.2,
    observations.slice(at - 1, at + 1),
  );
}

const withRounding = (grain: Curve['grain'], { views }: ClipObservation): number =>
  grain(views) === 1 ? 0 : grain(views);

function farAboveFollowers({ observations }: Curve, { followers }: ClipBackground): Finding {
  const last = observations.at(-1)!;
  if (!followers || last.views <= 100 * followers) return null;
  return reason('far_above_followers', rounded(last.views / followers), 100, [last]);
}

/** More than 20 submissions of one creator within an hour. */
function submissionBurst({ submissions = [] }: ClipBackground): Finding {
  const inOrder = submissions.toSorted((a, b) => ms(a.at) - ms(b.at));
  const start = inOrder.findIndex(
    ({ at }, i) => inOrder[i + 20] && ms(inOrder[i + 20]!.at) - ms(at) <= HOUR_MS,
  );
  if (start < 0) return null;
  const burst = inOrder.filter(
    ({ at }, i) => i >= start && ms(at) - ms(inOrder[start]!.at) <= HOUR_MS,
  );
  const window = { from: burst[0]!.at, to: burst.at(-1)!.at };
  return {
    rule: 'submission_burst',
    observed: burst.length,
    threshold: 20,
    window,
    eventIds: burst.map(({ id }) => id),
    points: POINTS.submission_burst,
  };
}
