import type { Connection, Recorded } from './connection.js';
import { hasType } from './faults.js';

/**
 * Ids that are remembered over all streams, about 100 bytes each; the streams used longest ago are
 * forgotten first.
 */
const MOST_IDS = 50_000;

/** What is known of a stream: never wrong, because events stay, but possibly no longer complete. */
export interface KnownStream {
  readonly stream: string;
  /** Last revision that was seen; -1 if none was. */
  last: number;
  /** Revision of each event id. */
  readonly revisions: Map<string, number>;
}

/**
 * Which event ids are in a stream. KurrentDB has no index of ids: a stream is read once from its
 * beginning, then only what was added to it since.
 */
export class KnownStreams {
  readonly #connection: Connection;
  readonly #known = new Map<string, KnownStream>();
  #addedSinceTrim = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  of(stream: string): KnownStream {
    const known = this.#known.get(stream) ?? { stream, last: -1, revisions: new Map() };
    this.#known.delete(stream);
    this.#known.set(stream, known);
    return known;
  }

  /** Reads what was added since. */
  async refresh(known: KnownStream): Promise<void> {
    const added = this.#connection.read<Recorded>((client) =>
      client.readStream(known.stream, {
        fromRevision: BigInt(known.last + 1),
        requiresLeader: true,
      }),
    );
    try {
      for await (const { id, revision } of added) this.add(known, id, Number(revision));
    } catch (error) {
      if (!hasType(error, 'stream-not-found')) throw error;
    }
  }

  add(known: KnownStream, id: string, revision: number): void {
    known.revisions.set(id, revision);
    known.last = Math.max(known.last, revision);
    if (++this.#addedSinceTrim >= MOST_IDS / 10) this.#trim();
  }

  /** A caller that has a stream that is forgotten here may go on using it. */
  #trim(): void {
    this.#addedSinceTrim = 0;
    let ids = [...this.#known.values()].reduce((sum, { revisions }) => sum + revisions.size, 0);
    for (const [stream, { revisions }] of this.#known) {
      if (ids <= MOST_IDS) return;
      this.#known.delete(stream);
      ids -= revisions.size;
    }
  }
}
