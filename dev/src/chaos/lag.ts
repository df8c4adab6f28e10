import type { AnyEvent, Timers } from '@cliptally/contracts';
import type { LagSample } from '@cliptally/contracts/api';
import type { EventStore } from '@cliptally/event-store';

/** Positions that those who follow the log have reached, by their names. */
export type Followers = Readonly<Record<string, () => number | Promise<number>>>;
type Log = Pick<EventStore, 'head' | 'readAll' | 'subscribe'>;

const EVERY_MS = 1_000;
/** Ten minutes. */
const KEPT = 600;
const TYPES = [
  'ClipTrackingRequested',
  'ViewsRecorded',
  'ScrapeFailed',
  'ScrapeBatchStarted',
  'ScrapeBatchCompleted',
] as const;

/** How far everything is behind, measured once a second from the log itself. */
export class Lag {
  readonly #open = new Map<string, number>();
  readonly #batches = new Map<string, number>();
  /** Everything up to here has been read. */
  #position = 0;
  #samples: LagSample[] = [];
  ready = false;

  constructor(
    private readonly log: Log,
    private readonly followers: Followers,
    private readonly timers: Timers,
    private readonly now: () => number,
    private readonly onSample: () => Promise<void> = async () => {},
  ) {}

  get samples(): readonly LagSample[] {
    return this.#samples;
  }

  /** Measures until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#follow(signal), this.#measure(signal)]);
  }

  /** Scrape requests and batches up to a position without an end; null if it is not known yet. */
  openUpTo(position: number): number | null {
    if (this.#position < position) return null;
    const upTo = (open: ReadonlyMap<string, number>) =>
      open.values().reduce((sum, at) => sum + (at <= position ? 1 : 0), 0);
    return upTo(this.#open) || upTo(this.#batches);
  }

  /** Whether every follower has reached a position. */
  reached(position: number): boolean {
    const sample = this.#samples.at(-1);
    return (
      sample !== undefined &&
      Object.values(sample.behind).every((behind) => sample.head - behind >= position)
    );
  }

  async #follow(signal: AbortSignal): Promise<void> {
    // What is old is read by types; from its end on everything, to know what has been read.
    const head = await this.log.head();
    for await (const event of this.log.readAll(0, { types: TYPES })) {
      if (signal.aborted) return;
      if (event.position <= head) this.#take(event);
    }
    this.#position = head;
    this.ready = true;
    for await (const event of this.log.subscribe(head, signal)) {
      this.#take(event);
      this.#position = event.position;
    }
  }

  #take({ type, data, position }: AnyEvent): void {
    if (type === 'ClipTrackingRequested') this.#open.set(data.requestId, position);
    else if (type === 'ViewsRecorded' || type === 'ScrapeFailed') this.#open.delete(data.requestId);
    else if (type === 'ScrapeBatchStarted') this.#batches.set(data.batchId, position);
    else if (type === 'ScrapeBatchCompleted') this.#batches.delete(data.batchId);
  }

  async #measure(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await this.timers.sleep(EVERY_MS, signal)) {
      try {
        const positions = await Promise.all(
          Object.entries(this.followers).map(async ([name, at]) => [name, await at()] as const),
        );
        // After the followers': none of them is ahead of it.
        const head = await this.log.head();
        const behind = Object.fromEntries(positions.map(([name, at]) => [name, head - at]));
        const sample = { at: this.now(), waiting: this.#open.size, head, behind };
        if (this.ready) this.#samples = [...this.#samples, sample].slice(-KEPT);
        await this.onSample();
      } catch {
        // The database is away: there is no sample of this second, and the next one shows it.
      }
    }
  }
}
