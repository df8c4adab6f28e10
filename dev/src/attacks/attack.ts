import type { Promise as Promised } from './promises.js';
import type { Target } from './target.js';

/** Who tries it. */
export const ATTACKERS = {
  stranger: 'a stranger on the network',
  creator: 'a creator',
  brand: 'a brand',
  password: 'a stolen service password',
  row: 'a hostile actor row',
  event: 'a hostile event',
} as const;
export type Attacker = keyof typeof ATTACKERS;

export interface Attack {
  who: Attacker;
  /** What of SECURITY.md it tries to break. */
  promise: Promised;
  /** What is tried, in a few words. */
  name: string;
  /** Null if the promise is held; else what happened. */
  try: (target: Target) => Promise<string | null>;
  /** Why it may not be held yet; it is reported and counted as open. */
  open?: string;
  /** Needs more than the quick part has: roles and users of their own. */
  whole?: true;
}

export type Outcome = 'held' | 'broken' | 'open';
export interface Tried {
  attack: Attack;
  outcome: Outcome;
  what: string | null;
}

/** Tries them one after the other; one that fails in itself shows nothing, and so is broken. */
export async function tryAll(
  attacks: readonly Attack[],
  target: Target,
  onTried: (tried: Tried) => void = () => {},
): Promise<Tried[]> {
  const all: Tried[] = [];
  for (const attack of attacks) {
    const what = await attack.try(target).catch((error: unknown) => `could not be tried: ${String(error)}`); // prettier-ignore
    const outcome = what === null ? 'held' : attack.open ? 'open' : 'broken';
    const tried: Tried = { attack, outcome, what };
    all.push(tried);
    onTried(tried);
  }
  return all;
}

/** The first of several that is not held. */
export async function firstOf<T>(
  cases: Iterable<T>,
  test: (one: T) => Promise<string | null>,
): Promise<string | null> {
  for (const one of cases) {
    const what = await test(one);
    if (what !== null) return what;
  }
  return null;
}

export const lineOf = ({ attack: { who, promise, name, open }, outcome, what }: Tried): string => {
  const said = outcome === 'held' ? 'held' : outcome === 'open' ? `open: ${open} (${what})` : `BROKEN: ${what}`; // prettier-ignore
  return `${ATTACKERS[who]}: ${name} [${promise}] ${said}`;
};
