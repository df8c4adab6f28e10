import type { Clock } from '@cliptally/contracts';
import { inTransaction, type Log } from '@cliptally/messaging';
import type { ClientBase, Pool } from 'pg';
import { PeriodicTask } from '../periodic-task.js';

export interface EraserOptions {
  pool: Pool;
  /** Schema of the earnings tables. */
  schema: string;
  /** While it says no, the tables do not show who was erased. */
  ready: () => Promise<boolean>;
  clock: Clock;
  log: Log;
}

interface ErasedCreator {
  creatorId: string;
  taxProfileKept: boolean;
}

/**
 * Does what CreatorErased says: destroys the keys of the creator, of its clips and of its short
 * links, and forgets what stands beside the log. A crash, or a backup of the keys that is read
 * back, leaves work that the next run finds and ends.
 */
export class Eraser extends PeriodicTask {
  readonly #options: EraserOptions;

  constructor(options: EraserOptions) {
    const { ready, clock, log } = options;
    super({ run: () => this.erase(), ready, what: 'erasing', clock, log });
    this.#options = options;
  }

  /** Ends every erasure that is not ended. */
  async erase(): Promise<null> {
    const { log } = this.#options;
    for (const creator of await this.#in((db) => unfinished(db))) {
      await this.#in((db) => eraseOne(db, creator));
      log.info({ creatorId: creator.creatorId }, 'a creator was erased');
    }
    await this.#in((db) => db.query(LATER_KEYS));
    return null;
  }

  #in<T>(work: (db: ClientBase) => Promise<T>): Promise<T> {
    const { pool, schema } = this.#options;
    return inTransaction(pool, schema, work);
  }
}

async function unfinished(db: ClientBase): Promise<ErasedCreator[]> {
  const { rows } = await db.query<ErasedCreator>(
    `select c.creator_id as "creatorId", c.tax_profile_kept as "taxProfileKept"
     from erased_creators c left join personal.keys k on k.subject = 'creator:' || c.creator_id
     where k.erased_at is null order by c.erased_at`,
  );
  return rows;
}

/**
 * Of clips that nobody else has submitted: a scrape that was under way may have sealed one name
 * more.
 */
const LATER_KEYS = `
  delete from personal.keys where subject in (
    select 'clip:' || e.clip_id from entries e where e.creator_id in (select creator_id from erased_creators)
      and not exists (select from entries o where o.clip_id = e.clip_id
        and o.creator_id not in (select creator_id from erased_creators)))`;

const TAX_PROFILES = `delete from earnings_people.tax_profiles where creator_id = $1`;

async function eraseOne(db: ClientBase, { creatorId, taxProfileKept }: ErasedCreator) {
  const { rows } = await db.query<{ id: string }>(
    `select distinct clip_id as id from entries where creator_id = $1
     union all select link_id from short_links where creator_id = $1
     union all select payout_id from payouts where creator_id = $1
     union all select claim_id from accounts where creator_id = $1`,
    [creatorId],
  );
  const ids = rows.map(({ id }) => id);
  await db.query(
    `delete from personal.keys where subject = any(select kind || id from unnest($1::text[]) id, (values ('clip:'), ('link:')) kinds(kind))`,
    [ids],
  );
  // What a caller was answered is kept for a day: it gets no more than that it was carried out.
  const named = [creatorId].flatMap((id) => [`"${id}"`, `"${id}\\"`]);
  await db.query(
    `update earnings_api.answers set body = '{"erased": true}'
     where body is not null and exists (select from unnest($1::text[]) id where position(id in body::text) > 0)`,
    [[...named, ...ids]],
  );
  if (!taxProfileKept) await db.query(TAX_PROFILES, [creatorId]);
  // The row stays, so that the creator never gets another key.
  await db.query(
    `insert into personal.keys (key_id, subject, erased_at) values (gen_random_uuid(), $1, now())
     on conflict (subject) do update set ring_key = null, wrapped = null, erased_at = excluded.erased_at`,
    [`creator:${creatorId}`],
  );
}
