import type { OpenTexts } from '@cliptally/event-store';
import { inTransaction } from '@cliptally/messaging';
import type { ClientBase, Pool } from 'pg';
import { Queries } from './queries.js';

/**
 * Answers of one instant, all at one position of the log: what a decision is read from, and every
 * answer that several questions make.
 */
export class Snapshot extends Queries {
  constructor(
    db: ClientBase,
    /** Position of the log that the tables have taken over. */
    readonly position: number,
    open: OpenTexts,
  ) {
    super(db, open);
  }
}

/** Questions by themselves, and snapshots. */
export class Tables extends Queries {
  readonly #pool: Pool;
  readonly #schema: string;
  readonly #open: OpenTexts;

  /** `open` is needed if the log's personal texts are sealed. */
  constructor(pool: Pool, schema: string, open: OpenTexts = async (value) => value) {
    super(pool, open);
    this.#pool = pool;
    this.#schema = schema;
    this.#open = open;
  }

  /**
   * `work` asks the snapshot only: a question beside it would need a second connection of the pool
   * while it holds one.
   */
  snapshot<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    return inTransaction(this.#pool, this.#schema, async (db) => {
      await db.query('set transaction isolation level repeatable read, read only');
      // The first thing that is read: its lock keeps a rebuild from swapping the tables under the
      // snapshot.
      const { rows } = await db.query<{ position: number }>(
        'select position::float8 from checkpoint',
      );
      return work(new Snapshot(db, rows[0]!.position, this.#open));
    });
  }
}
