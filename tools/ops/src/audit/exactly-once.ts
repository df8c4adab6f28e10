import { textOf, type RawEvent } from './events.js';

/** Of things that have to be there exactly once. */
export interface Once {
  checked: number;
  /** Names of those that are missing. */
  lost: string[];
  /** Names of those that are there more than once. */
  twice: string[];
}

/** Names of things, and how often each has been found. */
export class Counted {
  readonly #found = new Map<string, number>();

  /** It has to be found. */
  due(name: string): void {
    if (!this.#found.has(name)) this.#found.set(name, 0);
  }
  found(name: string): void {
    this.#found.set(name, (this.#found.get(name) ?? 0) + 1);
  }
  /** Counts what was due; what was not is nobody's loss. */
  foundIfDue(name: string): void {
    if (this.#found.has(name)) this.found(name);
  }
  once(): Once {
    const named = (fits: (times: number) => boolean) =>
      [...this.#found].filter(([, times]) => fits(times)).map(([name]) => name);
    const [lost, twice] = [named((times) => times === 0), named((times) => times > 1)];
    return { checked: this.#found.size, lost, twice };
  }
}

/**
 * Whether each scrape request and each batch has exactly one end, and no observation is there twice
 * (invariant 3). Take the log in its order; what has begun after `upTo` may still be under way.
 */
export class ExactlyOnce {
  readonly #requests = new Counted();
  readonly #observations = new Counted();
  readonly #batches = new Counted();

  constructor(private readonly upTo = Infinity) {}

  take({ type, data, position }: RawEvent): void {
    const isDue = position <= this.upTo;
    const requestId = textOf(data, 'requestId');
    if (type === 'ClipTrackingRequested') {
      if (isDue) this.#requests.due(requestId);
    } else if (type === 'ScrapeFailed') this.#requests.foundIfDue(requestId);
    else if (type === 'ViewsRecorded') {
      this.#requests.foundIfDue(requestId);
      this.#observations.found(requestId);
    } else if (type === 'ScrapeBatchStarted') {
      if (isDue) this.#batches.due(textOf(data, 'batchId'));
    } else if (type === 'ScrapeBatchCompleted') this.#batches.foundIfDue(textOf(data, 'batchId'));
  }

  /** Scrape requests by their outcomes. */
  requests(): Once {
    return this.#requests.once();
  }
  /** None of them is due by itself: a request may have failed. */
  observations(): Once {
    return this.#observations.once();
  }
  /** What was to be spent, by what was said of it afterwards. */
  batches(): Once {
    return this.#batches.once();
  }
}
