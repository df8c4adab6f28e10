import type { Entry, Field } from './entry.js';

/** What a campaign promises, as far as an amount rests on it. Amounts are minor units. */
export interface Terms {
  /** The event that launched the campaign. */
  event: string;
  budget: bigint;
  rate: (platform: string) => bigint;
  minViews: bigint;
  cap: bigint | null;
  maxPerCreator: bigint | null;
  flatFee: bigint;
  milestones: readonly { views: bigint; bonus: bigint }[];
  /** Views count from the first observation: always, or of a clip that is old. */
  fromFirst: boolean;
  oldFromFirst: boolean;
  maxPostAgeMs: number;
  trackingMs: number;
  startsAt: number;
  endsAt: number;
  fee: { basisPoints: bigint; onTop: boolean } | null;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const big = (value: unknown, otherwise = 0n): bigint =>
  typeof value === 'number' ? BigInt(value) : otherwise;
const bigOrNull = (value: unknown): bigint | null =>
  typeof value === 'number' ? BigInt(value) : null;

export function termsOf(event: string, data: Readonly<Record<string, unknown>>): Terms {
  const terms = data['terms'] as Record<string, unknown>;
  const rates = terms['ratePerThousand'] as Record<string, number>;
  const fee = terms['platformFee'] as { basisPoints: number; bearer: string } | undefined;
  const hours = terms['maxPostAgeHours'];
  const endsAt = terms['endsAt'];
  return {
    event,
    budget: big(terms['budget']),
    rate: (platform) => BigInt(rates[platform] ?? rates['default'] ?? 0),
    minViews: big(terms['minViews']),
    cap: bigOrNull(terms['maxPayoutPerClip']),
    maxPerCreator: bigOrNull(terms['maxPayoutPerCreator']),
    flatFee: big(terms['flatFee']),
    milestones: ((terms['milestones'] ?? []) as { views: number; bonus: number }[]).map(
      ({ views, bonus }) => ({ views: BigInt(views), bonus: BigInt(bonus) }),
    ),
    fromFirst: terms['countFrom'] === 'approval',
    oldFromFirst: terms['oldPosts'] === 'first_observation',
    maxPostAgeMs: typeof hours === 'number' ? hours * HOUR_MS : Infinity,
    trackingMs: (typeof terms['trackingDays'] === 'number' ? terms['trackingDays'] : 30) * DAY_MS,
    startsAt: Date.parse(terms['startsAt'] as string),
    endsAt: typeof endsAt === 'string' ? Date.parse(endsAt) : Infinity,
    fee: fee ? { basisPoints: BigInt(fee.basisPoints), onTop: fee.bearer === 'brand' } : null,
  };
}

const least = (a: bigint, b: bigint | null): bigint => (b !== null && b < a ? b : a);

/** Section 4 of docs/money.md: what the clip has earned by what was seen of it. */
export function earned(terms: Terms, entry: Entry): Earned {
  const old =
    entry.postedAt !== null &&
    (entry.postedAt < terms.startsAt || entry.postedAt < entry.submittedAt - terms.maxPostAgeMs);
  const fromFirst = terms.fromFirst || (terms.oldFromFirst && old);
  const all = { ...entry, name: null, carried: 0n };
  if (!fromFirst) return earnedIn(terms, entry, all, 0n);
  const fields = entry.fields.length > 0 ? entry.fields : [all];
  return fields
    .map((field) => earnedIn(terms, entry, field, baselineIn(field)))
    .reduce((most, one) => (one.total > most.total ? one : most));
}

/** What a clip has earned by one view field. */
interface Earned {
  field: Field;
  baseline: bigint;
  total: bigint;
}

const baselineIn = ({ first, carried }: Field): bigint =>
  first && first.views > carried ? first.views - carried : 0n;
export const countedIn = (field: Field): bigint =>
  field.highWater ? field.highWater.views - baselineIn(field) : 0n;

function earnedIn(terms: Terms, entry: Entry, field: Field, baseline: bigint): Earned {
  if (!field.highWater) return { field, baseline, total: 0n };
  const { views } = field.highWater;
  if (views < terms.minViews) return { field, baseline, total: least(terms.flatFee, terms.cap) };
  const counted = views - baseline;
  const bonus = terms.milestones.reduce(
    (sum, milestone) => (milestone.views <= counted ? sum + milestone.bonus : sum),
    0n,
  );
  const forViews = (counted * terms.rate(entry.platform)) / 1000n;
  return { field, baseline, total: least(terms.flatFee + bonus + forViews, terms.cap) };
}

/** Owed in all, less what it has; below nothing, it has too much. */
export function due(terms: Terms, entry: Entry): bigint {
  const owed = earned(terms, entry).total - entry.voided;
  return (owed > 0n ? owed : 0n) - entry.had;
}

/** The platform fee of a clip that has so much. */
export const billed = ({ fee }: Terms, net: bigint): bigint =>
  fee ? (net * fee.basisPoints) / 10_000n : 0n;
