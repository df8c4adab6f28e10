import { EVENTS, EVENT_TYPES, type EventType } from '@cliptally/contracts';
import { startPostgres, type RunningPostgres } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { ROLES, migrate, type Role } from './database.js';
import { APPENDS, mayRead } from './log-rights.js';

const streamOf = (type: EventType) => `${EVENTS[type].category}-one`;
/** The two functions that append, each called for one event. */
const CALLS = [
  `select from append_to_tails(array[$1], array[-2], array[null::int], 0, array[1], array[1], array[$1],
     array[gen_random_uuid()], array[$2], array[1::smallint], array[now()], array['c'], array['c'], array['{}'::jsonb])`,
  `select from append_events(array[0], array[0], array[true], array[$1], array[-2], array[gen_random_uuid()],
     array[$2], array[1]::smallint[], array[now()], array['c'], array['c'], array['{}'])`,
];

describe('the log, by role and type of event', () => {
  // Roles belong to a whole server, and other tests make the same ones.
  let database: RunningPostgres;
  const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-rights-'));
  const clients = new Map<Role, Client>();

  beforeAll(async () => {
    database = await startPostgres({ dataDir });
    await migrate(database.url, Object.fromEntries(ROLES.map((role) => [role, 'a password'])));
    for (const role of ROLES) {
      const as = new URL(database.url);
      [as.username, as.password] = [role, 'a%20password'];
      const client = new Client({ connectionString: as.href });
      await client.connect();
      clients.set(role, client);
    }
  });
  afterAll(async () => {
    for (const client of clients.values()) await client.end();
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** "done", or the words of refusal. */
  const tries = (role: Role, call: string, stream: string, type: string): Promise<string> =>
    clients
      .get(role)!
      .query(call, [stream, type])
      .then(
        () => 'done',
        (error: Error) => error.message,
      );

  it.each(ROLES)('%s appends its own types, to their streams, and nothing else', async (role) => {
    const own = APPENDS[role] ?? [];
    const refusal = (stream: string, type: string) =>
      APPENDS[role]
        ? `The role "${role}" may not append ${type} to the stream "${stream}".`
        : expect.stringMatching(/^permission denied for function append_/);
    for (const call of CALLS)
      for (const type of EVENT_TYPES) {
        const elsewhere = EVENTS[type].category === 'clip' ? 'payout-one' : 'clip-one';
        expect([type, await tries(role, call, streamOf(type), type)]).toEqual([
          type,
          own.includes(type) ? 'done' : refusal(streamOf(type), type),
        ]);
        expect([type, await tries(role, call, elsewhere, type)]).toEqual([
          type,
          refusal(elsewhere, type),
        ]);
      }
    for (const name of [
      'append_events_of_any_role',
      'append_to_tails_of_any_role',
      'refuse_unless_owner',
    ])
      for (const call of CALLS)
        expect(
          await tries(role, call.replace(/append_\w+/, name), 'payout-one', 'PayoutApproved'),
        ).toMatch(/permission denied|does not exist/);
    expect(
      await tries(role, 'insert into append_rights values (current_user, $1, $2)', 'x', 'y'),
    ).toMatch(/permission denied/);
  });

  it('every type of event is appended by a role, or by operators alone', () => {
    const appended = Object.values(APPENDS).flat();
    expect(EVENT_TYPES.filter((type) => !appended.includes(type))).toEqual([
      'EventSkipped',
      'EventSkipReviewed',
    ]);
  });

  it.each(ROLES)('%s reads what it needs of the log, and nothing else', async (role) => {
    const owner = new Client({ connectionString: database.url });
    await owner.connect();
    for (const type of EVENT_TYPES) await owner.query(CALLS[1]!, [streamOf(type), type]);
    await owner.end();
    const { rows } = await clients
      .get(role)!
      .query<{ type: EventType }>('select distinct type from events');
    expect(rows.map(({ type }) => type).toSorted()).toEqual(
      EVENT_TYPES.filter((type) => mayRead(role, type)).toSorted(),
    );
  });
});
