import {
  clipIdOf,
  derivedId,
  ManualClock,
  newEvent,
  outcomeId,
  streams,
  type Clock,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { earningsProjection } from '@cliptally/earnings';
import { MemoryEventStore } from '@cliptally/event-store';
import { monitorProjection } from '@cliptally/monitor';
import type { Client } from 'pg';
import { Chance } from './chance.js';
import { judge } from './judge.js';
import { Life, Loop } from './loop.js';
import { storeOf } from './outside.js';
import { Earnings, Follower, send, type Request } from './services.js';

const MINUTE_MS = 60_000;
const PLATFORMS: readonly Platform[] = ['tiktok', 'youtube', 'x'];

/** A clock beside the others by some seconds, which an operator or a time server may step. */
class SteppedClock implements Clock {
  readonly speed = 1;
  offsetMs = 0;
  constructor(readonly world: ManualClock) {}
  now = () => new Date(this.world.now().getTime() + this.offsetMs);
  sleep = () => Promise.resolve();
}

export interface Outcome {
  events: number;
  faults: number;
  lines: number;
  trace: readonly string[];
}

interface SimulatedClip {
  clipId: string;
  platform: Platform;
  campaignId: string;
  creatorId: string;
  /** The count that the next observation goes on from. */
  views: number;
}

type OpenRequest = Pick<SimulatedClip, 'clipId' | 'platform'> & { requestId: string };

/** One seed from the beginning to the judgement. Throws with the invariant and the first difference. */
export async function simulate(seed: number, client: Client): Promise<Outcome> {
  const world = new World(seed, client);
  try {
    await world.run();
    const { events, lines } = await judge({ log: world.log, client, acknowledged: world.acknowledged });
    return { events, lines, faults: world.loop.faults, trace: world.loop.trace };
  } catch (error) {
    throw Object.assign(error as Error, { trace: world.loop.trace });
  }
}

class World {
  readonly log = new MemoryEventStore();
  readonly chance: Chance;
  readonly loop: Loop;
  readonly #time = new ManualClock('2026-03-01T00:00:00Z');
  readonly #clock = new SteppedClock(this.#time);
  readonly #followers: Follower[];
  #earnings: Earnings;
  /** Keys of the requests that were accepted. */
  readonly acknowledged = new Map<string, string>();
  readonly #campaigns: string[];
  readonly #clips: SimulatedClip[] = [];
  readonly #creators = ['ann', 'bob'];
  #open: OpenRequest[] = [];
  #sent = 0;
  /** What scrapers were given: JetStream delivers it again to who takes over from one that died. */
  readonly #work: [stream: string, event: NewEvent][] = [];

  constructor(
    seed: number,
    readonly client: Client,
  ) {
    this.chance = new Chance(seed);
    this.loop = new Loop(this.chance);
    const outside = { log: this.log, client, clock: this.#clock, loop: this.loop, chance: this.chance };
    this.#followers = [earningsProjection, monitorProjection].map((projection) => new Follower(projection, outside));
    this.#earnings = new Earnings(outside);
    this.#campaigns = Array.from({ length: this.chance.between(1, 3) }, (_, i) => `c${i}`);
    this.#restart = () => (this.#earnings = new Earnings(outside));
  }
  readonly #restart: () => Earnings;

  async run(): Promise<void> {
    await this.client.query('drop schema if exists earnings cascade; drop schema if exists monitor cascade');
    await this.#begin();
    for (let step = 0, steps = this.chance.between(60, 140); step < steps; step++) {
      this.#something();
      for (let calls = this.chance.below(6); calls > 0 && (await this.loop.step()); calls--);
    }
    await this.#end();
  }

  /** Campaigns and clips, without faults: a world in which something can go wrong. */
  async #begin(): Promise<void> {
    this.loop.faulty = false;
    // The tables are there before the first question comes.
    await this.#quiet();
    for (const [nth, campaignId] of this.#campaigns.entries()) {
      const terms = {
        currency: 'USD',
        budget: this.chance.of([500, 3_000, 1_000_000]),
        ratePerThousand: { default: this.chance.of([100, 333]) },
        minViews: this.chance.of([0, 0, 500]),
        maxPayoutPerClip: this.chance.of([null, null, 1_500]),
        countFrom: this.chance.of(['zero', 'approval'] as const),
        exclusive: false,
        validationDays: this.chance.of([0, 0, 1]),
        minPayout: 0,
        startsAt: '2026-01-01T00:00:00Z',
      };
      this.#send(`launch ${campaignId}`, ({ campaigns }, asked) => campaigns.launch(asked), { campaignId, brandId: 'brand', name: `Campaign ${nth}`, ...terms }, {}); // prettier-ignore
    }
    await this.#quiet();
    for (let nth = 0, clips = this.chance.between(2, 6); nth < clips; nth++) {
      const [platform, campaignId, creatorId] = [
        this.chance.of(PLATFORMS),
        this.chance.of(this.#campaigns),
        this.chance.of(this.#creators),
      ];
      const clipId = clipIdOf(platform, platform === 'youtube' ? `clip000000${nth}` : `100000000000000000${nth}`);
      this.#clips.push({ clipId, platform, campaignId, creatorId, views: 0 });
      const url = { tiktok: `https://www.tiktok.com/@u/video/100000000000000000${nth}`, youtube: `https://www.youtube.com/watch?v=clip000000${nth}`, x: `https://x.com/u/status/100000000000000000${nth}` }[platform as 'x']; // prettier-ignore
      this.#send(`submit ${clipId}`, ({ clips: of }, asked) => of.submit(asked), { url, campaignId, creatorId }, {});
    }
    await this.#quiet();
    for (const { clipId, campaignId } of this.#clips)
      this.#send(`approve ${clipId}`, ({ clips }, asked) => clips.approve(asked), { campaignId }, { id: clipId });
    await this.#quiet();
    this.loop.faulty = true;
  }

  /** One of the things that happen, beside what is under way. */
  #something(): void {
    if (this.#earnings.life.crashed && this.chance.happens(0.5)) this.#restart();
    const { chance } = this;
    const clip = chance.of(this.#clips);
    const [creatorId, campaignId] = [chance.of(this.#creators), chance.of(this.#campaigns)];
    const onClip = { campaignId: clip.campaignId };
    const things: [weight: number, happen: () => void][] = [
      [8, () => this.#request(clip)],
      [14, () => this.#answer()],
      [14, () => chance.of(this.#followers).apply()],
      [12, () => this.#settle()],
      [8, () => this.#time.advance(chance.of([1_000, MINUTE_MS, 20 * MINUTE_MS, 300 * MINUTE_MS]))],
      [1, () => (this.#clock.offsetMs = chance.between(-30_000, 30_000))],
      [
        2,
        () => this.#send(`hold ${clip.clipId}`, ({ clips }, asked) => clips.hold(asked), { ...onClip, reason: 'odd' }, { id: clip.clipId }),
      ],
      [3, () => this.#send(`release ${clip.clipId}`, ({ clips }, asked) => clips.release(asked), onClip, { id: clip.clipId })],
      [2, () => this.#send(`reverse ${clip.clipId}`, ({ clips }, asked) => clips.reverse(asked), { ...onClip, amount: chance.happens(0.5) ? 'all' : chance.between(1, 300), reason: 'bots' }, { id: clip.clipId })], // prettier-ignore
      [
        1,
        () =>
          this.#send(`reject ${clip.clipId}`, ({ clips }, asked) => clips.reject(asked), { ...onClip, reason: 'no' }, { id: clip.clipId }),
      ],
      [
        1,
        () =>
          this.#send(
            `top up ${campaignId}`,
            ({ campaigns }, asked) => campaigns.topUp(asked),
            { amount: chance.between(1, 2_000) },
            { id: campaignId },
          ),
      ],
      [1, () => this.#send(`pause ${campaignId}`, ({ campaigns }, asked) => campaigns.pause(asked), { reason: '' }, { id: campaignId })],
      [2, () => this.#send(`resume ${campaignId}`, ({ campaigns }, asked) => campaigns.resume(asked), {}, { id: campaignId })],
      [0.2, () => this.#send(`end ${campaignId}`, ({ campaigns }, asked) => campaigns.end(asked), { reason: '' }, { id: campaignId })],
      [5, () => this.#send(`payout of ${creatorId}`, ({ payouts }, asked) => payouts.request(asked), { payoutId: `p${chance.below(12)}`, creatorId, currency: 'USD', amount: chance.between(1, 600) }, {})], // prettier-ignore
      [5, () => this.#payout('approve', ({ payouts }, asked) => payouts.approve(asked), {})],
      [4, () => this.#payout('paid', ({ payouts }, asked) => payouts.paid(asked), { externalReference: `tr-${chance.below(1000)}` })],
      [1, () => this.#payout('failed', ({ payouts }, asked) => payouts.failed(asked), { reason: 'no account' })],
      [1, () => this.#payout('reject', ({ payouts }, asked) => payouts.reject(asked), { reason: 'no' })],
    ];
    let left = chance.next() * things.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, happen] of things) if ((left -= weight) < 0) return happen();
  }

  #payout(step: string, route: Request['route'], body: Record<string, unknown>): void {
    const id = `p${this.chance.below(12)}`;
    this.#send(`${step} ${id}`, route, body, { id });
  }

  /** A person asks until there is an answer; the process that answers may be another one by then. */
  #send(name: string, route: Request['route'], body: Record<string, unknown>, params: Record<string, string>): void {
    const key = `${this.#sent++} ${name}`;
    const request: Request = { name, route, key, asked: { caller: { role: 'admin', subject: 'root' }, body, query: {}, params } };
    const person = new Life(`person, ${name}`);
    this.loop.begin(person, async () => {
      let answer: boolean | null = null;
      for (let tries = 0; tries < 30 && answer === null; tries++) {
        if (this.#earnings.life.crashed) this.#restart();
        answer = await this.#ask(person, this.#earnings, request, tries > 0);
      }
      // A payment that is there already is accepted without an event.
      if (answer === true && !name.startsWith('paid')) this.acknowledged.set(derivedId('simulated', key), name);
      person.crashed = true;
    });
  }

  /** A process that dies gives no answer; the person notices, as its connection ends. */
  #ask(person: Life, earnings: Earnings, request: Request, again: boolean): Promise<boolean | null> {
    const dead = async () => {
      while (!earnings.life.crashed) await this.loop.call(person, 'wait', () => Promise.resolve(), null);
      return null;
    };
    return Promise.race([send(earnings, request, again), dead()]);
  }

  #settle(): void {
    const earnings = this.#earnings;
    if (earnings.settling || earnings.life.crashed) return;
    this.loop.begin(earnings.life, () => earnings.settle());
  }

  #append(stream: string, event: NewEvent, appended: () => void = () => {}): void {
    this.#work.push([stream, event]);
    const life = new Life('scraper');
    this.loop.begin(life, async () => {
      const store = storeOf(this.log, life, this.loop);
      for (let tries = 0; tries < 20; tries++) {
        try {
          await store.append(stream, [event], 'any');
          return appended();
        } catch {
          // The same outcome is appended again: its id follows from the request.
        }
      }
    });
  }

  #context = () => ({ time: this.#time.now(), correlationId: 'simulated', causationId: 'simulated' });

  #request({ clipId, platform, campaignId }: SimulatedClip): void {
    const requestId = derivedId('request', this.#sent++);
    const data = {
      requestId,
      runId: `manual-${requestId}`,
      clipId,
      platform,
      url: 'https://example.com/',
      score: 1,
      campaignIds: [campaignId],
    };
    const event = newEvent('ClipTrackingRequested', requestId, data, this.#context()) as NewEvent;
    // A scraper learns of it from the log.
    this.#append(streams.trackingRun(data.runId), event, () => this.#open.push({ requestId, clipId, platform }));
  }

  /** A scraper's outcome: sometimes twice, late, or none of a count; counts grow, stand still or fall. */
  #answer(): void {
    const { chance } = this;
    if (this.#open.length === 0) return;
    const [{ requestId, clipId, platform }] = this.#open.splice(chance.below(this.#open.length), 1) as [OpenRequest];
    const clip = this.#clips.find((one) => one.clipId === clipId)!;
    clip.views = Math.max(0, clip.views + chance.of([0, 10, 700, 4_000, -200]));
    const of = { clipId, platform, requestId, runId: `manual-${requestId}`, source: 'simulated', costMicroUsd: 0 };
    const observedAt = new Date(this.#time.now().getTime() - chance.of([0, 0, 0, 15 * MINUTE_MS])).toISOString();
    const event = chance.happens(0.1)
      ? newEvent('ScrapeFailed', outcomeId(requestId), { ...of, reason: 'blocked', retryable: true, attempts: 3 }, this.#context())
      : newEvent(
          'ViewsRecorded',
          outcomeId(requestId),
          { ...of, views: clip.views, metric: 'views', observedAt, cached: false },
          this.#context(),
        );
    for (let times = chance.happens(0.2) ? 2 : 1; times > 0; times--) this.#append(streams.clip(clipId), event);
  }

  /** Also those whose scraper has died. */
  async #answerAll(): Promise<void> {
    const events = await Array.fromAsync(this.log.readAll(0));
    const answered = new Set(
      events.flatMap(({ type, data }) => (type === 'ViewsRecorded' || type === 'ScrapeFailed' ? [data.requestId] : [])),
    );
    this.#open = events.flatMap(({ type, data }) => (type === 'ClipTrackingRequested' && !answered.has(data.requestId) ? [data] : []));
    while (this.#open.length > 0) this.#answer();
  }

  /** What is under way ends, and the projections and the settler go on until nothing changes any more. */
  async #quiet(): Promise<void> {
    for (let head = -1; head !== (await this.log.head());) {
      head = await this.log.head();
      for (const follower of this.#followers) follower.apply();
      await this.loop.drain();
      this.#settle();
      await this.loop.drain();
    }
    for (const follower of this.#followers) follower.apply();
    await this.loop.drain();
  }

  async #end(): Promise<void> {
    this.loop.faulty = false;
    if (this.#earnings.life.crashed) this.#restart();
    const given = this.#work.slice();
    for (const [stream, event] of given) this.#append(stream, event);
    await this.loop.drain();
    await this.#answerAll();
    await this.#quiet();
    // The last money has waited long enough.
    this.#time.advance(60 * MINUTE_MS);
    await this.#quiet();
  }
}
