import { examine } from '../anomaly.js';
import type { AnomalyRule, ClipObservation } from '../anomaly-rules.js';
import { eventId, on } from './facts.js';

/** Observations 4 hours apart, with healthy likes and comments unless `more` says otherwise. */
export const curve = (
  views: number[],
  {
    likes,
    comments,
  }: { likes?: (v: number) => number | undefined; comments?: (v: number) => number } = {},
): ClipObservation[] =>
  views.map((count, i) => ({
    id: eventId(i + 1),
    views: count,
    likes: likes ? likes(count) : Math.round(count * 0.05),
    comments: comments ? comments(count) : Math.round(count * 0.005),
    observedAt: on(1, i * 4),
  }));
export const rules = (...args: Parameters<typeof examine>): AnomalyRule[] =>
  examine(...args).reasons.map(({ rule }) => rule);
