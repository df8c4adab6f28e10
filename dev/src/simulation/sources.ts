import type { Clock, Platform } from '@cliptally/contracts';
import {
  CLOCK_TOLERANCE_MS,
  OfficialApi,
  SourceFault,
  TOO_LATE,
  acquireSlot,
  failed,
  type Collected,
  type RateLimits,
  type Scrape,
  type Slots,
  type Source,
} from '@cliptally/scraper';
import { RetryLater } from '@cliptally/messaging/nest';
import type { Chance } from './chance.js';
import type { Life, Loop } from './loop.js';

/** Prices in millionths of a US dollar. */
const [START, ROW] = [1_000, 500];
const POLL_MS = 10_000;
const SLOTS = 2;
/** How long a batch waits for a slot, as in the product. */
const PATIENCE_MS = 600_000;

/** How many more views a clip has at its next observation. */
export type Grown = () => number;

export interface Run {
  id: string;
  clips: string;
  startedAt: number;
  endsAt: number;
  costMicroUsd: number;
  collected: Pick<Collected, 'results' | 'silent'>;
}

const refusal = (fault: 'refused' | 'answer lost') =>
  new SourceFault('no answer', { code: fault === 'refused' ? 'ECONNREFUSED' : 'ECONNRESET' });

/**
 * What is outside of Cliptally when clips are scraped: the clips with their views, a billed source
 * whose runs last a while and are charged also unread, and the account's concurrency slots.
 */
export class Providers {
  readonly runs: Run[] = [];
  /** Whether rows are missing, also in a world whose machines have no faults any more. */
  failing = false;
  #slots: Slots = {};
  readonly #views = new Map<string, number>();

  constructor(
    readonly loop: Loop,
    readonly chance: Chance,
    /** The sources' own, which nobody steps. */
    readonly clock: Clock,
    /** May be set anew while the world goes on. */
    public grown: Grown,
  ) {}

  /** A row for each scrape; now and then none, or none at all. */
  #rows(scrapes: readonly Scrape[]): Pick<Collected, 'results' | 'silent'> {
    const { chance } = this;
    const silent = this.failing && chance.happens(0.1);
    const results = scrapes.map(({ request: { clipId } }) => {
      if (silent || (this.failing && chance.happens(0.05)))
        return failed('blocked', 'no row for this clip');
      const views = Math.max(0, (this.#views.get(clipId) ?? 0) + this.grown());
      this.#views.set(clipId, views);
      return { kind: 'observed' as const, figures: { views, metric: 'views' } };
    });
    return { results, silent };
  }

  /** A source whose runs are paid, as Apify's, as one life of a process sees it. */
  billed(platform: Platform, life: Life): Source {
    const { loop, chance, clock, runs } = this;
    const name = `runs-${platform}`;
    const call = loop.callsOf(life, refusal);
    // A source sees links, not requests.
    const clipsOf = (scrapes: readonly Scrape[]) =>
      scrapes.map(({ request }) => request.clipId).join();
    return {
      name,
      platform,
      metrics: ['views'],
      perMinute: 60,
      billed: true,
      expectedCostMicroUsd: (scrapes) => START + scrapes * ROW,
      maxCostMicroUsd: (scrapes) => Promise.resolve(START + scrapes * ROW),
      endsWithinMs: () => 20 * POLL_MS,
      start: (scrapes, inTime) =>
        call(`${name}: start`, () => {
          if (!inTime()) throw new SourceFault('too late', { code: TOO_LATE });
          const startedAt = clock.now().getTime();
          const endsAt = startedAt + chance.of([0, 1, 5, 15]) * POLL_MS;
          const collected = this.#rows(scrapes);
          const rows = collected.results.filter(({ kind }) => kind === 'observed').length;
          const id = `${name} ${runs.length}`;
          runs.push({ id, clips: clipsOf(scrapes), startedAt, endsAt, costMicroUsd: START + rows * ROW, collected }); // prettier-ignore
          return id;
        }),
      find(scrapes, since, until) {
        const after = since.getTime() - CLOCK_TOLERANCE_MS;
        const before = until.getTime() + CLOCK_TOLERANCE_MS;
        return call(`${name}: find`, () =>
          runs
            .filter((run) => run.startedAt >= after && run.startedAt <= before)
            .filter((run) => run.clips === clipsOf(scrapes))
            .map(({ id }) => id),
        );
      },
      async collect(id, _scrapes, signal) {
        for (;;) {
          const run = await call(`${name}: read`, () => runs.find((one) => one.id === id)!);
          if (run.endsAt <= clock.now().getTime())
            return { ...run.collected, status: 'succeeded', costMicroUsd: run.costMicroUsd };
          if (signal.aborted) throw new SourceFault('stopped', { code: 'ECONNABORTED' });
          await clock.sleep(POLL_MS, signal);
        }
      },
    };
  }

  /** A free call that is gone when it has failed. */
  official(platform: Platform, life: Life): Source {
    const call = this.loop.callsOf(life, refusal);
    const rows = (scrapes: readonly Scrape[]) =>
      call(`api-${platform}: ask`, () => this.#rows(scrapes));
    return new (class extends OfficialApi {
      readonly name = `api-${platform}`;
      readonly platform = platform;
      readonly perMinute = 60;
      override readonly metrics = ['views'];
      expectedCostMicroUsd = () => 0;
      collect = async (_: string, scrapes: readonly Scrape[]): Promise<Collected> => ({
        ...(await rows(scrapes)),
        status: 'succeeded',
        costMicroUsd: 0,
      });
    })();
  }

  /** The account's slots, which replicas keep in NATS, by a scraper's clock. */
  limits(life: Life, scraper: Clock): RateLimits {
    const { loop, clock } = this;
    const call = loop.callsOf(life, () => new Error('no answer'));
    const now = () => scraper.now().getTime();
    return {
      acquire: async (source, batchId, scrapes, signal) => {
        if (!source.billed) return;
        const end = now() + PATIENCE_MS;
        const attempt = () => {
          const wanted = {
            batchId,
            platform: source.platform,
            until: now() + source.endsWithinMs(scrapes),
          };
          const { slots, acquired } = acquireSlot(this.#slots, wanted, now(), SLOTS);
          this.#slots = slots;
          return acquired;
        };
        while (!(await call('slot', attempt))) {
          await clock.sleep(POLL_MS, signal);
          if (signal.aborted || now() > end) throw new RetryLater(1_000, 'no slot in ten minutes');
        }
      },
      release: async (batchId) => {
        const released = () =>
          call('release', () => {
            const { [batchId]: _, ...others } = this.#slots;
            this.#slots = others;
            return true;
          });
        while (!(await released().catch(() => false))) await clock.sleep(POLL_MS);
      },
      close: () => Promise.resolve(),
    };
  }

  /** Batches that have one of the account's slots. */
  get slots(): string[] {
    return Object.keys(this.#slots).filter((id) => !this.#slots[id]!.waits);
  }
}
