import { earnedFor, type CampaignTerms, type Platform } from '@cliptally/contracts';
import { endOf, type Campaign } from './campaign.js';
import { byInstant, byText, DAY_MS, ms } from './fact.js';
import { inField, nthOf, type Grounds, type Observation, type ViewSummary } from './view-fields.js';

type Seen = Pick<ViewSummary, 'highWater' | 'first'>;

/** Milliseconds; `from` is inside, `to` is not. */
export interface CountingWindow {
  from: number;
  to: number;
}

/**
 * When the views of a clip count: from approval for `trackingDays`, within the campaign's dates and
 * before its actual end. What was counted before an end, or claims to precede it, stays counted:
 * clocks differ by seconds, that favours the creator, and a replay decides the same.
 */
export function countingWindow(
  campaign: Pick<Campaign, 'terms' | 'endedAt'>,
  approvedAt: string,
): CountingWindow {
  const ofCampaign = WINDOWS.get(campaign) ?? new Map<string, CountingWindow>();
  const known = ofCampaign.get(approvedAt);
  if (known) return known;
  const { startsAt, trackingDays } = campaign.terms;
  const end = endOf(campaign);
  const approved = ms(approvedAt);
  const from = Math.max(approved, ms(startsAt));
  const to = Math.min(approved + trackingDays * DAY_MS, end === null ? Infinity : ms(end));
  WINDOWS.set(campaign, ofCampaign.set(approvedAt, { from, to }));
  return { from, to };
}
/**
 * By state of the campaign and by approval: the fold of each observation asks, and to read instants
 * took a sixth of its time.
 */
const WINDOWS = new WeakMap<object, Map<string, CountingWindow>>();

/**
 * The summary with one observation more, if it lies in the window; the same one if that changes
 * nothing.
 */
export function observe(
  summary: ViewSummary,
  observation: Observation,
  window: CountingWindow,
  field = '',
): ViewSummary {
  const at = ms(observation.observedAt);
  if (at < window.from || at >= window.to) return summary;
  const one = { highWater: observation, first: observation };
  const seen = merge(summary, one);
  if (!summary.fields) return seen;
  const nth = nthOf(summary.fields, field);
  const before = summary.fields[nth]!;
  const after = merge(before, one);
  if (seen === summary && after === before) return summary;
  return { ...seen, fields: summary.fields.with(nth, after) };
}

/** What both summaries say together: commutative, associative and idempotent. */
export function merge<S extends Seen>(a: S, b: Seen): S {
  const highWater = least(a.highWater, b.highWater, byHeight);
  const first = least(a.first, b.first, byAge);
  return highWater === a.highWater && first === a.first ? a : { ...a, highWater, first };
}

type Order = (a: Observation, b: Observation) => number;
const byHeight: Order = (a, b) =>
  b.views - a.views || byInstant(a.observedAt, b.observedAt) || byText(a.id, b.id);
const byAge: Order = (a, b) =>
  byInstant(a.observedAt, b.observedAt) || a.views - b.views || byText(a.id, b.id);
const least = (a: Observation | null, b: Observation | null, order: Order): Observation | null =>
  a && b ? (order(b, a) < 0 ? b : a) : (a ?? b);

export const rateOf = (terms: CampaignTerms, platform: Platform): number =>
  terms.ratePerThousand[platform] ?? terms.ratePerThousand.default;

/**
 * What a clip's earnings rest on. Its baseline are the views that were there before counting began:
 * none, or those of the first observation at or after approval, in a campaign that counts from
 * there and of a clip that is `old` in it. Of several view fields it is the one that earns most.
 */
export function groundsOf(
  terms: CampaignTerms,
  platform: Platform,
  views: ViewSummary,
  old = false,
): Grounds {
  const { highWater, first } = views;
  if (terms.countFrom !== 'approval' && !old)
    return { highWater, baseline: 0, start: 0, field: null };
  const [base, ...later] = views.fields ?? [{ field: null, carried: 0, highWater, first }];
  return later
    .map(inField)
    .reduce(
      (most, one) =>
        earnedOn(terms, platform, one) > earnedOn(terms, platform, most) ? one : most,
      { ...inField(base!), field: null },
    );
}

/** Views that count beyond the baseline; none below the campaign's minimum. */
const counted = (
  { minViews }: CampaignTerms,
  { highWater, baseline }: Pick<Grounds, 'highWater' | 'baseline'>,
): number => (highWater && highWater.views >= minViews ? highWater.views - baseline : 0);

/** What a clip has earned beside the rate, in minor units. */
export function extrasOf(
  terms: CampaignTerms,
  { highWater, baseline }: Grounds,
): { flat: number; bonus: number } {
  if (!highWater) return { flat: 0, bonus: 0 };
  const views = counted(terms, { highWater, baseline });
  const reached = (terms.milestones ?? []).filter((milestone) => milestone.views <= views);
  return { flat: terms.flatFee ?? 0, bonus: reached.reduce((sum, { bonus }) => sum + bonus, 0) };
}

/**
 * E: what a clip has earned by what was seen of it, in minor units, before holds, reversals and the
 * end of the budget.
 */
export function earnedOn(terms: CampaignTerms, platform: Platform, grounds: Grounds): number {
  if (!grounds.highWater) return 0;
  const { flat, bonus } = extrasOf(terms, grounds);
  const rate = rateOf(terms, platform);
  const most = mostViews(rate, flat + bonus);
  const byRate = earnedFor(Math.min(counted(terms, grounds), most), rate);
  return Math.min(terms.maxPayoutPerClip ?? Infinity, flat + bonus + byRate);
}

/**
 * Whether E is an amount that can be counted exactly. An absurd count must not stop the reading of
 * the log, so {@link earnedOn} then gives the largest, and the settlement passes the clip over.
 */
export function isCountable(terms: CampaignTerms, platform: Platform, grounds: Grounds): boolean {
  if (terms.maxPayoutPerClip !== null) return true;
  const { flat, bonus } = extrasOf(terms, grounds);
  const paidFor = (grounds.highWater?.views ?? 0) - grounds.baseline;
  return paidFor <= mostViews(rateOf(terms, platform), flat + bonus);
}

const mostViews = (rate: number, extras: number): number =>
  rate === 0 ? Infinity : Math.floor((Number.MAX_SAFE_INTEGER - extras) / rate) * 1000;
