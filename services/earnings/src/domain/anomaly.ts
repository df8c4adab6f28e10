import {
  shortened,
  type AnomalyFound,
  type CampaignTerms,
  type Platform,
} from '@cliptally/contracts';
import {
  HOLD_FROM,
  MIN_SAMPLE,
  reasonsOf,
  type AnomalyReason,
  type AnomalyRule,
  type ClipBackground,
  type ClipObservation,
} from './anomaly-rules.js';
import type { ClipEntry } from './clip.js';
import { decideHold, REVIEW_AFTER_MS } from './clip-review.js';
import { ms, type Decided } from './fact.js';

export interface Anomaly {
  /** 0 (nothing odd) to 100. */
  score: number;
  /** What a reviewer should do; a hold has its reason in `reasons`. */
  advice: 'none' | 'flag' | 'hold';
  reasons: AnomalyReason[];
}

/** `by` of the holds that the rules themselves decide on. */
const BY_ANOMALY = 'cliptally:anomaly';

/** The newest are judged: a day of half-hourly ones, a week of those every four hours. */
export const OBSERVATIONS_JUDGED = 48;
const FLAG_FROM = 20;

/** A clip below the minimum sample has no anomaly: small figures jump by nature. */
export function examine(
  platform: Platform,
  observations: readonly ClipObservation[],
  background: ClipBackground = {},
): Anomaly {
  const inOrder = [...new Map(observations.map((one) => [ms(one.observedAt), one])).values()].sort(
    (a, b) => ms(a.observedAt) - ms(b.observedAt),
  );
  const largest = inOrder.reduce((most, { views }) => Math.max(most, views), 0);
  if (inOrder.length < MIN_SAMPLE.observations || largest < MIN_SAMPLE.views)
    return { score: 0, advice: 'none', reasons: [] };
  const reasons = reasonsOf(platform, inOrder, background);
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
  'submission_burst',
] satisfies AnomalyRule[];

/** From which score on a campaign holds a clip; null for never. */
export const thresholdOf = (terms: Pick<CampaignTerms, 'anomalyThreshold'>): number | null =>
  terms.anomalyThreshold === undefined ? HOLD_FROM : terms.anomalyThreshold;

/**
 * Why the clip must be held before it is paid; null if nothing speaks against it. After a release
 * only later observations count, compared with the last one before it.
 */
export function suspicionOf(
  entry: ClipEntry,
  terms: Pick<CampaignTerms, 'anomalyThreshold'>,
  observations: readonly ClipObservation[],
  background: ClipBackground = {},
): AnomalyFound | null {
  const threshold = thresholdOf(terms);
  if (threshold === null || entry.hold) return null;
  const { cleared } = entry;
  const inOrder = observations.toSorted((a, b) => ms(a.observedAt) - ms(b.observedAt));
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
 * Holds the clip for a review. Throws a conflict if it is held already or no longer approved.
 */
export function decideAnomalyHold(
  entry: ClipEntry,
  anomaly: AnomalyFound,
  now: Date,
): Decided<'ClipHeld'>[] {
  const reviewAt = new Date(now.getTime() + REVIEW_AFTER_MS).toISOString();
  const reason = `Anomaly score ${anomaly.score}, held from ${anomaly.threshold} on: ${(anomaly.reasons as AnomalyReason[]).map((one) => sentenceOf(one, true)).join('; ')}`;
  return decideHold(
    entry,
    { reason: shortened(reason, 500), reviewAt, anomaly, by: BY_ANOMALY },
    now,
  );
}

/** A hold as its creator reads it: what was odd, and not from where on it is. */
export function holdForCreators(hold: ClipEntry['hold']): ClipEntry['hold'] {
  if (!hold?.anomaly) return hold;
  const { anomaly, ...others } = hold;
  const words = (anomaly.reasons as AnomalyReason[]).map((one) => sentenceOf(one, false));
  return { ...others, reason: words.length > 0 ? `Its figures look odd: ${words.join('; ')}` : 'Its figures look odd' }; // prettier-ignore
}

/** To a tenth of a percent, or to two figures if it is less than one. */
function percent(ratio: number | string): string {
  const hundredths = Number(ratio) * 100;
  const figure = hundredths < 1 ? Number(hundredths.toPrecision(2)) : Math.round(hundredths * 10) / 10; // prettier-ignore
  return `${figure} %`;
}

/** The reason as half a sentence for people, with or without its limit in brackets. */
function sentenceOf({ rule, observed, threshold, usual }: AnomalyReason, limit: boolean): string {
  const [words, bound] = wordsOf(rule, observed, threshold, usual);
  return limit ? `${words} (${bound})` : words;
}

function wordsOf(
  rule: AnomalyReason['rule'],
  observed: AnomalyReason['observed'],
  threshold: AnomalyReason['threshold'],
  usual: AnomalyReason['usual'],
): [words: string, bound: string] {
  switch (rule) {
    case 'views_tenfold':
      return [`views grew ${observed}-fold within hours`, `from ${threshold}-fold on`];
    case 'low_engagement':
      return usual === undefined
        ? [`likes and comments are ${percent(observed)} of views`, `under ${percent(threshold)}`]
        : [
            `likes are ${percent(observed)} of views`,
            `under ${percent(threshold)}; usual there: ${percent(usual)}`,
          ];
    case 'engagement_stands_still':
      return [
        `views grew by ${percent(observed)} within a day while likes and comments stood still`,
        `from ${percent(threshold)} on`,
      ];
    case 'step_shaped':
      return [`views grew in ${observed} steps`, `from ${threshold} on`];
    case 'dropped_twice':
      return [
        `views fell twice in a row, by ${percent(observed)}`,
        `each over ${percent(threshold)}`,
      ];
    case 'dropped_far':
      return [`views fell by ${percent(observed)}`, `over ${percent(threshold)}`];
    case 'far_above_followers':
      return [`${observed} views a follower`, `over ${threshold}`];
    default:
      return [`${observed} submissions within an hour`, `over ${threshold}`];
  }
}

const scoreOf = (reasons: readonly AnomalyReason[]): number =>
  Math.min(
    100,
    reasons.reduce((sum, { points }) => sum + points, 0),
  );
