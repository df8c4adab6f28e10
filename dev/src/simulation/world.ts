import {
  clipIdOf,
  ManualClock,
  type Clock,
  type EventType,
  type Platform,
} from '@cliptally/contracts';
import { earningsProjection } from '@cliptally/earnings';
import { monitorProjection } from '@cliptally/monitor';
import type { Client } from 'pg';
import { Chance } from './chance.js';
import { judge } from './judge.js';
import { Loop } from './loop.js';
import { Log } from './outside.js';
import { People } from './people.js';
import { Scraping, type SimulatedClip } from './scraping.js';
import { Earnings, Follower, type Outside } from './services.js';
import { PROJECTIONS, emptyTables } from './tables.js';

const MINUTE_MS = 60_000;
/** Nobody waits longer for a checkpoint. */
const PATIENCE_MS = 2_000;
/** Of two or ten seconds: the longest pause before a redelivery is a minute. */
const MOST_ROUNDS = 400;
const PLATFORMS: readonly Platform[] = ['tiktok', 'youtube', 'x'];

/** A clock beside the others by some seconds, which an operator or a time server may step. */
class SteppedClock implements Clock {
  readonly speed = 1;
  offsetMs = 0;
  constructor(readonly world: ManualClock) {}
  now = () => new Date(this.world.now().getTime() + this.offsetMs);
  sleep = (ms: number, signal?: AbortSignal) => this.world.sleep(ms, signal);
}

export interface Outcome {
  /** How many events of each type the log has. */
  events: Partial<Record<EventType, number>>;
  faults: number;
  lines: number;
  trace: readonly string[];
}

/**
 * One seed from the beginning to the judgement. Throws with the invariant and the first difference.
 */
export async function simulate(seed: number, client: Client): Promise<Outcome> {
  const world = new World(seed, client);
  try {
    await world.run();
    const { events, lines } = await judge({
      log: world.log,
      client,
      acknowledged: world.people.acknowledged,
      providers: world.providers,
    });
    return { events, lines, faults: world.loop.faults, trace: world.loop.trace };
  } catch (error) {
    throw Object.assign(error as Error, { trace: world.loop.trace });
  }
}

class World {
  readonly log = new Log();
  readonly chance: Chance;
  readonly loop: Loop;
  readonly people: People;
  readonly #time = new ManualClock('2026-03-01T00:00:00Z');
  readonly #clock = new SteppedClock(this.#time);
  readonly #followers: Follower[];
  readonly #scraping: Scraping;
  readonly #campaigns: string[];
  readonly #clips: SimulatedClip[] = [];
  readonly #creators = ['ann', 'bob'];
  #earnings: Earnings;

  constructor(
    seed: number,
    readonly client: Client,
  ) {
    this.chance = new Chance(seed);
    this.loop = new Loop(this.chance);
    const { log, chance, loop } = this;
    const outside: Outside = { log, client, time: this.#time, clock: this.#clock, loop, chance };
    const earnings = new Follower(earningsProjection, outside);
    this.#followers = [earnings, new Follower(monitorProjection, outside)];
    this.#earnings = new Earnings(outside, earnings);
    this.#restart = () => (this.#earnings = new Earnings(outside, earnings));
    this.people = new People(outside, { present: () => this.#earnings, restart: this.#restart });
    this.#scraping = new Scraping(outside);
    this.#campaigns = Array.from({ length: chance.between(1, 3) }, (_, i) => `c${i}`);
  }
  readonly #restart: () => void;

  get providers() {
    return this.#scraping.providers;
  }

  async run(): Promise<void> {
    for (const projection of PROJECTIONS) await emptyTables(projection, this.client);
    await this.client.query(`set search_path to ${earningsProjection.name}`);
    this.loop.faulty = false;
    await this.#begin();
    await this.#earnFirst();
    this.providers.grown = () => this.chance.of([0, 10, 700, 4_000, -200]);
    this.providers.failing = this.loop.faulty = true;
    for (let step = 0, steps = this.chance.between(60, 140); step < steps; step++) {
      this.#something();
      for (let calls = this.chance.below(10); calls > 0 && (await this.loop.step()); calls--);
    }
    await this.#end();
  }

  /** Campaigns and clips: a world in which something can go wrong. */
  async #begin(): Promise<void> {
    // The tables are there before the first question comes.
    await this.#quiet();
    for (const [nth, campaignId] of this.#campaigns.entries()) {
      const terms = {
        currency: 'USD',
        // The first has money left after the prologue, and what is earned in it can be paid out at
        // once.
        budget: nth === 0 ? 1_000_000 : this.chance.of([500, 3_000, 1_000_000]),
        ratePerThousand: { default: this.chance.of([100, 333]) },
        minViews: this.chance.of([0, 0, 500]),
        maxPayoutPerClip: nth === 0 ? null : this.chance.of([null, null, 1_500]),
        countFrom: this.chance.of(['zero', 'approval'] as const),
        exclusive: false,
        validationDays: nth === 0 ? 0 : this.chance.of([0, 0, 1]),
        minPayout: 0,
        startsAt: '2026-01-01T00:00:00Z',
        ...this.chance.of([
          {},
          { platformFee: { basisPoints: 1_250, bearer: 'brand' as const } },
          { platformFee: { basisPoints: 777, bearer: 'creator' as const } },
        ]),
      };
      this.people.launch(campaignId, { brandId: 'brand', name: `Campaign ${nth}`, ...terms });
    }
    await this.#quiet();
    // Each creator has a clip in the first campaign.
    for (const creatorId of this.#creators) this.#submit(this.#campaigns[0]!, creatorId);
    for (let more = this.chance.between(1, 4); more > 0; more--)
      this.#submit(this.chance.of(this.#campaigns), this.chance.of(this.#creators));
    await this.#quiet();
    for (const clip of this.#clips) this.people.review('approve', clip);
    await this.#quiet();
  }

  #submit(campaignId: string, creatorId: string): void {
    const platform = this.chance.of(PLATFORMS);
    const nth = this.#clips.length;
    const id = platform === 'youtube' ? `clip000000${nth}` : `100000000000000000${nth}`;
    const clipId = clipIdOf(platform, id);
    this.#clips.push({ clipId, platform, campaignId, creatorId });
    const url = {
      tiktok: `https://www.tiktok.com/@u/video/${id}`,
      youtube: `https://www.youtube.com/watch?v=${id}`,
      x: `https://x.com/u/status/${id}`,
    }[platform as 'x'];
    this.people.submit(clipId, { url, campaignId, creatorId });
  }

  /**
   * Two observations of each clip, settled: without money there is nothing to pay out. The first is
   * the baseline of some campaigns.
   */
  async #earnFirst(): Promise<void> {
    for (const [least, most] of [
      [0, 1_000],
      [4_000, 30_000],
    ] as const) {
      // Beyond the age of an observation that is used again.
      this.#time.advance(60 * MINUTE_MS);
      this.providers.grown = () => this.chance.between(least, most);
      for (const clip of this.#clips) this.#scraping.request(clip);
      await this.#quiet();
    }
  }

  /** One of the things that happen, beside what is under way. */
  #something(): void {
    if (this.#earnings.life.crashed && this.chance.happens(0.5)) this.#restart();
    if (this.chance.happens(0.3)) this.#scraping.start(this.chance.happens(0.1));
    const { chance, people } = this;
    const clip = chance.of(this.#clips);
    const [creatorId, campaignId] = [chance.of(this.#creators), chance.of(this.#campaigns)];
    const reversed = () => ({
      amount: chance.happens(0.3) ? 'all' : chance.between(1, 1_500),
      reason: 'bots',
    });
    const things: [weight: number, happen: () => void][] = [
      [6, () => this.#scraping.request(clip)],
      [4, () => this.#scraping.schedule()],
      [0.5, () => this.#scraping.kill()],
      [20, () => this.#time.advance(chance.of([1_000, 5_000, 10_000, 30_000]))],
      [30, () => chance.of(this.#followers).apply()],
      [12, () => this.#settle()],
      [8, () => this.#time.advance(chance.of([1_000, MINUTE_MS, 20 * MINUTE_MS, 300 * MINUTE_MS]))],
      [1, () => (this.#clock.offsetMs = chance.between(-30_000, 30_000))],
      [2, () => people.review('hold', clip, { reason: 'odd' })],
      [5, () => people.review('release', clip)],
      [3, () => people.review('reverse', clip, reversed())],
      [0.5, () => people.review('reject', clip, { reason: 'no' })],
      [1, () => people.manage('topUp', campaignId, { amount: chance.between(1, 2_000) })],
      [1, () => people.manage('pause', campaignId, { reason: '' })],
      [2, () => people.manage('resume', campaignId)],
      [0.2, () => people.manage('end', campaignId, { reason: '' })],
      [5, () => people.requestPayout(creatorId)],
      [3, () => people.requestPayoutTwice([creatorId, chance.of(this.#creators)])],
      [9, () => people.decidePayout('approve')],
      [7, () => people.decidePayout('paid')],
      [4, () => people.decidePayout('failed')],
      [2, () => people.decidePayout('reject')],
    ];
    let left = chance.next() * things.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, happen] of things) if ((left -= weight) < 0) return happen();
  }

  #settle(): void {
    const earnings = this.#earnings;
    if (earnings.settling || earnings.life.crashed) return;
    this.loop.begin(earnings.life, () => earnings.settle());
  }

  /**
   * What is under way ends, and the projections and the settler go on until nothing changes any
   * more.
   */
  async #quiet(): Promise<void> {
    for (let head = -1, rounds = 0; !(await this.#atRest(head)); rounds++) {
      if (rounds > MOST_ROUNDS) throw new Error('3: the world does not come to rest');
      // Who still waits for a checkpoint gives up, and decides on what is there now.
      if (head === (await this.log.head()))
        this.#time.advance(rounds < 10 ? PATIENCE_MS : 5 * PATIENCE_MS);
      head = await this.log.head();
      this.#scraping.start();
      for (const follower of this.#followers) follower.apply();
      await this.loop.drain();
      this.#settle();
      await this.loop.drain();
    }
    for (const follower of this.#followers) follower.apply();
    await this.loop.drain();
  }

  async #atRest(head: number): Promise<boolean> {
    return (
      head === (await this.log.head()) &&
      this.people.waiting === 0 &&
      !this.#earnings.settling &&
      (await this.#scraping.atRest())
    );
  }

  async #end(): Promise<void> {
    this.loop.faulty = false;
    if (this.#earnings.life.crashed) this.#restart();
    await this.#quiet();
    // The last money has waited long enough.
    this.#time.advance(60 * MINUTE_MS);
    await this.#quiet();
    this.#scraping.plan();
    await this.loop.drain();
  }
}
