import type { Clock } from '@cliptally/contracts';
import type { TaxProfile, TaxProfileAnswer } from '@cliptally/contracts/api';
import { inTransaction, type Log } from '@cliptally/messaging';
import type { ClientBase, Pool } from 'pg';
import { Refused } from '../commands/refused.js';
import type { TaxKeys } from './tax-keys.js';
import { NotOpened, open, seal, type Sealed } from './tax-seal.js';

const SCHEMA = 'earnings_people';
/**
 * Beside the log and no projection: what a person tells of itself must be able to go. Rows of
 * before profiles were sealed have them in `profile`.
 */
const TABLES = `
create schema if not exists ${SCHEMA};
create table if not exists tax_profiles (
  creator_id text primary key,
  profile    jsonb,
  changed_at timestamptz not null
);
alter table tax_profiles alter column profile drop not null;
alter table tax_profiles add column if not exists key_id text;
alter table tax_profiles add column if not exists sealed bytea;
-- What is bound to an instant cannot be bound to what a clock in microseconds has more.
update tax_profiles set changed_at = date_trunc('milliseconds', changed_at)
where sealed is null and changed_at <> date_trunc('milliseconds', changed_at)`;
/** How many rows one transaction seals anew. */
const AT_ONCE = 200;

interface Row {
  creator_id: string;
  profile: TaxProfile | null;
  key_id: string | null;
  sealed: Buffer | null;
  changed_at: Date;
}

/** A profile, or why it cannot be opened. */
export type Known = TaxProfileAnswer & { fault: string | null };

/** What creators tell of themselves for the tax office, sealed with keys of the operator. */
export class TaxProfiles {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #keys: TaxKeys | null;
  readonly #log: Log;

  constructor(pool: Pool, clock: Clock, keys: TaxKeys | null, log: Log) {
    this.#pool = pool;
    this.#clock = clock;
    this.#keys = keys;
    this.#log = log;
  }

  async prepare(): Promise<void> {
    await this.#in(async (db) => {
      // Two processes may start at once; "if not exists" alone fails then.
      await db.query(`select pg_advisory_xact_lock(hashtext('${SCHEMA}'), 1)`);
      await db.query(TABLES);
    });
    await this.resealAll();
  }

  /**
   * Seals anew what is not sealed with the current key: of before a rotation, and what a process of
   * an older version has written.
   */
  async resealAll(): Promise<void> {
    if (!this.#keys) return;
    let [resealed, after] = [0, ''];
    const unopened: string[] = [];
    for (let more = true; more;) {
      const rows = await this.#in((db) => this.#resealSome(db, after));
      more = rows.length === AT_ONCE;
      after = rows.at(-1)?.creatorId ?? after;
      resealed += rows.filter(({ done }) => done).length;
      unopened.push(...rows.flatMap(({ done, creatorId }) => (done ? [] : [creatorId])));
    }
    const { current } = this.#keys;
    if (resealed > 0) this.#log.info({ resealed, key: current }, 'tax profiles were sealed anew');
    if (unopened.length > 0)
      this.#log.error(
        { count: unopened.length, creators: unopened.slice(0, 20) },
        'tax profiles cannot be opened: their keys are not in TAX_PROFILE_KEYS, or their rows were changed',
      );
  }

  #in<T>(work: (db: ClientBase) => Promise<T>): Promise<T> {
    return inTransaction(this.#pool, SCHEMA, work);
  }

  async #resealSome(
    db: ClientBase,
    after: string,
  ): Promise<{ creatorId: string; done: boolean }[]> {
    const { rows } = await db.query<Row>(
      `select * from tax_profiles where (key_id is distinct from $1 or profile is not null) and creator_id > $2
       order by creator_id limit ${AT_ONCE} for update`,
      [this.#keys!.current, after],
    );
    const done: { creatorId: string; done: boolean }[] = [];
    for (const row of rows) {
      const profile = row.profile ?? this.#opened(row).profile;
      if (profile) await this.#write(db, row.creator_id, profile, row.changed_at);
      done.push({ creatorId: row.creator_id, done: profile !== null });
    }
    return done;
  }

  /** Throws Refused if the profile cannot be opened. */
  async of(creatorId: string): Promise<TaxProfileAnswer> {
    const known = (await this.ofMany([creatorId])).get(creatorId);
    if (!known) return { creatorId, profile: null, changedAt: null };
    const { fault, ...answer } = known;
    if (fault === null) return answer;
    throw new Refused(
      'profile_sealed',
      `The tax profile of "${creatorId}" cannot be opened: ${fault}.`,
    );
  }

  /** Those of these creators; one that cannot be opened says why, and the others are there. */
  async ofMany(creatorIds: readonly string[]): Promise<Map<string, Known>> {
    const { rows } = await this.#in((db) =>
      db.query<Row>('select * from tax_profiles where creator_id = any($1)', [creatorIds]),
    );
    return new Map(rows.map((row) => [row.creator_id, this.#opened(row)]));
  }

  #opened({ creator_id: creatorId, profile, key_id: keyId, sealed, changed_at: at }: Row): Known {
    const changedAt = at.toISOString();
    try {
      // Anybody who can write to the table could have put it there.
      if (profile || !sealed || keyId === null)
        throw new NotOpened('it is not sealed yet, which is done within an hour');
      const text = open({ keyId, sealed }, { creatorId, changedAt: at }, this.#keys);
      return { creatorId, profile: JSON.parse(text) as TaxProfile, changedAt, fault: null };
    } catch (error) {
      if (!(error instanceof NotOpened)) throw error;
      return { creatorId, profile: null, changedAt, fault: error.message };
    }
  }

  /** Gives when it was changed. Throws Refused if there is no key to seal it with. */
  async put(creatorId: string, profile: TaxProfile): Promise<string> {
    if (!this.#keys)
      throw new Refused(
        'profile_sealed',
        'No tax profile can be kept here, because there is no key to seal it with: the operator sets TAX_PROFILE_KEYS.',
      );
    const at = this.#clock.now();
    await this.#in((db) => this.#write(db, creatorId, profile, at));
    return at.toISOString();
  }

  async #write(db: ClientBase, creatorId: string, profile: TaxProfile, at: Date): Promise<void> {
    const made: Sealed = seal(JSON.stringify(profile), { creatorId, changedAt: at }, this.#keys!);
    await db.query(
      `insert into tax_profiles (creator_id, key_id, sealed, changed_at) values ($1, $2, $3, $4)
       on conflict (creator_id) do update set profile = null, key_id = excluded.key_id,
         sealed = excluded.sealed, changed_at = excluded.changed_at`,
      [creatorId, made.keyId, made.sealed, at],
    );
  }

  async erase(creatorId: string): Promise<void> {
    await this.#in((db) => db.query('delete from tax_profiles where creator_id = $1', [creatorId]));
  }
}
