import {
  shortened,
  type AnomalyFound,
  type CampaignTerms,
  type Platform,
} from '@cliptally/contracts';
import { decideHold, REVIEW_AFTER_MS, type ClipEntry } from './clip.js';
import { ms, type Decided } from './fact.js';

/**
 * A look at a clip: the figures of a ViewsRecorded event. A figure that is absent (hidden likes) is
 * unknown, never zero.
 */
export interface Look {
  id: string;
  views: number;
  likes?: number | undefined;
  comments?: number | undefined;
  observedAt: string;
}

/** What else is known of a clip; every part may be unknown. */
export interface ClipBackground {
  followers?: number | undefined;
  /** Account that posted the clip, and the accounts that its creator has named. */
  author?: string | undefined;
  accounts?: readonly string[] | undefined;
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
  | 'foreign_author'
  | 'submission_burst';

/** Why a clip looks odd, in figures that a reviewer can check against the named events. */
export interface AnomalyReason {
  rule: AnomalyRule;
  observed: number | string;
  threshold: number | string;
  window: { from: string; to: string };
  eventIds: string[];
  /** Points of the score. */
  points: number;
}

export interface Anomaly {
  /** 0 (nothing odd) to 100. */
  score: number;
  /** What a reviewer should do; a hold has its reason in `reasons`. */
  advice: 'none' | 'flag' | 'hold';
  reasons: AnomalyReason[];
}

/** `by` of the holds that the rules themselves decide on. */
const BY_ANOMALY = 'cliptally:anomaly';

export const MIN_SAMPLE = { views: 5_000, looks: 3 };
/** The newest looks are judged: a day of half-hourly ones, a week of those every four hours. */
export const LOOKS_JUDGED = 48;
const FLAG_FROM = 20;
const HOLD_FROM = 60;

const HOUR_MS = 3_600_000;
const POINTS: Record<AnomalyRule, number> = {
  views_tenfold: 30,
  low_engagement: 20,
  engagement_stands_still: 30,
  step_shaped: 30,
  dropped_twice: 20,
  dropped_far: HOLD_FROM,
  far_above_followers: 10,
  foreign_author: 50,
  submission_burst: 20,
};

/** A clip below the minimum sample has no anomaly: small figures jump by nature. */
export function examine(
  platform: Platform,
  looks: readonly Look[],
  background: ClipBackground = {},
): Anomaly {
  const inOrder = [...new Map(looks.map((look) => [ms(look.observedAt), look])).values()].sort(
    (a, b) => ms(a.observedAt) - ms(b.observedAt),
  );
  const largest = inOrder.reduce((most, { views }) => Math.max(most, views), 0);
  if (inOrder.length < MIN_SAMPLE.looks || largest < MIN_SAMPLE.views)
    return { score: 0, advice: 'none', reasons: [] };
  const curve: Curve = { looks: inOrder, grain: grainOf(platform) };
  const found = [
    viewsTenfold(curve),
    lowEngagement(curve),
    engagementStandsStill(curve),
    stepShaped(curve),
    droppedTwice(curve),
    droppedFar(curve),
    farAboveFollowers(curve, background),
    foreignAuthor(curve, background),
    submissionBurst(background),
  ];
  const reasons = found.filter((reason) => reason !== null);
  const score = scoreOf(reasons);
  return {
    score,
    advice: score >= HOLD_FROM ? 'hold' : score >= FLAG_FROM ? 'flag' : 'none',
    reasons,
  };
}

/**
 * What is so of a clip at any time, not what happens to it: a reviewer who has released a clip in
 * spite of it is not asked again.
 */
const STANDING: readonly string[] = [
  'low_engagement',
  'far_above_followers',
  'foreign_author',
  'submission_burst',
] satisfies AnomalyRule[];

/** From which score on a campaign holds a clip; null for never. */
export const thresholdOf = (terms: Pick<CampaignTerms, 'anomalyThreshold'>): number | null =>
  terms.anomalyThreshold === undefined ? HOLD_FROM : terms.anomalyThreshold;

/**
 * Why the clip must be held before it is paid; null when nothing speaks against it. What a reviewer
 * has seen and released counts no more: of the looks only those after the release, compared with
 * the last one before it.
 */
export function suspicionOf(
  entry: ClipEntry,
  terms: Pick<CampaignTerms, 'anomalyThreshold'>,
  looks: readonly Look[],
  background: ClipBackground = {},
): AnomalyFound | null {
  const threshold = thresholdOf(terms);
  if (threshold === null || entry.hold) return null;
  const { cleared } = entry;
  const inOrder = looks.toSorted((a, b) => ms(a.observedAt) - ms(b.observedAt));
  const news = cleared
    ? inOrder.slice(
        Math.max(
          0,
          inOrder.findLastIndex(({ observedAt }) => ms(observedAt) <= ms(cleared.at)),
        ),
      )
    : inOrder;
  const found = examine(entry.platform, news, background).reasons;
  const reasons = found.filter(
    ({ rule }) => !cleared?.rules.includes(rule) || !STANDING.includes(rule),
  );
  const score = scoreOf(reasons);
  return score >= threshold ? { score, threshold, reasons } : null;
}

/**
 * Holds the clip for a review. Throws a conflict where it is held already or no longer approved.
 */
export function decideAnomalyHold(
  entry: ClipEntry,
  anomaly: AnomalyFound,
  now: Date,
): Decided<'ClipHeld'>[] {
  const reviewAt = new Date(now.getTime() + REVIEW_AFTER_MS).toISOString();
  const reason = `Anomaly score ${anomaly.score}, held from ${anomaly.threshold} on: ${(anomaly.reasons as AnomalyReason[]).map(sentenceOf).join('; ')}`;
  return decideHold(
    entry,
    { reason: shortened(reason, 500), reviewAt, anomaly, by: BY_ANOMALY },
    now,
  );
}

const percent = (ratio: number | string): string => `${Math.round(Number(ratio) * 1000) / 10} %`;

/** The reason as half a sentence for people. */
function sentenceOf({ rule, observed, threshold }: AnomalyReason): string {
  switch (rule) {
    case 'views_tenfold':
      return `views grew ${observed}-fold within hours (from ${threshold}-fold on)`;
    case 'low_engagement':
      return `likes and comments are ${percent(observed)} of views (under ${percent(threshold)})`;
    case 'engagement_stands_still':
      return `views grew by ${percent(observed)} within a day while likes and comments stood still (from ${percent(threshold)} on)`;
    case 'step_shaped':
      return `views grew in ${observed} steps (from ${threshold} on)`;
    case 'dropped_twice':
      return `views fell twice in a row, by ${percent(observed)} (each over ${percent(threshold)})`;
    case 'dropped_far':
      return `views fell by ${percent(observed)} (over ${percent(threshold)})`;
    case 'far_above_followers':
      return `${observed} views a follower (over ${threshold})`;
    case 'foreign_author':
      return `posted by ${observed}, not by ${threshold}`;
    default:
      return `${observed} submissions within an hour (over ${threshold})`;
  }
}

interface Curve {
  looks: readonly Look[];
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

const scoreOf = (reasons: readonly AnomalyReason[]): number =>
  Math.min(
    100,
    reasons.reduce((sum, { points }) => sum + points, 0),
  );

function reason(
  rule: AnomalyRule,
  observed: number | string,
  threshold: number | string,
  looks: readonly Look[],
): AnomalyReason {
  const window = { from: looks[0]!.observedAt, to: looks.at(-1)!.observedAt };
  return {
    rule,
    observed,
    threshold,
    window,
    eventIds: looks.map(({ id }) => id),
    points: POINTS[rule],
  };
}

const rounded = (ratio: number): number => Math.round(ratio * 1000) / 1000;

/** Each pair of an earlier and a later look that are at most `hours` apart. */
function* pairs(looks: readonly Look[], hours: number): Generator<[Look, Look]> {
  for (const [i, earlier] of looks.entries()) {
    for (
      let j = i + 1;
      j < looks.length && ms(looks[j]!.observedAt) - ms(earlier.observedAt) <= hours * HOUR_MS;
      j++
    )
      yield [earlier, looks[j]!];
  }
}

/** From the minimum sample on: a clip that begins may well grow tenfold. */
function viewsTenfold({ looks }: Curve): Finding {
  for (const [earlier, later] of pairs(looks, 6)) {
    if (earlier.views >= MIN_SAMPLE.views && later.views >= 10 * earlier.views) {
      return reason('views_tenfold', rounded(later.views / earlier.views), 10, [earlier, later]);
    }
  }
  return null;
}

/**
 * Likes and comments in proportion to views; comments alone say nothing, so hidden likes leave the
 * rule without an answer.
 */
function lowEngagement({ looks }: Curve): Finding {
  const last = looks.findLast(
    ({ likes, views }) => likes !== undefined && views >= MIN_SAMPLE.views,
  );
  if (!last) return null;
  const engagement = (last.likes! + (last.comments ?? 0)) / last.views;
  return engagement < 0.01 ? reason('low_engagement', rounded(engagement), 0.01, [last]) : null;
}

/**
 * Views grew by half within a day, and by the minimum sample, while neither likes nor comments
 * moved.
 */
function engagementStandsStill({ looks }: Curve): Finding {
  const known = looks.filter(
    ({ likes, comments }) => likes !== undefined && comments !== undefined,
  );
  for (const [earlier, later] of pairs(known, 24)) {
    const grown = later.views - earlier.views;
    const still = later.likes! <= earlier.likes! && later.comments! <= earlier.comments!;
    if (still && grown >= MIN_SAMPLE.views && grown >= 0.5 * earlier.views) {
      const between = known.slice(known.indexOf(earlier), known.indexOf(later) + 1);
      if (between.length >= MIN_SAMPLE.looks)
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
function stepShaped({ looks, grain }: Curve): Finding {
  const grown = (i: number): number => looks[i]!.views - looks[i - 1]!.views;
  const flat = (i: number): boolean =>
    i > 0 && i < looks.length && Math.abs(grown(i)) <= looks[i]!.views / 1000;
  const jumps = looks.filter((look, i) => {
    if (!flat(i - 1) || !flat(i + 1)) return false;
    return grown(i) >= Math.max(1000, looks[i - 1]!.views / 10) && grown(i) > 3 * grain(look.views);
  });
  return jumps.length >= 2 ? reason('step_shaped', jumps.length, 2, jumps) : null;
}

/**
 * Two looks in a row that fell by over 2 %: the platform corrects the count. One fall of less than
 * a grain is rounding.
 */
function droppedTwice({ looks, grain }: Curve): Finding {
  const fell = (i: number): boolean =>
    looks[i - 1]!.views - looks[i]!.views >
    Math.max(looks[i - 1]!.views * 0.02, withRounding(grain, looks[i - 1]!));
  const at = looks.findIndex((_, i) => i >= 2 && fell(i - 1) && fell(i));
  if (at < 0) return null;
  const three = looks.slice(at - 2, at + 1);
  return reason('dropped_twice', rounded(1 - three[2]!.views / three[0]!.views), 0.02, three);
}

function droppedFar({ looks, grain }: Curve): Finding {
  const at = looks.findIndex(
    (look, i) =>
      i > 0 &&
      looks[i - 1]!.views - look.views >
        looks[i - 1]!.views * 0.2 + withRounding(grain, looks[i - 1]!),
  );
  if (at < 0) return null;
  return reason(
    'dropped_far',
    rounded(1 - looks[at]!.views / looks[at - 1]!.views),
    0.2,
    looks.slice(at - 1, at + 1),
  );
}

const withRounding = (grain: Curve['grain'], { views }: Look): number =>
  grain(views) === 1 ? 0 : grain(views);

function farAboveFollowers({ looks }: Curve, { followers }: ClipBackground): Finding {
  const last = looks.at(-1)!;
  if (!followers || last.views <= 100 * followers) return null;
  return reason('far_above_followers', rounded(last.views / followers), 100, [last]);
}

function foreignAuthor({ looks }: Curve, { author, accounts }: ClipBackground): Finding {
  if (!author || !accounts || accounts.length === 0) return null;
  const named = (account: string) => account.replace(/^@/, '').toLowerCase();
  return accounts.map(named).includes(named(author))
    ? null
    : reason('foreign_author', author, accounts.join(', '), [looks.at(-1)!]);
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
