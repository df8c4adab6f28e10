import { ManualClock, newEvent, outcomeId, streams, type NewEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { freshUrl, startApiWorld } from '../testing/api-world.js';
import {
  balance,
  decide,
  due,
  earned,
  net,
  payable,
  settle,
  spent as spentBy,
  type Act,
  type Entry,
  type Model,
  type Terms,
} from '../testing/money-model.js';
import { Prefixes } from '../testing/prefixes.js';

/** About how many commands are run in all. */
const COMMANDS = Number(process.env['MODEL_COMMANDS'] ?? 200);
const MOST_PER_RUN = 80;
const DAY_MS = 86_400_000;
const CREATORS = ['ann', 'bob'] as const;

/**
 * What a command is made of: numbers, so that it can be made smaller. Which clip, campaign or
 * payout `nth` means depends on what there is.
 */
interface Step {
  act: string;
  nth: number;
  creator: number;
  views: number;
  amount: number;
  /** All that there is, instead of `amount`. */
  all: boolean;
  lateMs: number;
  waitMs: number;
}

let world: Awaited<ReturnType<typeof startApiWorld>>;
const clock = new ManualClock('2026-02-01T00:00:00Z');
const prefixes = new Prefixes();
let read = 0;
/** How often each command was carried out, and how often refused. */
const tried = new Map<string, { done: number; refused: number }>();
beforeAll(async () => {
  world = await startApiWorld({ clock });
});
afterAll(() => world.close());

/** One history: its own creators, clips and campaigns in the service that all histories share. */
interface Real {
  run: string;
  urls: string[];
}

const POSTS: Record<string, (a: Act) => [path: string, body: object]> = {
  submit: (a) => ['/clips', { url: `https://www.youtube.com/watch?v=${a.clip.slice('youtube-'.length)}`, campaignId: a.campaign, creatorId: a.creator }],
  approve: (a) => [`/clips/${a.clip}/approve`, { campaignId: a.campaign }],
  reject: (a) => [`/clips/${a.clip}/reject`, { campaignId: a.campaign, reason: 'no' }],
  move: (a) => [`/clips/${a.clip}/move`, { campaignId: a.campaign, to: a.to, reason: 'wrong one' }],
  appeal: (a) => [`/clips/${a.clip}/appeal`, { campaignId: a.campaign, text: 'look again' }],
  answer: (a) => [`/clips/${a.clip}/appeal/answer`, { campaignId: a.campaign, granted: a.granted === true, reason: 'so it is' }],
  hold: (a) => [`/clips/${a.clip}/hold`, { campaignId: a.campaign, reason: 'odd' }],
  release: (a) => [`/clips/${a.clip}/release`, { campaignId: a.campaign }],
  reverse: (a) => [`/clips/${a.clip}/reverse`, { campaignId: a.campaign, amount: Number(a.amount), reason: 'bots' }],
  'top-up': (a) => [`/campaigns/${a.campaign}/top-up`, { amount: Number(a.amount) }],
  pause: (a) => [`/campaigns/${a.campaign}/pause`, { reason: '' }],
  resume: (a) => [`/campaigns/${a.campaign}/resume`, {}],
  end: (a) => [`/campaigns/${a.campaign}/end`, { reason: '' }],
  ask: (a) => ['/payouts', { payoutId: a.payout, creatorId: a.creator, currency: 'USD', amount: Number(a.amount) }],
  outside: (a) => [`/creators/${a.creator}/payments`, { payoutId: a.payout, currency: 'USD', amount: Number(a.amount), externalReference: `hand ${a.payout}` }],
  allow: (a) => [`/payouts/${a.payout}/approve`, {}],
  refuse: (a) => [`/payouts/${a.payout}/reject`, { reason: 'no' }],
  pay: (a) => [`/payouts/${a.payout}/paid`, { externalReference: `bank ${a.payout}` }],
  fail: (a) => [`/payouts/${a.payout}/failed`, { reason: 'came back' }],
}; // prettier-ignore

const ON_ENTRIES = new Set([
  'approve',
  'appeal',
  'answer',
  'move',
  'reject',
  'hold',
  'release',
  'reverse',
]);
const ON_PAYOUTS = new Set(['allow', 'refuse', 'pay', 'fail']);

class Command implements fc.AsyncCommand<Model, Real> {
  constructor(readonly step: Step) {}

  check = ({ entries, payouts }: Model): boolean =>
    (!ON_ENTRIES.has(this.step.act) || Object.keys(entries).length > 0) &&
    (!ON_PAYOUTS.has(this.step.act) || Object.keys(payouts).length > 0);

  async run(model: Model, real: Real): Promise<void> {
    clock.advance(this.step.waitMs);
    const act = this.#act(model, real);
    const before = structuredClone(model);
    const expected = decide(model, act, clock.now().getTime());
    const { done, refused } = tried.get(act.act) ?? { done: 0, refused: 0 };
    tried.set(
      act.act,
      expected === null ? { done: done + 1, refused } : { done, refused: refused + 1 },
    );
    answersAsExpected(this, await this.#carryOut(act), expected);
    await world.service.settled(AbortSignal.timeout(60_000));
    for (const campaign of Object.keys(model.campaigns))
      settle(model, campaign, clock.now().getTime());
    await logHolds();
    await Promise.all(
      asksOf(model)
        .filter((ask) => ask.of(before) !== ask.of(model))
        .map((ask) => ask.agrees()),
    );
  }

  #act(model: Model, { run, urls }: Real): Act {
    const { step } = this;
    const pick = <T>(among: readonly T[]): T | undefined => among[step.nth % among.length];
    const creator = `${CREATORS[step.creator]}-${run}`;
    const entry =
      step.act === 'submit' || step.act === 'observe'
        ? undefined
        : pick(Object.values(model.entries));
    const [clip, campaign] = ON_ENTRIES.has(step.act)
      ? [entry!.clip, entry!.campaign]
      : [`youtube-${pick(urls)}`, pick(Object.keys(model.campaigns))!];
    const payout =
      step.act === 'ask' || step.act === 'outside'
        ? `pay-${run}-${step.nth % 6}`
        : (pick(Object.keys(model.payouts)) ?? '');
    const now = clock.now().getTime();
    const has =
      step.act === 'reverse'
        ? net(entry!)
        : step.act === 'ask' || step.act === 'outside'
          ? balance(model, creator, now).available
          : 0n;
    const amount = step.all && has > 0n ? has : BigInt(step.amount);
    return {
      act: step.act,
      clip,
      campaign,
      creator,
      payout,
      granted: step.all,
      to: pick(Object.keys(model.campaigns))!,
      views: BigInt(step.views),
      at: now - step.lateMs,
      amount,
    };
  }

  /** The code of the refusal, or null. */
  async #carryOut(act: Act): Promise<string | null> {
    const post = POSTS[act.act];
    if (!post) return observe(act);
    const { status, body } = await world.post(...post(act));
    return status < 300 ? null : body.code;
  }

  toString = (): string => JSON.stringify(this.step);
}

function answersAsExpected(
  command: Command,
  answered: string | null,
  expected: string | null,
): void {
  expect([command.toString(), answered]).toEqual([command.toString(), expected]);
}

/** As a scraper records it. */
async function observe({ clip, views, at }: Act): Promise<null> {
  const requestId = randomUUID();
  const scraped = { clipId: clip, platform: 'youtube' as const, requestId, runId: 'r', source: 't', costMicroUsd: 0, metric: 'm', cached: false };
  const data = { ...scraped, views: Number(views), observedAt: new Date(at).toISOString() };
  const event = newEvent('ViewsRecorded', outcomeId(requestId), data, { time: clock.now(), correlationId: 't', causationId: 't' });
  await world.store.append(streams.clip(clip), [event as NewEvent], 'any');
  return null;
} // prettier-ignore

const figures = (of: object) =>
  Object.fromEntries(
    Object.entries(of).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? Number(value) : (value as unknown),
    ]),
  );
const ok = async (path: string) => {
  const { status, body } = await world.get(path);
  expect([path, status]).toEqual([path, 200]);
  return body;
}; // prettier-ignore

/** The invariants at each new position of the log. */
async function logHolds(): Promise<void> {
  for await (const event of world.store.readAll(read)) {
    prefixes.take(event);
    read = event.position;
  }
  expect(prefixes.faults).toEqual([]);
}

/**
 * What can be asked of the service, each with what the model says of it: the same figures in model,
 * log and answers.
 */
function asksOf(model: Model): { of: (at: Model) => string; agrees: () => Promise<void> }[] {
  const parts = (of: object) =>
    JSON.stringify(of, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  const ids = new Set(Object.values(model.entries).map(({ creator }) => creator));
  return [
    ...Object.keys(model.campaigns).map((id) => ({
      of: ({ campaigns, entries }: Model) =>
        [campaigns[id]!, ...Object.values(entries).filter(({ campaign }) => campaign === id)]
          .map(parts)
          .join(),
      agrees: () => campaignAgrees(model, id),
    })),
    ...[...ids].map((id) => ({
      of: ({ entries, payouts }: Model) =>
        [...Object.values(entries), ...Object.values(payouts)]
          .filter(({ creator }) => creator === id)
          .map(parts)
          .join(),
      agrees: () => creatorAgrees(model, id),
    })),
  ];
}

async function campaignAgrees(model: Model, id: string): Promise<void> {
  const { budget, accrued, reversed, fees, status } = model.campaigns[id]!;
  const [campaign, clips, lines] = await Promise.all([ok(`/campaigns/${id}`), ok(`/clips?campaignId=${id}`), linesOf(`/campaigns/${id}`)]);
  const spent = spentBy(model.campaigns[id]!);
  expect(campaign).toMatchObject(figures({ budget, accrued, reversed, fees, status, spent, remaining: budget - spent, exhausted: spent === budget }));
  expect(BigInt(sumOf(lines))).toBe(spent);
  const shown = clips.items.flatMap(({ clipId, campaigns }: { clipId: string; campaigns: { campaignId: string }[] }) =>
    campaigns.filter(({ campaignId }) => campaignId === id).map((entry) => ({ clipId, ...entry, hold: null, held: 'hold' in entry && entry.hold !== null })),
  );
  const entries = Object.values(model.entries).filter(({ campaign: of }) => of === id);
  const sumsOf = (e: Entry) => ({ accrued: e.accrued, reversed: e.reversed, earned: net(e), fees: e.fees, due: due(model, e), entitlement: earned(model.campaigns[id]!.terms, e) });
  const expected = entries.map((e) => ({ clipId: e.clip, creatorId: e.creator, status: e.status, held: e.held, highWater: e.high === null ? null : Number(e.high), ...figures(sumsOf(e)) }));
  const inOrder = <T extends { clipId: string }>(of: T[]) => of.toSorted((a, b) => (a.clipId < b.clipId ? -1 : 1));
  expect(inOrder(shown)).toMatchObject(inOrder(expected));
  expect(shown).toHaveLength(expected.length);
} // prettier-ignore

async function creatorAgrees(model: Model, id: string): Promise<void> {
  const expected = balance(model, id, clock.now().getTime());
  const [{ balances }, lines, { items }] = await Promise.all([ok(`/creators/${id}/balance`), linesOf(`/creators/${id}`), ok(`/payouts?creatorId=${id}`)]);
  const none = { accrued: 0, reversed: 0, fees: 0, reserved: 0, paid: 0, available: 0, validating: 0 };
  expect(balances[0] ?? none).toMatchObject(figures(expected));
  const { most, least } = payable(model, id, clock.now().getTime());
  if (balances.length > 0) expect(balances[0]).toMatchObject(figures({ payable: most > 0n ? most : 0n, minimumPayout: least }));
  expect(prefixes.balance(id, clock.now())).toEqual(figures(expected));
  expect(sumOf(lines)).toBe(Number(expected.available + expected.validating));
  expect(lines.at(-1)?.sum ?? 0).toBe(sumOf(lines));
  const asked = Object.entries(model.payouts).filter(([, { creator }]) => creator === id);
  const shown = items.map((p: Record<string, unknown>) => [p['payoutId'], [p['amount'], p['status']]]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(asked.map(([payoutId, p]) => [payoutId, [Number(p.amount), p.status]])));
} // prettier-ignore

type Line = { amount: number; sum: number };
const sumOf = (lines: Line[]): number => lines.reduce((sum, { amount }) => sum + amount, 0);
async function linesOf(path: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { lines: Line[]; next: string | null } = await ok(
      `${path}/statement?limit=200${cursor && `&cursor=${cursor}`}`,
    );
    lines.push(...page.lines);
    cursor = page.next;
  }
  return lines;
}

const often = (weight: number, ...names: string[]) =>
  names.map((name) => ({ weight, arbitrary: fc.constant(name) }));
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.oneof(
    ...often(16, 'observe'),
    ...often(7, 'ask', 'allow', 'pay'),
    ...often(4, 'submit', 'approve', 'hold', 'release', 'reverse', 'top-up', 'resume'),
    ...often(3, 'appeal', 'answer'),
    ...often(2, 'move', 'outside', 'pause', 'reject', 'refuse', 'fail'),
    ...often(1, 'end'),
  ),
  nth: fc.nat({ max: 11 }),
  creator: fc.nat({ max: 1 }),
  views: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 20_000 })),
  amount: fc.integer({ min: 1, max: 600 }),
  all: fc.boolean(),
  lateMs: fc.constantFrom(0, 0, 0, 1_000, 7_000),
  waitMs: fc.constantFrom(0, 1_000, 1_000, 1_000, DAY_MS),
});
const terms: fc.Arbitrary<Terms> = fc.record({
  rate: fc.constantFrom(100n, 333n),
  minViews: fc.constantFrom(0n, 1_000n),
  cap: fc.constantFrom(null, 2_000n),
  fromApproval: fc.boolean(),
  validationMs: fc.constantFrom(0, DAY_MS),
  minPayout: fc.constantFrom(0n, 0n, 120n, 600n),
  flat: fc.constantFrom(0n, 0n, 90n),
  bonus: fc.constantFrom(0n, 250n),
  perCreator: fc.constantFrom(null, null, 700n),
  fee: fc.constantFrom(
    null,
    { points: 1_337n, onTop: true },
    { points: 10_000n, onTop: true },
    { points: 777n, onTop: false },
  ),
});

async function launched(of: Terms, budget: bigint): Promise<string> {
  const body = {
    ratePerThousand: { default: Number(of.rate) },
    minViews: Number(of.minViews),
    maxPayoutPerClip: of.cap === null ? null : Number(of.cap),
    countFrom: of.fromApproval ? 'approval' : 'zero',
    validationDays: of.validationMs / DAY_MS,
    minPayout: Number(of.minPayout),
    flatFee: Number(of.flat),
    milestones: of.bonus > 0n ? [{ views: 5_000, bonus: Number(of.bonus) }] : [],
    maxPayoutPerCreator: of.perCreator === null ? null : Number(of.perCreator),
    ...(of.fee && {
      platformFee: {
        basisPoints: Number(of.fee.points),
        bearer: of.fee.onTop ? 'brand' : 'creator',
      },
    }),
    trackingDays: 3_650,
    exclusive: false,
    anomalyThreshold: null,
    budget: Number(budget),
  };
  const { status, body: campaign } = await world.post('/campaigns', world.terms(body));
  expect(status).toBe(201);
  return campaign.campaignId;
}

/**
 * A new history: two campaigns, in which two creators have an approved clip each, and three more
 * clips that are not submitted yet.
 */
async function begun(both: readonly [Terms, Terms]): Promise<{ model: Model; real: Real }> {
  const model: Model = { campaigns: {}, entries: {}, seen: [], payouts: {}, accruals: [] };
  for (const [i, own] of both.entries()) {
    const budget = i === 0 ? 20_000n : 4_000n;
    const campaign = {
      terms: own,
      budget,
      accrued: 0n,
      reversed: 0n,
      fees: 0n,
      back: 0n,
      status: 'ACTIVE',
      endedAt: Infinity,
    };
    model.campaigns[await launched(own, budget)] = campaign;
  }
  const [run, urls] = [
    randomUUID().slice(0, 8),
    Array.from({ length: 5 }, () => freshUrl().slice(-11)),
  ];
  const approved = Object.keys(model.campaigns).flatMap((campaignId) =>
    CREATORS.map((name, i) => ({
      url: `https://youtu.be/${urls[i]}`,
      campaignId,
      creatorId: `${name}-${run}`,
    })),
  );
  expect((await world.post('/clips/batch', { clips: approved, approve: true })).status).toBe(200);
  for (const { url, campaignId: campaign, creatorId: creator } of approved)
    for (const act of ['submit', 'approve'])
      decide(
        model,
        {
          act,
          clip: `youtube-${url.slice(-11)}`,
          campaign,
          creator,
          payout: '',
          views: 0n,
          at: 0,
          amount: 0n,
        },
        clock.now().getTime(),
      );
  return { model, real: { run, urls } };
}

it('whatever is commanded, the answers, the log and a model of some 80 lines say the same, and every invariant holds', async () => {
  const runs = Math.ceil(COMMANDS / 35);
  const histories = fc.tuple(fc.tuple(terms, terms), fc.commands([step.map((of) => new Command(of))], { maxCommands: MOST_PER_RUN, size: 'max' }));
  await fc.assert(
    fc.asyncProperty(histories, async ([both, history]) => {
      const state = await begun(both);
      await fc.asyncModelRun(() => state, history);
      await Promise.all(asksOf(state.model).map((ask) => ask.agrees()));
    }),
    { numRuns: runs, interruptAfterTimeLimit: 120_000 + COMMANDS * 100, markInterruptAsFailure: true },
  );
  const done = [...tried.values()].reduce((sum, each) => sum + each.done, 0);
  if (COMMANDS > 1_000) process.stderr.write(`${JSON.stringify(Object.fromEntries(tried))}\n`);
  expect(done).toBeGreaterThan(COMMANDS / 5);
}, 180_000 + COMMANDS * 100); // prettier-ignore
