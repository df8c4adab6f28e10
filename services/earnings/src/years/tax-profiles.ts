import type { Clock } from '@cliptally/contracts';
import type { TaxProfile, TaxProfileAnswer } from '@cliptally/contracts/api';
import { inTransaction } from '@cliptally/messaging';
import type { ClientBase, Pool } from 'pg';

const SCHEMA = 'earnings_people';
/** Beside the log and no projection: what a person tells of itself must be able to go. */
const TABLES = `
create schema if not exists ${SCHEMA};
create table if not exists tax_profiles (
  creator_id text primary key,
  profile    jsonb not null,
  changed_at timestamptz not null
)`;

/** What creators tell of themselves for the tax office. */
export class TaxProfiles {
  readonly #pool: Pool;
  readonly #clock: Clock;

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async prepare(): Promise<void> {
    await this.#in(async (db) => {
      // Two processes may start at once; "if not exists" alone fails then.
      await db.query(`select pg_advisory_xact_lock(hashtext('${SCHEMA}'), 1)`);
      await db.query(TABLES);
    });
  }

  #in<T>(work: (db: ClientBase) => Promise<T>): Promise<T> {
    return inTransaction(this.#pool, SCHEMA, work);
  }

  async of(creatorId: string): Promise<TaxProfileAnswer> {
    return (
      (await this.ofMany([creatorId])).get(creatorId) ?? {
        creatorId,
        profile: null,
        changedAt: null,
      }
    );
  }

  async ofMany(creatorIds: readonly string[]): Promise<Map<string, TaxProfileAnswer>> {
    const { rows } = await this.#in((db) =>
      db.query<{ creator_id: string; profile: TaxProfile; changed_at: Date }>(
        'select creator_id, profile, changed_at from tax_profiles where creator_id = any($1)',
        [creatorIds],
      ),
    );
    return new Map(
      rows.map(({ creator_id: creatorId, profile, changed_at: at }) => [
        creatorId,
        { creatorId, profile, changedAt: at.toISOString() },
      ]),
    );
  }

  /** Gives when it was changed. */
  async put(creatorId: string, profile: TaxProfile): Promise<string> {
    const at = this.#clock.now();
    await this.#in((db) =>
      db.query(
        `insert into tax_profiles (creator_id, profile, changed_at) values ($1, $2, $3)
         on conflict (creator_id) do update set profile = excluded.profile, changed_at = excluded.changed_at`,
        [creatorId, JSON.stringify(profile), at],
      ),
    );
    return at.toISOString();
  }

  async erase(creatorId: string): Promise<void> {
    await this.#in((db) => db.query('delete from tax_profiles where creator_id = $1', [creatorId]));
  }
}
