import { balance, payable } from './money.js';
import { DAY_MS, type Act, type Model, type Payout } from './state.js';

const COOLING_MS = 3 * DAY_MS;

const put = (into: object, change: object): null => (Object.assign(into, change), null);

export function ask(m: Model, a: Act, now: number): string | null {
  const { most, least } = payable(m, a.creator, now);
  if (m.payouts[a.payout]) return 'payout_exists';
  if (a.amount > balance(m, a.creator, now).available) return 'over_balance';
  return a.amount > most || a.amount < least ? 'below_minimum' : add(m, a, 'REQUESTED', now);
}

/** The same payment again changes nothing. */
export function outside(m: Model, a: Act, now: number): string | null {
  const there = m.payouts[a.payout];
  if (there?.hand && there.creator === a.creator)
    return there.amount === a.amount ? null : 'reference_taken';
  if (there) return 'payout_exists';
  const few = a.amount > balance(m, a.creator, now).available;
  return few ? 'over_balance' : add(m, a, 'PAID', now);
}

/** It goes where the creator's money goes now; who was paid by hand has no account. */
function add(m: Model, { payout, creator, amount }: Act, status: string, askedAt: number): null {
  const hand = status === 'PAID';
  const account = hand ? null : (m.accounts[creator]?.name ?? null);
  return put(m.payouts, { [payout]: { creator, amount, status, hand, account, askedAt } });
}

export function setAccount(m: Model, { creator, name }: Act, now: number): null {
  return m.accounts[creator]?.name === name ? null : put(m.accounts, { [creator]: { name, at: now } });
} // prettier-ignore

/** Below 0 nothing is approved or paid; an approval waits after a change of the account. */
export function step(m: Model, p: Payout, act: string, now: number): string | null {
  const short = balance(m, p.creator, now).available < 0n;
  const from = act === 'allow' || act === 'refuse' ? 'REQUESTED' : 'APPROVED';
  if (act === 'pay' && p.status === 'PAID') return p.hand ? 'payout_paid' : null;
  if (p.status !== from) return 'payout_state';
  const { name, at } = m.accounts[p.creator] ?? { name: null, at: 0 };
  if (act === 'allow' && at > p.askedAt && now < at + COOLING_MS) return 'payout_account_changed';
  if (short && (act === 'allow' || act === 'pay')) return 'balance_below_zero';
  if (act === 'allow') p.account ??= name;
  const to = { allow: 'APPROVED', refuse: 'REJECTED', pay: 'PAID', fail: 'FAILED' }[act];
  return put(p, { status: to });
}
