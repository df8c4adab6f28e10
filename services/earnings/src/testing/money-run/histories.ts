import { deepStrictEqual as same } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { decide, goOn, DAY_MS, type Act, type Model, type Terms } from '../money-model/index.js';
import { freshUrl } from '../api-world.js';
import type { Prefixes } from '../prefixes.js';
import { carryOut, REQUIRED, type World } from './acts.js';
import { asksOf, whyAgrees } from './agrees.js';
import { actOf, CREATORS, type Step } from './generate.js';

/** One history: its own creators, clips and campaigns in the service that all histories share. */
export class History {
  readonly #clips = Array.from({ length: 5 }, () => `youtube-${freshUrl().slice(-11)}`);
  readonly #run = randomUUID().slice(0, 8);
  readonly model: Model = { campaigns: {}, entries: {}, log: [], fieldOf: {}, posts: {}, proved: [], accounts: {}, payouts: {}, accruals: [] }; // prettier-ignore

  constructor(
    readonly world: World,
    readonly log: LogReader,
    readonly tried: Map<string, { done: number; refused: number }>,
  ) {}

  get #now(): number {
    return this.world.clock.now().getTime();
  }

  /** Two campaigns, in which two creators have an approved clip each; one clip is left. */
  async begin(both: readonly [Terms, Terms]): Promise<void> {
    for (const [i, terms] of both.entries()) {
      const budget = i === 0 ? 20_000n : 4_000n;
      const id = await launched(this.world, terms, budget);
      const nothing = { accrued: 0n, reversed: 0n, fees: 0n, back: 0n, days: {} };
      this.model.campaigns[id] = { terms, budget, status: 'ACTIVE', endedAt: Infinity, ...nothing };
    }
    const clips = Object.keys(this.model.campaigns).flatMap(
      (campaignId, c) =>
      CREATORS.map((name, i) => ({ url: `https://youtu.be/${this.#clips[2 * c + i]!.slice(8)}`, campaignId, creatorId: `${name}-${this.#run}` })), // prettier-ignore
    );
    same((await this.world.post('/clips/batch', { clips, approve: true })).status, 200);
    for (const { url, campaignId: campaign, creatorId: creator } of clips)
      for (const act of ['submit', 'approve'])
        decide(this.model, { act, clip: `youtube-${url.slice(-11)}`, campaign, creator } as Act, this.#now); // prettier-ignore
  }

  /** Carries it out in both, and compares all that it has changed. */
  async take(step: Step): Promise<void> {
    const { world, model } = this;
    const before = structuredClone(model);
    if (step.waitMs > 0) {
      world.clock.advance(step.waitMs);
      if (step.waitMs >= DAY_MS) await this.#goOn();
    }
    const act = actOf(step, model, { run: this.#run, clips: this.#clips }, this.#now);
    if (!act) return;
    const expected = decide(model, act, this.#now);
    const seen = this.tried.get(act.act) ?? { done: 0, refused: 0 };
    seen[expected === null || /^,*$/.test(expected) ? 'done' : 'refused']++;
    this.tried.set(act.act, seen);
    same([step, await carryOut(world, act)], [step, expected]);
    await this.#goOn();
    await this.log.holds();
    const changed = asksOf(world, this.log.prefixes, model).filter((ask) => ask.of(before) !== ask.of(model)); // prettier-ignore
    await Promise.all([...changed.map((ask) => ask.agrees()), whyAgrees(world, model, act.clip)]);
  }

  async end(): Promise<void> {
    const asks = asksOf(this.world, this.log.prefixes, this.model);
    await Promise.all(asks.map((ask) => ask.agrees()));
    for (const clip of this.#clips) await whyAgrees(this.world, this.model, clip);
  }

  /** What follows by itself: reviews that are due, what terms ask of a post, and settlements. */
  async #goOn(): Promise<void> {
    const { service, store } = this.world;
    for (let head = -1; head !== (head = await store.head());) {
      await service.settled(AbortSignal.timeout(120_000));
      await service.reviewer.review();
      await service.checker.check();
      await service.settled(AbortSignal.timeout(120_000));
    }
    goOn(this.model, this.#now);
  }
}

/** The invariants at each new position of the log. */
export class LogReader {
  #read = 0;
  constructor(
    readonly world: World,
    readonly prefixes: Prefixes,
  ) {}

  async holds(): Promise<void> {
    for await (const event of this.world.store.readAll(this.#read)) {
      this.prefixes.take(event);
      this.#read = event.position;
    }
    same(this.prefixes.faults, []);
  }
}

/** Payments of all histories of a process. */
let paidIn = 0;
const BRAND = 'model';

async function launched(world: World, of: Terms, budget: bigint): Promise<string> {
  const fee = of.fee && { basisPoints: Number(of.fee.points), bearer: of.fee.onTop ? 'brand' : 'creator' }; // prettier-ignore
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
    ...(fee && { platformFee: fee }),
    trackingDays: of.trackingMs / DAY_MS,
    reviewHours: of.reviewMs === null ? null : of.reviewMs / 3_600_000,
    oldPosts: of.oldCount ? 'count' : 'first_observation',
    ...(of.perDay !== null && { maxSubmissionsPerDay: of.perDay }),
    ...(of.ownedOnly && { requireOwnedAccount: true }),
    ...(of.textOnly && { requiredText: [REQUIRED] }),
    exclusive: false,
    anomalyThreshold: null,
    budget: Number(budget),
  };
  // More than any history tops up, so that what is paid in refuses nothing.
  const payment = { currency: 'USD', amount: 1_000_000_000, reference: `${paidIn++}` };
  same((await world.post(`/brands/${BRAND}/funding`, payment)).status, 201);
  const { status, body: campaign } = await world.post(
    '/campaigns',
    world.terms({ ...body, brandId: BRAND }),
  );
  same(status, 201);
  return campaign.campaignId;
}
