import type { EventData, Platform } from '@cliptally/contracts';
import { DAY_MS, ms } from './fact.js';

/** What one source has cost on one day of UTC, in millionths of a US dollar. */
export interface ScrapeDay {
  day: string;
  platform: Platform;
  source: string;
  scrapes: number;
  recorded: number;
  microUsd: number;
}

export interface Cycle {
  from: number;
  to: number;
  limitMicroUsd: number | null;
}

type Run = Pick<EventData<'TrackingRunStarted'>, 'budget'>;
type Account = EventData<'SourceUsageMeasured'>;

/** The cycle of the newest run that is not over, else that of an account, else `otherwise`. */
export function cycleAt(
  now: Date,
  run: Run | undefined,
  accounts: readonly Account[],
  otherwise: { from: number; to: number },
): Cycle {
  const known = [run?.budget, ...accounts].filter((one) => one !== undefined);
  const current = known.find(
    ({ cycleStartsAt, cycleEndsAt }) => ms(cycleStartsAt) <= now.getTime() && now.getTime() < ms(cycleEndsAt), // prettier-ignore
  );
  return current
    ? {
        from: ms(current.cycleStartsAt),
        to: ms(current.cycleEndsAt),
        limitMicroUsd: current.limitMicroUsd,
      }
    : { ...otherwise, limitMicroUsd: null };
}

const PACE_DAYS = 7;
const dayStart = (now: Date): number => Math.floor(now.getTime() / DAY_MS) * DAY_MS;
const sumOf = (days: readonly ScrapeDay[]): number =>
  days.reduce((sum, { microUsd }) => sum + microUsd, 0);
const since = (days: readonly ScrapeDay[], from: number): ScrapeDay[] =>
  days.filter(({ day }) => Date.parse(day) + DAY_MS > from);

/**
 * What was spent and what remains, in millionths of a US dollar. An account's word comes late or
 * has costs that are not ours: the larger figure counts, as it does for the scheduler.
 */
export function scrapeMoneyAt(
  now: Date,
  { from, to, limitMicroUsd }: Cycle,
  days: readonly ScrapeDay[],
  accounts: readonly Account[],
) {
  const said = accounts
    .filter(({ cycleStartsAt }) => ms(cycleStartsAt) === from)
    .map(({ usedMicroUsd }) => usedMicroUsd);
  const spent = Math.max(sumOf(since(days, from)), ...said);
  const today = dayStart(now);
  const spentToday = sumOf(since(days, today));
  const remaining = limitMicroUsd === null ? null : Math.max(0, limitMicroUsd - spent);
  const daysLeft = Math.max(1, (to - today) / DAY_MS);
  const before = limitMicroUsd === null ? null : limitMicroUsd - Math.max(0, spent - spentToday);
  const recent = since(days, today - (PACE_DAYS - 1) * DAY_MS);
  const first = Math.min(...recent.map(({ day }) => Date.parse(day)));
  // An hour at least, or the first bill of all would be a pace of millions.
  const span = Math.max(1 / 24, (now.getTime() - first) / DAY_MS);
  const perDay = recent.length === 0 ? 0 : Math.round(sumOf(recent) / span);
  const end = remaining === null || perDay === 0 ? Infinity : now.getTime() + (remaining / perDay) * DAY_MS; // prettier-ignore
  return {
    spent,
    remaining,
    today: {
      from: today,
      spent: spentToday,
      allowance: before === null ? null : Math.max(0, Math.round(before / daysLeft)),
    },
    perDay,
    atCycleEnd: spent + Math.round((perDay * Math.max(0, to - now.getTime())) / DAY_MS),
    expectedEnd: end < to ? end : null,
  };
}

const LEFT_OUT: Record<keyof NonNullable<EventData<'TrackingRunStarted'>['leftOut']>, string> = {
  no_gain: 'Nothing would be gained by scraping them now.',
  scrape_limit: 'The limit of scrapes of a run or a day was reached (LOOKS_PER_RUN, LOOKS_PER_DAY).', // prettier-ignore
  platform_limit: "The platform's own limit of scrapes was reached (LOOKS_BY_PLATFORM).",
  money: "The run's share of the scrape budget was used up.",
};

export function leftOutOf({ leftOut, heldBackBy }: EventData<'TrackingRunStarted'>) {
  if (!leftOut) return null;
  const words = {
    ...LEFT_OUT,
    ...(heldBackBy === 'hard_stop' && {
      money: 'The account that pays has stopped: only scrapes that cost nothing are asked for.',
    }),
  };
  return (Object.keys(LEFT_OUT) as (keyof typeof LEFT_OUT)[])
    .filter((reason) => leftOut[reason] > 0)
    .map((reason) => ({ reason, scrapes: leftOut[reason], sentence: words[reason] }));
}
