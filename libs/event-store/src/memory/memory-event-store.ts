import { upcast, type AnyEvent, type NewEvent } from '@cliptally/contracts';
import { checkExpected, serialise } from '../checks.js';
import {
  EventIdTaken,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type ReadAllOptions,
  type ReadStreamOptions,
  type StreamAppend,
  type Tail,
} from '../port.js';

/**
 * The log in memory, for unit tests: the same rules as the stores that last, and nothing survives
 * the process.
 */
export class MemoryEventStore implements EventStore {
  readonly kind = 'memory';
  readonly atomicAcrossStreams = true;
  readonly detectsForeignIds = true;
  readonly #log: AnyEvent[] = [];
  readonly #streams = new Map<string, AnyEvent[]>();
  readonly #byId = new Map<string, AnyEvent>();
  readonly #waiting = new Set<() => void>();

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<Appended> {
    return (await this.appendMany([{ stream, events, expected }]))[0]!;
  }

  async appendMany(appends: readonly StreamAppend[]): Promise<Appended[]> {
    const data = serialise(appends);
    const fresh = appends.map(({ stream, events, expected }) => {
      const added = events.filter(({ id }) => {
        const there = this.#byId.get(id);
        if (there && there.stream !== stream) throw new EventIdTaken(id, stream);
        return !there;
      });
      if (added.length > 0)
        checkExpected(stream, expected, this.#last(stream), events.length - added.length);
      return added;
    });
    let next = 0;
    const result = appends.map(({ stream, events }, i) => {
      for (const event of events) {
        const json = data[next++]!;
        if (fresh[i]!.includes(event)) this.#add(stream, event, json);
      }
      const stored = events.map(({ id }) => this.#byId.get(id)!);
      const { revision, position } = stored.reduce((last, event) =>
        event.revision > last.revision ? event : last,
      );
      return { stream, revision, position, added: fresh[i]!.length };
    });
    for (const wake of this.#waiting) wake();
    return result;
  }

  async *readStream(
    stream: string,
    { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {},
  ): AsyncIterable<AnyEvent> {
    const events = [...(this.#streams.get(stream) ?? [])];
    const chosen =
      direction === 'forwards'
        ? events.filter((e) => e.revision >= (from ?? 0))
        : events.filter((e) => e.revision <= (from ?? Infinity)).toReversed();
    for (const event of chosen.slice(0, limit)) yield upcast(structuredClone(event));
  }

  async tails(streams: readonly string[]): Promise<ReadonlyMap<string, Tail>> {
    const newest = streams.flatMap((stream) => this.#streams.get(stream)?.at(-1) ?? []);
    return new Map(
      newest.map(({ stream, revision, position }) => [stream, { revision, position }]),
    );
  }

  async *readAll(position: number, options: ReadAllOptions = {}): AsyncIterable<AnyEvent> {
    let left = options.limit ?? Infinity;
    const end = Math.min(options.upTo ?? Infinity, this.#log.length);
    for (let i = position; i < end && left > 0; i++) {
      const event = this.#log[i]!;
      if (!wanted(event, options)) continue;
      left--;
      yield options.asWritten ? structuredClone(event) : upcast(structuredClone(event));
    }
  }

  async head(): Promise<number> {
    return this.#log.length;
  }

  async *subscribe(
    position: number,
    signal: AbortSignal,
    options: ReadAllOptions = {},
  ): AsyncIterable<AnyEvent> {
    let at = position;
    while (!signal.aborted) {
      const end = this.#log.length;
      for await (const event of this.readAll(at, options)) {
        if (signal.aborted) return;
        yield event;
      }
      at = end;
      if (this.#log.length === end) await this.#change(signal);
    }
  }

  async close(): Promise<void> {}

  #last(stream: string): number {
    return (this.#streams.get(stream)?.length ?? 0) - 1;
  }

  /** Keeps the data as JSON does: -Infinity is null, and what is undefined is gone. */
  #add(stream: string, event: NewEvent, json: string): void {
    const stored = {
      ...event,
      data: JSON.parse(json) as unknown,
      stream,
      revision: this.#last(stream) + 1,
      position: this.#log.length + 1,
    } as AnyEvent;
    this.#log.push(stored);
    this.#byId.set(event.id, stored);
    const events = this.#streams.get(stream);
    if (events) events.push(stored);
    else this.#streams.set(stream, [stored]);
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

function wanted(event: AnyEvent, { types, streamPrefix }: ReadAllOptions): boolean {
  return (
    (!types || types.includes(event.type)) &&
    (!streamPrefix || event.stream.startsWith(streamPrefix))
  );
}
