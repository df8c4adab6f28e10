/**
 * What docs/money.md promises, as plain objects; nothing of it is the product's. Amounts are minor
 * units, times ms.
 */
/** `fees` are of all lines, less what went `back`. */
export type Sums = { accrued: bigint; reversed: bigint; fees: bigint; back: bigint };
export type Terms = {
  rate: bigint;
  minViews: bigint;
  cap: bigint | null;
  fromApproval: boolean;
  validationMs: number;
  minPayout: bigint;
  flat: bigint;
  bonus: bigint;
  perCreator: bigint | null;
  fee: { points: bigint; onTop: boolean } | null;
  trackingMs: number;
  /** Null: nothing is decided by itself. */
  reviewMs: number | null;
  /** Whether all views of an old post count, and not those after the first observation alone. */
  oldCount: boolean;
  perDay: number | null;
  ownedOnly: boolean;
  textOnly: boolean;
};
export type Campaign = Sums & {
  terms: Terms;
  budget: bigint;
  status: string;
  endedAt: number;
  /** Submissions by creator and day. */
  days: Record<string, number>;
};
/** What was seen in one view field. */
export type Field = {
  name: string | null;
  carried: bigint;
  high: bigint | null;
  first: { views: bigint; at: number } | null;
};
export type HoldCode = 'foreign_author' | 'missing_text';
export type Entry = Sums & {
  clip: string;
  campaign: string;
  creator: string;
  status: string;
  submittedAt: number;
  approvedAt: number;
  /** The review date of a hold, and what of the campaign's terms has held it. */
  held: { until: number; code: HoldCode | null } | null;
  /** What a person has released; null before. */
  cleared: HoldCode[] | null;
  appeal: 'open' | 'answered' | null;
  /** Events of the clip before its approval. */
  after: number;
  voided: bigint;
  /** A source has said a date of before the campaign. */
  old: boolean;
  /** All that was seen, and by field if that has changed. */
  all: Field;
  fields: Field[];
};
/** An observation, or a change of the view field. */
export type Seen = { clip: string; field: string; views: bigint; at: number };
export type Changed = { clip: string; from: string | null; to: string };
export type Post = { account: string | null; text: 'found' | 'missing' | null };
export type Payout = {
  creator: string;
  amount: bigint;
  status: string;
  hand: boolean;
  account: string | null;
  askedAt: number;
};
export type Model = {
  campaigns: Record<string, Campaign>;
  entries: Record<string, Entry>;
  /** In the order of the log. */
  log: (Seen | Changed)[];
  fieldOf: Record<string, string>;
  posts: Record<string, Post>;
  /** Creators who have proved their account, which has their name; and where they are paid. */
  proved: string[];
  accounts: Record<string, { name: string; at: number }>;
  payouts: Record<string, Payout>;
  accruals: { clip: string; creator: string; campaign: string; amount: bigint; until: number }[];
};
/** `views` were seen at `at`; `amount` is that of a top-up, a reversal or a payout. */
export type Act = Record<
  'act' | 'clip' | 'campaign' | 'creator' | 'payout' | 'to' | 'name',
  string
> & {
  views: bigint;
  at: number;
  amount: bigint;
  yes: boolean;
  post: Post;
  /** Reviews that are decided together. */
  many: { clip: string; campaign: string; approve: boolean }[];
};

export const DAY_MS = 86_400_000;
export const sum = (amounts: bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);
export const net = ({ accrued, reversed }: Pick<Sums, 'accrued' | 'reversed'>): bigint =>
  accrued - reversed;
export const spent = (c: Campaign): bigint => net(c) + (c.terms.fee?.onTop ? c.fees : 0n);
export const entriesOf = (m: Model, of: Partial<Pick<Entry, 'clip' | 'campaign' | 'creator'>>) =>
  Object.values(m.entries).filter((e) =>
    Object.entries(of).every(([name, value]) => e[name as 'clip'] === value),
  );
export const keyOf = (clip: string, campaign: string): string => `${clip} ${campaign}`;

export const NO_MONEY: Sums = { accrued: 0n, reversed: 0n, fees: 0n, back: 0n };
export const freshViews = () => ({
  all: { name: null, carried: 0n, high: null, first: null } as Field,
  fields: [] as Field[],
});
export function freshEntry(clip: string, campaign: string, creator: string, now: number): Entry {
  const waiting = { status: 'PENDING', submittedAt: now, approvedAt: 0, held: null, cleared: null, appeal: null } as const; // prettier-ignore
  return { clip, campaign, creator, ...waiting, after: 0, voided: 0n, old: false, ...freshViews(), ...NO_MONEY }; // prettier-ignore
}
