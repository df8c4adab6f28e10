/**
 * What docs/money.md promises, in some 80 lines of plain objects; nothing of it is the product's.
 * Amounts are minor units, times ms.
 */
/** `fees` are of all lines, less what went `back`. */
type Sums = { accrued: bigint; reversed: bigint; fees: bigint; back: bigint };
type Fee = { points: bigint; onTop: boolean };
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
  fee: Fee | null;
};
export type Campaign = Sums & { terms: Terms; budget: bigint; status: string; endedAt: number };
export type Entry = Sums &
  Pick<Act, 'clip' | 'campaign' | 'creator'> & {
    status: string;
    held: boolean;
    approvedAt: number;
    appeal?: 'open' | 'answered' | undefined;
    /** Observations before its approval. */
    after: number;
  } & Views;
type Views = { high: bigint | null; first: { views: bigint; at: number } | null; voided: bigint };
export type Model = {
  campaigns: Record<string, Campaign>;
  entries: Record<string, Entry>;
  /** Every observation, in the order of the log. */
  seen: { clip: string; views: bigint; at: number }[];
  payouts: Record<string, { creator: string; amount: bigint; status: string; hand?: string }>;
  accruals: { creator: string; campaign: string; amount: bigint; until: number }[];
};
/** `views` were seen at `at`; `amount` is that of a top-up, a reversal or a payout. */
type Names = Record<'act' | 'clip' | 'campaign' | 'creator' | 'payout', string>;
export type Act = Names & {
  views: bigint;
  at: number;
  amount: bigint;
  to?: string;
  granted?: boolean;
};

export const net = ({ accrued, reversed }: Pick<Sums, 'accrued' | 'reversed'>): bigint =>
  accrued - reversed;
export const spent = (c: Campaign): bigint => net(c) + (c.terms.fee?.onTop ? c.fees : 0n);
const feeOn = ({ fee }: Terms, has: bigint): bigint => (has * (fee?.points ?? 0n)) / 10_000n;
export const sum = (amounts: bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

/** The bonus is for 5,000 counted views. */
export function earned(
  { rate, minViews, cap, fromApproval, flat, bonus }: Terms,
  { high, first }: Entry,
): bigint {
  if (high === null) return 0n;
  const counted = high - (fromApproval ? first!.views : 0n);
  const by = high < minViews ? 0n : (counted * rate) / 1000n + (counted >= 5_000n ? bonus : 0n);
  return cap !== null && flat + by > cap ? cap : flat + by;
}
export function due(m: Model, e: Entry): bigint {
  const owed = earned(m.campaigns[e.campaign]!.terms, e) - e.voided;
  return e.status !== 'APPROVED' || e.held ? 0n : (owed > 0n ? owed : 0n) - net(e);
}
export function balance(m: Model, creator: string, now: number) {
  const own = <T extends { creator: string }>(all: Record<string, T>) =>
    Object.values(all).filter((each) => each.creator === creator);
  const [accrued, reversed] = [
    sum(own(m.entries).map((e) => e.accrued)),
    sum(own(m.entries).map((e) => e.reversed)),
  ];
  const amounts = (is: RegExp) =>
    sum(own(m.payouts).map((p) => (is.test(p.status) ? p.amount : 0n)));
  const withheld = own(m.entries).filter(
    (e) => m.campaigns[e.campaign]!.terms.fee?.onTop === false,
  );
  const fees = sum(withheld.map((e) => e.fees));
  const [reserved, paid] = [amounts(/REQUESTED|APPROVED/), amounts(/PAID/)];
  const validating = sum(
    m.accruals.map((a) => (a.creator === creator && a.until > now ? a.amount : 0n)),
  );
  return {
    accrued,
    reversed,
    fees,
    reserved,
    paid,
    validating,
    available: accrued - reversed - fees - reserved - paid - validating,
  };
}

/** What may be asked for: all when every campaign is over, else from each campaign's minimum on. */
export function payable(m: Model, creator: string, now: number): { most: bigint; least: bigint } {
  const { available } = balance(m, creator, now);
  const own = m.accruals.filter((a) => a.creator === creator && a.amount > 0n);
  const parts = [...new Set(own.map(({ campaign }) => campaign))].map((name) => {
    const validated = sum(own.map((a) => (a.campaign === name && a.until <= now ? a.amount : 0n)));
    const entries = Object.values(m.entries).filter(
      (e) => e.campaign === name && e.creator === creator,
    );
    const { endedAt, terms } = m.campaigns[name]!;
    const back = terms.fee?.onTop === false ? sum(entries.map((e) => e.back)) : 0n;
    const left = validated - sum(entries.map((e) => e.reversed)) + back;
    return { over: endedAt <= now, least: terms.minPayout, validated, left };
  });
  if (parts.every(({ over }) => over)) return { most: available, least: 0n };
  const reached = parts.filter(({ validated, least }) => validated >= least);
  const small = parts.filter((part) => !reached.includes(part) && part.left > 0n);
  const least = (reached.length > 0 ? reached : parts).map((part) => part.least);
  return {
    most: available - sum(small.map(({ left }) => left)),
    least: least.reduce((a, b) => (a < b ? a : b)),
  };
}

/** Each creator's clips, the earlier approval first, up to the most that the campaign pays one. */
function limited(m: Model, name: string, dues: { e: Entry; due: bigint }[]) {
  const most = m.campaigns[name]!.terms.perCreator;
  const owed = dues.filter(({ due }) => due > 0n);
  owed.sort((a, b) => a.e.approvedAt - b.e.approvedAt || (a.e.clip < b.e.clip ? -1 : 1));
  const left = new Map<string, bigint>();
  return owed.flatMap(({ e, due }) => {
    const own = Object.values(m.entries).filter((o) => o.campaign === name && o.creator === e.creator); // prettier-ignore
    const taken = sum(own.map((o) => net(o) + (o.status === 'REJECTED' ? 0n : o.voided)));
    const room = left.get(e.creator) ?? (most ?? 1n << 60n) - taken;
    const part = due < room ? due : room < 0n ? 0n : room;
    left.set(e.creator, room - part);
    return part > 0n ? [{ e, due: part }] : [];
  });
}

/** All that is due if the budget suffices, else fair shares of what remains, to the last unit. */
export function settle(m: Model, name: string, now: number): void {
  const campaign = m.campaigns[name]!;
  if (campaign.status === 'PAUSED') return;
  const dues = Object.values(m.entries).flatMap((e) =>
    e.campaign === name ? [{ e, due: due(m, e) }] : [],
  );
  for (const { e, due } of dues) if (due < 0n) takeBack(campaign, e, -due);
  const { terms } = campaign;
  const cost = (e: Entry, amount: bigint) =>
    amount + (terms.fee?.onTop ? feeOn(terms, net(e) + amount) - e.fees : 0n);
  const owed = limited(m, name, dues).map(({ e, due }) => ({ e, due: cost(e, due) }));
  const [all, left] = [sum(owed.map(({ due }) => due)), campaign.budget - spent(campaign)];
  const whole = all < left ? all : left;
  const shares = owed.map(({ e, due }) => ({
    e,
    share: (due * whole) / all,
    over: (due * whole) % all,
  }));
  shares.sort(
    (a, b) =>
      Number(b.over - a.over) || a.e.approvedAt - b.e.approvedAt || (a.e.clip < b.e.clip ? -1 : 1),
  );
  const rest = whole - sum(shares.map(({ share }) => share));
  shares.forEach(({ e, share }, i) => {
    const whole = share + (i < rest ? 1n : 0n);
    // From half of it on, as a fee is at most as much: the least that uses all of it up.
    let amount = terms.fee?.onTop ? whole / 2n : whole;
    if (whole === 0n) return;
    while (amount === 0n || cost(e, amount) < whole) amount++;
    const fee = terms.fee?.onTop ? whole - amount : feeOn(terms, net(e) + amount) - e.fees;
    for (const has of [e, campaign]) {
      has.accrued += amount;
      has.fees += fee;
    }
    m.accruals.push({
      creator: e.creator,
      campaign: name,
      amount: terms.fee?.onTop === false ? amount - fee : amount,
      until: now + terms.validationMs,
    });
  });
}

/** Earnings go back, and what of the fee is more than that of what is left. */
function takeBack(campaign: Campaign, e: Entry, amount: bigint): void {
  const more = e.fees - feeOn(campaign.terms, net(e) - amount);
  const fee = more > 0n ? more : 0n;
  for (const has of [e, campaign])
    put(has, { reversed: has.reversed + amount, fees: has.fees - fee, back: has.back + fee });
}

const put = (into: object, change: object) => (Object.assign(into, change), null);
/** Gives the code of the refusal, or null for what is done. */
export function decide(m: Model, a: Act, now: number): string | null {
  const [c, key] = [m.campaigns[a.campaign]!, `${a.clip} ${a.campaign}`];
  const [e, p] = [m.entries[key]!, m.payouts[a.payout]!];
  const fresh = {
    status: 'PENDING',
    held: false,
    approvedAt: 0,
    after: 0,
    high: null,
    first: null,
    voided: 0n,
    accrued: 0n,
    reversed: 0n,
    fees: 0n,
    back: 0n,
  };
  const over = c.status === 'ENDED' ? 'campaign_state' : null;
  const taken = e && (e.status !== 'REJECTED' || e.approvedAt);
  const few = a.amount > balance(m, a.creator, now).available;
  const { most, least } = payable(m, a.creator, now);
  const small = a.amount > most || a.amount < least;
  const short = p && balance(m, p.creator, now).available < 0n && 'balance_below_zero';
  const to = a.to ?? '';
  const there = m.entries[`${a.clip} ${to}`];
  // prettier-ignore
  switch (a.act) {
    case 'submit': return c.status !== 'ACTIVE' ? 'campaign_state' : taken ? 'clip_already_submitted' : put(m.entries, { [key]: { ...a, ...fresh } });
    case 'approve': return e.status !== 'PENDING' ? 'clip_state' : e.held ? 'clip_held' : over ?? put(e, { status: 'APPROVED', approvedAt: now, after: m.seen.length });
    case 'appeal': return e.appeal ? 'appeal_exists' : e.status !== 'REJECTED' && !e.held ? 'nothing_to_appeal' : put(e, { appeal: 'open' });
    case 'answer': return answerAppeal(m, e, a.granted === true, over, now);
    case 'move': return to === e.campaign ? 'same_campaign' : e.status === 'REJECTED' ? 'clip_state' : e.held ? 'clip_held' : there && (there.status !== 'REJECTED' || there.approvedAt) ? 'clip_already_submitted' : moveEntry(m, e, to);
    case 'reject': return !e.held && e.status !== 'PENDING' ? 'clip_state' : put(e, { status: 'REJECTED', held: false });
    case 'hold': return e.held ? 'clip_held' : e.status === 'REJECTED' ? 'clip_state' : put(e, { held: true });
    case 'release': return e.held ? put(e, { held: false }) : 'clip_not_held';
    case 'reverse': return net(e) === 0n ? 'nothing_to_reverse' : a.amount > net(e) ? 'over_accrued'
      : (takeBack(c, e, a.amount), put(e, { voided: e.voided + a.amount }));
    case 'top-up': return over ?? put(c, { budget: c.budget + a.amount });
    case 'pause': return c.status !== 'ACTIVE' ? 'campaign_state' : put(c, { status: 'PAUSED' });
    case 'resume': return c.status !== 'PAUSED' ? 'campaign_state' : put(c, { status: 'ACTIVE' });
    case 'end': return over ?? put(c, { status: 'ENDED', endedAt: now });
    case 'ask': return p ? 'payout_exists' : few ? 'over_balance' : small ? 'below_minimum' : put(m.payouts, { [a.payout]: { ...a, status: 'REQUESTED' } });
    case 'outside': return p?.hand === a.creator ? (p.amount === a.amount ? null : 'reference_taken') : p ? 'payout_exists' : few ? 'over_balance' : put(m.payouts, { [a.payout]: { ...a, hand: a.creator, status: 'PAID' } });
    case 'allow': return p.status !== 'REQUESTED' ? 'payout_state' : short || put(p, { status: 'APPROVED' });
    case 'refuse': return p.status !== 'REQUESTED' ? 'payout_state' : put(p, { status: 'REJECTED' });
    case 'pay': return p.status === 'PAID' ? (p.hand ? 'payout_paid' : null) : p.status !== 'APPROVED' ? 'payout_state' : short || put(p, { status: 'PAID' });
    case 'fail': return p.status !== 'APPROVED' ? 'payout_state' : put(p, { status: 'FAILED' });
  }
  m.seen.push({ clip: a.clip, views: a.views, at: a.at });
  for (const o of Object.values(m.entries))
    if (o.clip === a.clip && o.approvedAt) see(m, o, a.views, a.at);
  return null;
}

function see(m: Model, o: Entry, views: bigint, at: number): void {
  if (at < o.approvedAt || at >= m.campaigns[o.campaign]!.endedAt) return;
  if (o.high === null || views > o.high) o.high = views;
  if (!o.first || at < o.first.at || (at === o.first.at && views < o.first.views))
    o.first = { views, at };
}

/** Its earnings go back, and in the other campaign all counts since its approval. */
function moveEntry(m: Model, e: Entry, to: string): null {
  const amount = net(e);
  takeBack(m.campaigns[e.campaign]!, e, amount);
  const none = {
    appeal: undefined,
    high: null,
    first: null,
    voided: 0n,
    accrued: 0n,
    reversed: 0n,
    fees: 0n,
    back: 0n,
  };
  const there: Entry = { ...e, ...none, campaign: to };
  put(e, { status: 'REJECTED', voided: e.voided + amount });
  m.entries[`${e.clip} ${to}`] = there;
  if (there.approvedAt)
    for (const { clip, views, at } of m.seen.slice(e.after))
      if (clip === e.clip) see(m, there, views, at);
  return null;
}

/** Granted, a hold ends, and a rejected clip is approved: with its old date, if it had one. */
function answerAppeal(m: Model, e: Entry, granted: boolean, over: string | null, now: number) {
  if (e.appeal !== 'open') return 'no_appeal';
  if (granted && e.held) put(e, { held: false });
  else if (granted && e.status === 'REJECTED') {
    if (!e.approvedAt && over) return over;
    if (!e.approvedAt) put(e, { approvedAt: now, after: m.seen.length });
    put(e, { status: 'APPROVED' });
  }
  return put(e, { appeal: 'answered' });
}
