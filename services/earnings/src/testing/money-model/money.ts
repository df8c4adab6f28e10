import { baselineIn } from './views.js';
import { entriesOf, net, spent, sum, type Campaign, type Entry, type Field, type Model, type Terms } from './state.js'; // prettier-ignore

const feeOn = ({ fee }: Terms, has: bigint): bigint => (has * (fee?.points ?? 0n)) / 10_000n;
const put = (into: object, change: object) => void Object.assign(into, change);

/** The bonus is for 5,000 counted views. */
function earnedIn({ rate, minViews, cap, flat, bonus }: Terms, field: Field, baseline: bigint) {
  const { high } = field;
  if (high === null) return 0n;
  const counted = high - baseline;
  const by = high < minViews ? 0n : (counted * rate) / 1000n + (counted >= 5_000n ? bonus : 0n);
  return cap !== null && flat + by > cap ? cap : flat + by;
}

/** By the field that earns most. */
export function rests(terms: Terms, e: Entry): { earned: bigint; high: bigint | null } {
  const { all, fields, old } = e;
  const anew = terms.fromApproval || (old && !terms.oldCount);
  const those = anew && fields.length > 0 ? fields : [all];
  return those
    .map((field) => ({
      earned: earnedIn(terms, field, anew ? baselineIn(field) : 0n),
      high: field.high,
    }))
    .reduce((most, one) => (one.earned > most.earned ? one : most));
}

export function due(m: Model, e: Entry): bigint {
  const owed = rests(m.campaigns[e.campaign]!.terms, e).earned - e.voided;
  return e.status !== 'APPROVED' || e.held ? 0n : (owed > 0n ? owed : 0n) - net(e);
}

/** Of what the creator bears of fees nothing is its own. */
const withheld = (m: Model, e: Entry): boolean =>
  m.campaigns[e.campaign]!.terms.fee?.onTop === false;

export function balance(m: Model, creator: string, now: number) {
  const own = entriesOf(m, { creator });
  const payouts = Object.values(m.payouts).filter((p) => p.creator === creator);
  const amounts = (is: RegExp) => sum(payouts.map((p) => (is.test(p.status) ? p.amount : 0n)));
  const [accrued, reversed] = [sum(own.map((e) => e.accrued)), sum(own.map((e) => e.reversed))];
  const fees = sum(own.map((e) => (withheld(m, e) ? e.fees : 0n)));
  const [reserved, paid] = [amounts(/REQUESTED|APPROVED/), amounts(/PAID/)];
  const validating = sum(m.accruals.map((a) => (a.creator === creator && a.until > now ? a.amount : 0n))); // prettier-ignore
  const available = accrued - reversed - fees - reserved - paid - validating;
  return { accrued, reversed, fees, reserved, paid, validating, available };
}

/** What may be asked for: all when every campaign is over, else from each campaign's minimum on. */
export function payable(m: Model, creator: string, now: number) {
  const { available } = balance(m, creator, now);
  const own = m.accruals.filter((a) => a.creator === creator && a.amount > 0n);
  const parts = [...new Set(own.map(({ campaign }) => campaign))].map((campaign) => {
    const validated = sum(own.map((a) => (a.campaign === campaign && a.until <= now ? a.amount : 0n))); // prettier-ignore
    const entries = entriesOf(m, { campaign, creator });
    const { endedAt, terms } = m.campaigns[campaign]!;
    const back = sum(entries.map((e) => (withheld(m, e) ? e.back : 0n)));
    const left = validated - sum(entries.map((e) => e.reversed)) + back;
    return { campaign, over: endedAt <= now, least: terms.minPayout, validated, left };
  });
  if (parts.every(({ over }) => over)) return { most: available, least: 0n, kept: [] };
  const reached = parts.filter(({ validated, least }) => validated >= least);
  const small = parts.filter((part) => !reached.includes(part) && part.left > 0n);
  const least = (reached.length > 0 ? reached : parts).map((part) => part.least);
  return {
    most: available - sum(small.map(({ left }) => left)),
    least: least.reduce((a, b) => (a < b ? a : b)),
    kept: small.map(({ campaign }) => campaign),
  };
}

/** What counts towards the most for a creator. */
export const takenBy = (m: Model, campaign: string, creator: string): bigint =>
  sum(entriesOf(m, { campaign, creator }).map((e) => net(e) + (e.status === 'REJECTED' ? 0n : e.voided))); // prettier-ignore

const byApproval = (a: Entry, b: Entry): number =>
  a.approvedAt - b.approvedAt || (a.clip < b.clip ? -1 : 1);

/** Each creator's clips, the earlier approval first, up to the most that the campaign pays one. */
function limited(m: Model, campaign: string, dues: { e: Entry; due: bigint }[]) {
  const most = m.campaigns[campaign]!.terms.perCreator ?? 1n << 60n;
  const left = new Map<string, bigint>();
  const owed = dues.filter(({ due }) => due > 0n).sort((a, b) => byApproval(a.e, b.e));
  return owed.flatMap(({ e, due }) => {
    const room = left.get(e.creator) ?? most - takenBy(m, campaign, e.creator);
    const part = due < room ? due : room < 0n ? 0n : room;
    left.set(e.creator, room - part);
    return part > 0n ? [{ e, due: part }] : [];
  });
}

/** All that is due if the budget suffices, else fair shares of what remains, to the last unit. */
export function settle(m: Model, name: string, now: number): void {
  const campaign = m.campaigns[name]!;
  if (campaign.status === 'PAUSED') return;
  const dues = entriesOf(m, { campaign: name }).map((e) => ({ e, due: due(m, e) }));
  for (const { e, due } of dues) if (due < 0n) takeBack(campaign, e, -due);
  const { terms } = campaign;
  const onTop = terms.fee?.onTop === true;
  const cost = (e: Entry, amount: bigint) =>
    amount + (onTop ? feeOn(terms, net(e) + amount) - e.fees : 0n);
  const owed = limited(m, name, dues).map(({ e, due }) => ({ e, due: cost(e, due) }));
  const [all, left] = [sum(owed.map(({ due }) => due)), campaign.budget - spent(campaign)];
  const whole = all < left ? all : left;
  const shares = owed
    .map(({ e, due }) => ({ e, share: (due * whole) / all, over: (due * whole) % all }))
    .sort((a, b) => Number(b.over - a.over) || byApproval(a.e, b.e));
  const rest = whole - sum(shares.map(({ share }) => share));
  shares.forEach(({ e, share }, i) => {
    const own = share + (i < rest ? 1n : 0n);
    if (own === 0n) return;
    // From half of it on, as a fee is at most as much: the least that uses all of it up.
    let amount = onTop ? own / 2n : own;
    while (amount === 0n || cost(e, amount) < own) amount++;
    pay(m, e, amount, onTop ? own - amount : feeOn(terms, net(e) + amount) - e.fees, now);
  });
}

function pay(m: Model, e: Entry, amount: bigint, fee: bigint, now: number): void {
  const campaign = m.campaigns[e.campaign]!;
  for (const has of [e, campaign])
    put(has, { accrued: has.accrued + amount, fees: has.fees + fee });
  const { clip, creator } = e;
  const until = now + campaign.terms.validationMs;
  const own = withheld(m, e) ? amount - fee : amount;
  m.accruals.push({ clip, creator, campaign: e.campaign, amount: own, until });
}

/** Earnings go back, and what of the fee is more than that of what is left. */
export function takeBack(campaign: Campaign, e: Entry, amount: bigint): void {
  const more = e.fees - feeOn(campaign.terms, net(e) - amount);
  const fee = more > 0n ? more : 0n;
  for (const has of [e, campaign])
    put(has, { reversed: has.reversed + amount, fees: has.fees - fee, back: has.back + fee });
}
