import type { CampaignTerms, Platform } from '@cliptally/contracts';

/**
 * The money rules a second time, in another style, to check the first by: from the full list of
 * observations, in big integers, without incremental state. It shares nothing with the product.
 */
export interface NaiveObservation {
  id: string;
  views: number;
  observedAt: string;
  postedAt?: string;
  /** The view field it was read from. */
  field: string;
}

export interface NaiveClip {
  platform: Platform;
  approvedAt: string;
  observations: readonly NaiveObservation[];
}

/** What a clip is entitled to when all its observations are known. */
export function naiveEntitlement(
  terms: CampaignTerms,
  clip: NaiveClip,
  endedAt: string | null,
): bigint {
  const limits = [Date.parse(clip.approvedAt) + terms.trackingDays * 86_400_000];
  for (const end of [terms.endsAt, endedAt]) if (end !== null) limits.push(new Date(end).getTime());
  const counted = clip.observations.filter(({ observedAt }) => {
    const instant = new Date(observedAt).getTime();
    return (
      instant >= Date.parse(clip.approvedAt) &&
      instant >= Date.parse(terms.startsAt) &&
      limits.every((limit) => instant < limit)
    );
  });
  if (counted.length === 0) return 0n;
  const highest = Math.max(...counted.map(({ views }) => views));
  const earliest = Math.min(...counted.map(({ observedAt }) => Date.parse(observedAt)));
  const atFirst = counted
    .filter(({ observedAt }) => Date.parse(observedAt) === earliest)
    .map(({ views }) => views);
  const anew = terms.countFrom === 'approval' || naiveIsOld(terms, clip);
  const paidViews = anew ? highest - Math.min(...atFirst) : highest;
  let earned = BigInt(terms.flatFee ?? 0);
  if (highest >= terms.minViews) {
    const rate = BigInt(terms.ratePerThousand[clip.platform] ?? terms.ratePerThousand.default);
    earned += (BigInt(paidViews) * rate) / 1000n;
    for (const { views, bonus } of terms.milestones ?? [])
      if (paidViews >= views) earned += BigInt(bonus);
  }
  if (terms.maxPayoutPerClip === null) return earned;
  return earned > BigInt(terms.maxPayoutPerClip) ? BigInt(terms.maxPayoutPerClip) : earned;
}

/** Clips are submitted when they are approved. */
function naiveIsOld(terms: CampaignTerms, { approvedAt, observations }: NaiveClip): boolean {
  if (terms.oldPosts !== 'first_observation') return false;
  const oldest = terms.maxPostAgeHours
    ? Date.parse(approvedAt) - terms.maxPostAgeHours * 3_600_000
    : 0;
  return observations.some(
    ({ postedAt }) =>
      postedAt !== undefined &&
      (Date.parse(postedAt) < Date.parse(terms.startsAt) || Date.parse(postedAt) < oldest),
  );
}

export interface NaiveDue {
  clipId: string;
  approvedAt: string;
  due: number;
}

/**
 * The last money, unit after unit: after the whole parts, the clip with the most still to come gets
 * the next one.
 */
export function naiveShares(remaining: number, dues: readonly NaiveDue[]): Map<string, number> {
  const sum = dues.reduce((total, { due }) => total + BigInt(due), 0n);
  const shares = new Map(
    dues.map(({ clipId, due }) => [clipId, (BigInt(due) * BigInt(remaining)) / sum]),
  );
  let left = BigInt(remaining) - [...shares.values()].reduce((total, share) => total + share, 0n);
  const waiting = [...dues];
  while (left > 0n) {
    let next = 0;
    for (let i = 1; i < waiting.length; i++)
      if (precedes(waiting[i]!, waiting[next]!, remaining, sum)) next = i;
    const { clipId } = waiting.splice(next, 1)[0]!;
    shares.set(clipId, shares.get(clipId)! + 1n);
    left -= 1n;
  }
  return new Map([...shares].map(([clipId, share]) => [clipId, Number(share)]));
}

function precedes(a: NaiveDue, b: NaiveDue, remaining: number, sum: bigint): boolean {
  const fraction = ({ due }: NaiveDue) => (BigInt(due) * BigInt(remaining)) % sum;
  if (fraction(a) !== fraction(b)) return fraction(a) > fraction(b);
  if (Date.parse(a.approvedAt) !== Date.parse(b.approvedAt))
    return Date.parse(a.approvedAt) < Date.parse(b.approvedAt);
  return a.clipId < b.clipId;
}

/** The fee of what a clip has: whole units of it only. */
export function naiveFee({ basisPoints }: { basisPoints: number }, has: bigint): bigint {
  const exact = has * BigInt(basisPoints);
  return (exact - (exact % 10_000n)) / 10_000n;
}

/**
 * The share of a clip that has had nothing, as earnings and a fee: unit after unit to the earnings
 * until both together use it up. What the last unit leaves of its fee is not paid.
 */
export function naiveSplit(fee: { basisPoints: number }, share: bigint): [bigint, bigint] {
  // Half of it are earnings in any case, as a fee is at most as much.
  let earned = share / 2n;
  while (earned === 0n || earned + naiveFee(fee, earned) < share) earned += 1n;
  return [earned, share - earned];
}
