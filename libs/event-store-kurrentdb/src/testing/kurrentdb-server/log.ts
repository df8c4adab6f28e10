/**
 * Expected revisions as KurrentDB's protocol numbers them; a stream's own revisions count from 0.
 */
export const ANY = -2;
export const NO_STREAM = -1;
export const STREAM_EXISTS = -4;

export interface Proposed {
  id: string;
  type: string;
  isJson: boolean;
  data: Uint8Array;
  metadata: Uint8Array;
}

export interface Recorded extends Proposed {
  stream: string;
  revision: number;
  /** Commit and prepare position at once, as for every record that a KurrentDB of today writes. */
  position: number;
  created: Date;
}

export interface Write {
  stream: string;
  expected: number;
  events: Proposed[];
}

export class RevisionConflict extends Error {
  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`Append failed due to a revision conflict on stream '${stream}'.`);
  }
}

type Check =
  { verdict: 'write' } | { verdict: 'conflict' } | { verdict: 'repeated'; last: Recorded };

/** How many ids the server remembers for appends that name no revision. */
const REMEMBERED_IDS = 2_000;

/**
 * The log of one KurrentDB, in memory, with the habits that matter to a client: positions grow by
 * the size of what is written, system events are between those of the applications, several
 * streams are written as one, and a repeated append is recognised if the ids are where its
 * expected revision says, or, if it names none, if they are recent.
 */
export class TestLog {
  readonly records: Recorded[] = [];
  readonly #streams = new Map<string, Recorded[]>();
  readonly #recent = new Map<string, Recorded>();
  readonly #waiting = new Set<() => void>();
  #end = 1_024;
  #writes = 0;

  constructor() {
    this.#system();
  }

  stream(name: string): readonly Recorded[] {
    return this.#streams.get(name) ?? [];
  }

  /**
   * All or nothing. Throws {@link RevisionConflict}; gives each stream's last revision and the
   * position of the last event.
   */
  write(writes: Write[]): { revisions: number[]; position: number } {
    const checks = writes.map((write) => this.#check(write));
    const repeated = checks.flatMap((check) => (check.verdict === 'repeated' ? [check.last] : []));
    if (repeated.length === writes.length)
      return {
        revisions: repeated.map((r) => r.revision),
        position: Math.max(...repeated.map((r) => r.position)),
      };
    const refused = checks.findIndex((check) => check.verdict !== 'write');
    if (refused >= 0) {
      const { stream, expected } = writes[refused]!;
      throw new RevisionConflict(stream, expected, this.#last(stream));
    }
    for (const { stream, events } of writes) for (const event of events) this.#add(stream, event);
    const position = this.records.at(-1)!.position;
    if (++this.#writes % 3 === 0) this.#system();
    this.wake();
    return { revisions: writes.map(({ stream }) => this.#last(stream)), position };
  }

  /** Index of the first record at or after `position`. */
  indexOf(position: number): number {
    let [low, high] = [0, this.records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.records[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Resolves with the next write, or when somebody wakes it. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #check({ stream, expected, events }: Write): Check {
    const there = this.stream(stream);
    const last = there.length - 1;
    if (expected === ANY || expected === STREAM_EXISTS) {
      if (expected === STREAM_EXISTS && last < 0) return { verdict: 'conflict' };
      const known = events
        .map(({ id }) => this.#recent.get(id))
        .filter((r) => r?.stream === stream);
      if (known.length === 0) return { verdict: 'write' };
      return known.length === events.length
        ? { verdict: 'repeated', last: known.at(-1)! }
        : { verdict: 'conflict' };
    }
    if (expected === last) return { verdict: 'write' };
    const repeated =
      expected < last && events.every(({ id }, i) => there[expected + 1 + i]?.id === id);
    return repeated
      ? { verdict: 'repeated', last: there[expected + events.length]! }
      : { verdict: 'conflict' };
  }

  #last(stream: string): number {
    return this.stream(stream).length - 1;
  }

  #add(stream: string, event: Proposed): void {
    const record = {
      ...event,
      stream,
      revision: this.#last(stream) + 1,
      position: this.#end,
      created: new Date(),
    };
    this.#end += 64 + event.data.length + event.metadata.length;
    this.records.push(record);
    const events = this.#streams.get(stream);
    if (events) events.push(record);
    else this.#streams.set(stream, [record]);
    this.#recent.set(event.id, record);
    if (this.#recent.size > REMEMBERED_IDS) this.#recent.delete(this.#recent.keys().next().value!);
  }

  #system(): void {
    const nothing = new Uint8Array();
    this.#add('$stats-0.0.0.0:2113', {
      id: crypto.randomUUID(),
      type: '$statsCollected',
      isJson: true,
      data: nothing,
      metadata: nothing,
    });
  }
}
