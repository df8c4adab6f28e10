import * as fc from 'fast-check';
import { balance, DAY_MS, net, type Act, type Model, type Terms } from '../money-model/index.js';

/**
 * What a command is made of: numbers, so that it can be made smaller. Which clip, campaign or
 * payout `nth` means depends on what there is; -1 is the last.
 */
export interface Step {
  act: string;
  nth: number;
  views: number;
  amount: number;
  /** All that there is, instead of `amount`; and what else is answered by yes or no. */
  yes: boolean;
  /** The current view field, or one of these. */
  field: number | null;
  lateMs: number;
  waitMs: number;
}
export const CREATORS = ['ann', 'bob'] as const;
const FIELDS = ['plays', 'views', 'reach'];
const ON_ENTRIES = new Set(['approve', 'appeal', 'answer', 'move', 'reject', 'hold', 'release', 'reverse', 'field', 'bulk']); // prettier-ignore
const ON_PAYOUTS = new Set(['allow', 'refuse', 'pay', 'fail']);
const ASKING = new Set(['ask', 'outside']);
const WHO = new Set(['ask', 'outside', 'account', 'prove', 'submit']);

const often = (weight: number, ...names: string[]) =>
  names.map((name) => ({ weight, arbitrary: fc.constant(name) }));
const single: fc.Arbitrary<Step> = fc.record({
  act: fc.oneof(
    ...often(16, 'observe'),
    ...often(6, 'ask', 'allow', 'pay'),
    ...often(4, 'submit', 'approve', 'hold', 'release', 'reverse', 'top-up', 'resume', 'post'),
    ...often(3, 'appeal', 'answer', 'field', 'bulk'),
    ...often(2, 'move', 'outside', 'pause', 'reject', 'refuse', 'fail', 'prove', 'account'),
    ...often(1, 'end', 'terms'),
  ),
  nth: fc.nat({ max: 11 }),
  views: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 20_000 })),
  amount: fc.integer({ min: 1, max: 600 }),
  yes: fc.boolean(),
  field: fc.oneof(fc.constant(null), fc.constant(null), fc.nat({ max: 2 })),
  lateMs: fc.constantFrom(0, 0, 0, 1_000, 7_000),
  waitMs: fc.constantFrom(0, 1_000, 1_000, 1_000, DAY_MS),
});

const PLAIN = { nth: 0, views: 0, amount: 1, yes: false, field: null, lateMs: 0, waitMs: 1_000 };
const story = (...steps: ({ act: string } & Partial<Step>)[]): Step[] =>
  steps.map((step) => ({ ...PLAIN, ...step }));
const see = (views: number, more: Partial<Step> = {}) => ({ act: 'observe', views, ...more });
const paid = [
  { act: 'ask', yes: true },
  { act: 'allow', nth: -1 },
  { act: 'pay', nth: -1 },
];
/**
 * Where such systems break, by public reports: opencart 7703, dokan 905, gumroad 6445, huntr 2111,
 * affiliatewp-store-credit 111, spliit 547; and at the end of a budget, at a cap, after a mistake.
 */
const STORIES: Step[][] = [
  story(see(9_000), { act: 'observe', views: 9_500, waitMs: DAY_MS }, ...paid, { act: 'reverse', yes: true }, see(18_000), ...paid),
  story(see(60_000), { act: 'reverse', amount: 300 }, see(90_000), { act: 'reverse', yes: true }, see(95_000)),
  story(see(4_999), see(4_999, { nth: 1 }), see(5_000), see(5_000, { nth: 1 }), { act: 'top-up' }, { act: 'top-up', amount: 599 }),
  story(see(100), see(6_000), { act: 'field', field: 0 }, see(50, { field: 0 }), see(6_100, { field: 0 }), see(9_000, { lateMs: 4_000 }), { act: 'field', field: 1 }, see(15_000, { field: 1 })),
  story(see(40_000), { act: 'field', field: 2 }, see(150_000, { field: 2 }), { act: 'move', nth: 0 }, see(155_000, { field: 2 }), { act: 'move', nth: -1 }),
  story(see(0), ...paid, { act: 'hold' }, { act: 'reject' }, { act: 'reverse', yes: true }, { act: 'appeal' }, { act: 'answer', yes: true }, see(700)),
  story(see(200_000), see(200_000, { nth: 1 }), { act: 'reverse', nth: 0, yes: true }, { act: 'hold', nth: 1 }, { act: 'top-up', amount: 1 }, { act: 'release', nth: 1 }),
  story(see(9_000), { act: 'outside', amount: 200 }, { act: 'outside', amount: 200 }, { act: 'outside', amount: 201 }, { act: 'pay', nth: -1 }),
  story({ act: 'submit', nth: 2 }, { act: 'approve', nth: -1 }, see(700_000), see(700_000, { nth: 1 }), see(700_000, { nth: 2 })),
  story({ act: 'submit', nth: 4 }, see(900, { nth: 4, yes: true }), see(901, { nth: 4, waitMs: 2 * DAY_MS }), { act: 'appeal', nth: -1 }, { act: 'answer', nth: -1, yes: true, waitMs: 4 * DAY_MS }, see(4_000, { nth: 4 })),
  story({ act: 'account', nth: 0 }, see(9_000), ...paid.slice(0, 2), { act: 'account', nth: 2 }, { act: 'fail', nth: -1 }, ...paid),
]; // prettier-ignore
/** At one of the four clips that are approved from the beginning. */
const placed: fc.Arbitrary<Step[]> = fc
  .tuple(fc.constantFrom(...STORIES), fc.nat({ max: 3 }))
  .map(([steps, by]) =>
    steps.map((step) => ({ ...step, nth: step.nth < 0 ? step.nth : step.nth + by })),
  );

export const history: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: single.map((step) => [step]) },
      { weight: 1, arbitrary: placed },
    ),
    { maxLength: 50, size: 'max' },
  )
  .map((groups) => groups.flat());

export const terms: fc.Arbitrary<Terms> = fc.record({
  rate: fc.constantFrom(100n, 333n),
  minViews: fc.constantFrom(0n, 1_000n),
  cap: fc.constantFrom(null, 2_000n),
  fromApproval: fc.boolean(),
  validationMs: fc.constantFrom(0, DAY_MS),
  minPayout: fc.constantFrom(0n, 0n, 120n, 600n),
  flat: fc.constantFrom(0n, 0n, 90n),
  bonus: fc.constantFrom(0n, 250n),
  perCreator: fc.constantFrom(null, null, 700n),
  fee: fc.constantFrom(null, { points: 1_337n, onTop: true }, { points: 10_000n, onTop: true }, { points: 777n, onTop: false }),
  trackingMs: fc.constantFrom(3_650 * DAY_MS, 3_650 * DAY_MS, 4 * DAY_MS),
  reviewMs: fc.constantFrom(null, DAY_MS, 2 * DAY_MS),
  oldCount: fc.boolean(),
  perDay: fc.constantFrom(null, null, 2),
  ownedOnly: fc.constantFrom(false, false, true),
  textOnly: fc.constantFrom(false, false, true),
}); // prettier-ignore

/** What of the model a step means; null if there is nothing that it could be about. */
export function actOf(
  step: Step,
  m: Model,
  { run, clips }: { run: string; clips: string[] },
  now: number,
): Act | null {
  const pick = <T>(among: readonly T[]): T | undefined =>
    step.nth < 0 ? among.at(step.nth) : among[step.nth % among.length];
  const all = Object.values(m.entries);
  const entry = ON_ENTRIES.has(step.act) ? pick(all) : undefined;
  const payouts = Object.keys(m.payouts);
  if (ON_ENTRIES.has(step.act) && !entry) return null;
  if (ON_PAYOUTS.has(step.act) && payouts.length === 0) return null;
  const creator = `${CREATORS[Math.abs(step.nth) % 2]}-${run}`;
  if (step.act === 'prove' && m.proved.includes(creator)) return null;
  const clip = entry?.clip ?? pick(clips)!;
  const campaigns = Object.keys(m.campaigns);
  const campaign = entry?.campaign ?? pick(campaigns)!;
  const has = ASKING.has(step.act)
    ? balance(m, creator, now).available
    : step.act === 'reverse'
      ? net(entry!)
      : 0n;
  const from = Math.abs(step.nth);
  return {
    act: step.act,
    clip,
    campaign,
    creator: WHO.has(step.act) ? creator : '',
    payout: ASKING.has(step.act) ? `pay-${run}-${step.waitMs > 1_000 ? step.nth : step.amount % 7}` : (pick(payouts) ?? ''),
    to: campaigns.find((id) => id !== campaign || step.amount % 9 === 0)!,
    name: step.act === 'account' ? `account ${from}` : step.field === null && step.act === 'observe' ? (m.fieldOf[clip] ?? FIELDS[1]!) : FIELDS[step.field ?? step.views % 3]!,
    views: BigInt(step.views),
    at: now - step.lateMs,
    amount: step.yes && has > 0n ? has : BigInt(step.amount),
    yes: step.act === 'observe' ? step.yes && step.amount % 8 === 0 : step.yes,
    post: {
      account: [null, `${CREATORS[0]}-${run}`, `${CREATORS[1]}-${run}`][step.views % 3]!,
      text: ([null, 'found', 'missing'] as const)[step.amount % 3]!,
    },
    many: [0, 1, 2].map((i) => {
      const one = all[(from + i) % Math.max(1, all.length)];
      return { clip: one?.clip ?? '', campaign: one?.campaign ?? '', approve: (step.amount >> i) % 2 === 0 };
    }),
  };
} // prettier-ignore
