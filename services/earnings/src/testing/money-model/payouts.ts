import { balance, payable } from './money.js';
import type { Act, Model, Payout } from './state.js';

const put = (into: object, change: object): null => (Object.assign(into, change), null);

export function ask(m: Model, a: Act, now: number): string | null {
  const { most, least } = payable(m, a.creator, now);
  if (m.payouts[a.payout]) return 'payout_exists';
  if (a.amount > balance(m, a.creator, now).available) return 'over_balance';
  return a.amount > most || a.amount < least ? 'below_minimum' : add(m, a, 'REQUESTED', false);
}

/** The same payment again changes nothing. */
export function outside(m: Model, a: Act, now: number): string | null {
  const there = m.payouts[a.payout];
  if (there?.hand && there.creator === a.creator)
    return there.amount === a.amount ? null : 'reference_taken';
  if (there) return 'payout_exists';
  const few = a.amount > balance(m, a.creator, now).available;
  return few ? 'over_balance' : add(m, a, 'PAID', true);
}

function add(m: Model, { payout, creator, amount }: Act, status: string, hand: boolean): null {
  return put(m.payouts, { [payout]: { creator, amount, status, hand, account: null } });
}

/** While the balance is below 0 nothing is approved or paid; an approval fixes where it goes. */
export function step(m: Model, p: Payout, act: string, now: number): string | null {
  const short = balance(m, p.creator, now).available < 0n;
  const from = act === 'allow' || act === 'refuse' ? 'REQUESTED' : 'APPROVED';
  if (act === 'pay' && p.status === 'PAID') return p.hand ? 'payout_paid' : null;
  if (p.status !== from) return 'payout_state';
  if (short && (act === 'allow' || act === 'pay')) return 'balance_below_zero';
  if (act === 'allow') p.account = m.accounts[p.creator] ?? null;
  const to = { allow: 'APPROVED', refuse: 'REJECTED', pay: 'PAID', fail: 'FAILED' }[act];
  return put(p, { status: to });
}
