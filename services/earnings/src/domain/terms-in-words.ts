import { formatMoney, PLATFORMS, type CampaignTerms, type Platform } from '@cliptally/contracts';
import { earnedOn, groundsOf, rateOf } from './entitlement.js';
import { DAY_MS, ms } from './fact.js';
import { costOf, earnedOf, isOnTop } from './fee.js';

/** What a campaign promises, a sentence each, for who launches it and who submits to it. */
export function termsInWords(
  terms: CampaignTerms,
  now: Date,
  reader: 'brand' | 'creator' = 'brand',
): string[] {
  const money = (amount: number) => formatMoney(amount, terms.currency);
  const { budget, minViews, maxPayoutPerClip, maxPayoutPerCreator, flatFee = 0 } = terms;
  const said: (string | false)[] = [
    `The campaign pays at most ${money(budget)} in all; a brand can add to it later.`,
    ratesOf(terms),
    flatFee > 0 && `Each approved clip gets ${money(flatFee)} once it was seen.`,
    ...(terms.milestones ?? []).map(
      ({ views, bonus }) => `At ${grouped(views)} views a clip gets ${money(bonus)} more, once.`,
    ),
    minViews > 0 &&
      `Below ${grouped(minViews)} views a clip earns nothing by its views; from there on, for all of them.`,
    maxPayoutPerClip !== null && `A clip earns at most ${money(maxPayoutPerClip)}.`,
    (maxPayoutPerCreator ?? null) !== null &&
      `A creator earns at most ${money(maxPayoutPerCreator!)} by all its clips.`,
    feeOf(terms),
    windowOf(terms, now),
    startOf(terms),
    reviewOf(terms, reader),
    terms.platforms !== undefined && `Clips of other platforms than ${listed(terms.platforms)} are refused.`,
    terms.maxSubmissionsPerDay !== undefined && `A creator submits at most ${grouped(terms.maxSubmissionsPerDay)} clips a day.`,
    terms.requireOwnedAccount === true && 'A clip has to be on an account that its creator has proved to own, or it is held.',
    terms.requiredText !== undefined && `The caption of a clip needs one of ${terms.requiredText.join(', ')}, or it is held.`,
    terms.exclusive && 'A clip in this campaign earns in no other.',
    `What was earned can be paid out ${terms.validationDays === 0 ? 'at once' : `after ${days(terms.validationDays)}`}${terms.minPayout > 0 ? `, from ${money(terms.minPayout)} on` : ''}.`,
  ]; // prettier-ignore
  return said.filter((sentence) => sentence !== false);
}

function ratesOf(terms: CampaignTerms): string {
  const money = (amount: number) => formatMoney(amount, terms.currency);
  const { default: standard, ...own } = terms.ratePerThousand;
  const others = Object.entries(own)
    .filter(([, rate]) => rate !== standard)
    .map(([platform, rate]) => `${money(rate!)} on ${platform}`);
  const beside = others.length > 0 ? `; ${listed(others)}` : '';
  return `It pays ${money(standard)} for a thousand views${beside}.`;
}

function feeOf({ platformFee }: CampaignTerms): string | false {
  if (!platformFee || platformFee.basisPoints === 0) return false;
  const percent = `${platformFee.basisPoints / 100} %`;
  return platformFee.bearer === 'brand'
    ? `The platform takes ${percent} of what clips earn, on top and out of the budget.`
    : `The platform takes ${percent} of what clips earn, out of what their creators get.`;
}

function windowOf({ trackingDays, startsAt, endsAt }: CampaignTerms, now: Date): string {
  const from = ms(startsAt) > now.getTime() ? `, not before ${dateOf(startsAt)}` : '';
  const to = endsAt ? `, and at most until ${dateOf(endsAt)}` : '';
  return `Views count for ${days(trackingDays)} from the approval of a clip${from}${to}.`;
}

function startOf({ countFrom, oldPosts, maxPostAgeHours }: CampaignTerms): string {
  if (countFrom === 'approval')
    return 'Only views after the approval count: those of the first scrape after it are taken off.';
  if (oldPosts !== 'first_observation') return 'All views of a clip count, also earlier ones.';
  const older = maxPostAgeHours === undefined ? '' : `, or over ${grouped(maxPostAgeHours)} hours before its submission`; // prettier-ignore
  return `All views of a clip count; if it was posted before the campaign${older}, only those after its first scrape.`;
}

function reviewOf(
  { reviewHours, anomalyThreshold = 60 }: CampaignTerms,
  reader: 'brand' | 'creator',
): string {
  const odd =
    reader === 'creator'
      ? 'a clip whose figures are odd may be held before it is paid'
      : anomalyThreshold === null
        ? 'no clip is held for being odd'
        : `a clip with ${anomalyThreshold} of 100 points for oddness is held before it is paid`;
  return reviewHours === null || reviewHours === undefined
    ? `Each clip waits until somebody reviews it, and ${odd}.`
    : `A clip that nobody reviews is decided on by itself after ${grouped(reviewHours)} hours, and ${odd}.`;
}

/** What so many counted views of one clip pay on the platforms of one rate. */
export interface PaidFor {
  views: number;
  platforms: readonly Platform[];
  /** Minor units per thousand views. */
  rate: number;
  amount: number;
  /** What keeps it from being the plain product: the minimum, the cap, or the whole budget. */
  limitedBy: 'min_views' | 'cap' | 'budget' | null;
}

/** Of a clip that was given nothing. */
const NOTHING = { accrued: 0, reversed: 0, voided: 0, fees: 0, paidUpTo: null };

const EXAMPLE_VIEWS = [1_000, 100_000, 1_000_000] as const;

/** By the rule that settlements use, for one clip alone whose views all count. */
export function paidFor(terms: CampaignTerms): PaidFor[] {
  const taken = terms.platforms ?? PLATFORMS;
  const groups = [...Map.groupBy(taken, (platform) => rateOf(terms, platform))];
  return groups.flatMap(([rate, platforms]) =>
    EXAMPLE_VIEWS.map((views) => {
      const seen = { id: '', observedAt: terms.startsAt };
      const summary = { highWater: { ...seen, views }, first: { ...seen, views: 0 } };
      const earned = (of: CampaignTerms) =>
        earnedOn(of, platforms[0]!, groundsOf(of, platforms[0]!, summary));
      const entitled = earned(terms);
      const of = { terms, tally: NOTHING };
      const amount = costOf(of, entitled) > terms.budget ? earnedOf(of, terms.budget) : entitled;
      const uncapped = earned({ ...terms, maxPayoutPerClip: null });
      const limitedBy =
        amount < entitled
          ? 'budget'
          : entitled < uncapped
            ? 'cap'
            : views < terms.minViews
              ? 'min_views'
              : null;
      return { views, platforms, rate, amount, limitedBy };
    }),
  );
}

/**
 * Views that use up the budget at the standard rate, and the fee on top, if no clip has a limit;
 * null at no rate.
 */
export function viewsInBudget(terms: CampaignTerms): number | null {
  const { budget, ratePerThousand, platformFee } = terms;
  if (ratePerThousand.default === 0) return null;
  const onTop = isOnTop(terms) ? platformFee!.basisPoints : 0;
  const whole = BigInt(ratePerThousand.default) * BigInt(10_000 + onTop);
  return Number((BigInt(budget) * 10_000_000n) / whole);
}

/**
 * When the campaign is over if all its clips together get so many views a day at the standard rate:
 * by its budget or by its date. Null if neither is in sight.
 */
export function endAtPace(
  terms: CampaignTerms,
  viewsPerDay: number,
  now: Date,
): { at: string; by: 'budget' | 'date' } | null {
  const views = viewsInBudget(terms);
  const start = Math.max(now.getTime(), ms(terms.startsAt));
  const spent = views === null ? Infinity : start + (views / viewsPerDay) * DAY_MS;
  const end = terms.endsAt ? ms(terms.endsAt) : Infinity;
  const at = Math.min(spent, end);
  return at > MAX_DATE_MS
    ? null
    : { at: new Date(at).toISOString(), by: spent <= end ? 'budget' : 'date' };
}

/** The last instant that a Date can hold. */
const MAX_DATE_MS = 8.64e15;

const grouped = (count: number): string => count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
const days = (count: number): string => (count === 1 ? 'a day' : `${grouped(count)} days`);
const dateOf = (instant: string): string => `${new Date(instant).toISOString().slice(0, 16)}Z`;
const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
