import {
  EVENTS,
  EVENT_TYPES,
  newEvent,
  streams,
  subjectOf,
  type NewEvent,
} from '@cliptally/contracts';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { MigrationMissing, PostgresEventStore, openEventStore } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { ROLES, RoleMissing, migrate, type Role } from './database.js';

/** With what a password may hold and an address may not. */
const passwordOf = (role: Role) => `${role}'s p@ss/word`;
const everyPassword = Object.fromEntries(ROLES.map((role) => [role, passwordOf(role)]));

let database: TestDatabase;
let empty: TestDatabase;
beforeAll(async () => {
  [database, empty] = [await testDatabase(), await testDatabase()];
});
afterAll(async () => {
  const admin = new Client({ connectionString: database.url });
  await admin.connect();
  for (const role of ROLES) await admin.query(`drop owned by ${role} cascade; drop role ${role}`);
  await admin.end();
  await database.drop();
  await empty.drop();
});

const urlOf = (role: Role, { url } = database) => {
  const as = new URL(url);
  as.username = role;
  as.password = encodeURIComponent(passwordOf(role));
  return as.href;
};

/** What PostgreSQL answers to a role: "done", or its words of refusal. */
async function asks(role: Role, sql: string): Promise<string> {
  const client = new Client({ connectionString: urlOf(role) });
  await client.connect();
  try {
    await client.query(sql);
    return 'done';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}

const context = () => ({
  time: new Date(),
  correlationId: randomUUID(),
  causationId: randomUUID(),
});
/** An event that the role decides, and its stream. */
const OWN: Partial<Record<Role, () => [stream: string, event: NewEvent]>> = {
  scraper: () => [
    streams.clip('youtube-one'),
    newEvent(
      'ClipRestored',
      randomUUID(),
      { clipId: 'youtube-one', platform: 'youtube', reason: 'observed', by: 'scraper' },
      context(),
    ),
  ],
  scheduler: () => [
    streams.trackingRun('one'),
    newEvent(
      'ClipTrackingRequested',
      randomUUID(),
      {
        requestId: randomUUID(),
        runId: 'one',
        clipId: 'youtube-one',
        platform: 'youtube',
        url: 'https://example.com/',
        score: 1,
        campaignIds: ['one'],
      },
      context(),
    ),
  ],
};
const paused = (): [string, NewEvent] => [
  streams.campaign('one'),
  newEvent(
    'CampaignPaused',
    randomUUID(),
    { campaignId: 'one', reason: 'a check', by: 'someone' },
    context(),
  ),
];
const append = async (role: Role) => {
  const store = await openEventStore({ databaseUrl: urlOf(role), connections: 1 });
  try {
    const [stream, event] = (OWN[role] ?? paused)();
    return await store.append(stream, [event], 'any');
  } finally {
    await store.close();
  }
};

describe('one role a service, with what it needs', () => {
  it('says which role is missing if no password is given to make it with', async () => {
    await expect(migrate(database.url, {})).rejects.toThrow(new RoleMissing('relay'));
  });

  it('can be run again, with new passwords or none, and twice at once', async () => {
    await migrate(database.url, Object.fromEntries(ROLES.map((role) => [role, 'an earlier one'])));
    await Promise.all([migrate(database.url, everyPassword), migrate(database.url, everyPassword)]);
    await migrate(database.url, {});
  });

  it('lets earnings have the keys of everybody, the scraper those of clips, and nobody else any', async () => {
    const make = (subject: string) =>
      `insert into personal.keys (key_id, subject, ring_key, wrapped) values (gen_random_uuid(), '${subject}', 'a', '\\x00')`;
    // Fails for who does not see it.
    const see = (subject: string) =>
      `select 1 / count(*) from personal.keys where subject = '${subject}'`;
    expect(await asks('earnings', make('creator:ann'))).toBe('done');
    expect(await asks('scraper', make('clip:x-1'))).toBe('done');
    expect(await asks('scraper', make('creator:ben'))).toMatch(/row-level security/);
    expect(await asks('scraper', see('creator:ann'))).toBe('division by zero');
    expect(await asks('scraper', see('clip:x-1'))).toBe('done');
    expect(await asks('scraper', 'delete from personal.keys')).toMatch(/permission denied/);
    for (const role of ['relay', 'scheduler', 'monitor'] as const)
      expect(await asks(role, see('clip:x-1'))).toMatch(/permission denied/);
    expect(await asks('earnings', see('clip:x-1'))).toBe('done');
    expect(await asks('earnings', 'delete from personal.keys')).toBe('done');
  });

  it('lets a service say what to do if the migration has not been made', async () => {
    await expect(openEventStore({ databaseUrl: urlOf('scraper', empty) })).rejects.toThrow(
      MigrationMissing,
    );
  });

  it.each(['scheduler', 'scraper', 'earnings'] as const)('%s appends to the log', async (role) => {
    expect(await append(role)).toMatchObject({ added: 1 });
  });

  it.each(['relay', 'monitor'] as const)(
    '%s reads the log and cannot append to it',
    async (role) => {
      expect(await asks(role, 'select * from events')).toBe('done');
      await expect(append(role)).rejects.toThrow(/permission denied/);
      expect(await asks(role, 'insert into events select * from events')).toMatch(
        /permission denied/,
      );
    },
  );

  /**
   * Arguments of append_to_tails for one event of the stream `campaign-one`, but for what `given`
   * says.
   */
  const toTails = (given: Record<string, string> = {}) => {
    const fields: Record<string, string> = {
      streams: `array['campaign-one']`, expected: 'array[-2]', known: 'array[null::int]', seen: '0', op: 'array[1]', nth: 'array[1]', stream: `array['campaign-one']`,
      id: 'array[gen_random_uuid()]', type: `array['CampaignPaused']`, version: 'array[1::smallint]', time: 'array[now()]', correlation: `array['c']`, causation: `array['c']`,
      data: `array['{"campaignId": "one", "reason": "r", "by": "b"}'::jsonb]`, ...given,
    }; // prettier-ignore
    return `select * from append_to_tails(${Object.values(fields).join(', ')})`;
  };
  const row = (position: string, revision: string) =>
    `insert into events values (${position}, 'campaign-one', ${revision}, gen_random_uuid(), 'CampaignPaused', 1, now(), 'c', 'c', '{}')`;
  const named = (stream: string) =>
    toTails({ streams: `array[${stream}]`, stream: `array[${stream}]` });
  /**
   * In the words of the first version: two events of one op, the second of another stream, whose
   * tail nobody looks up.
   */
  const judged = (first: string, stream: string, time = 'now()') =>
    `select * from append_events(array[0, 0], array[0, 0], array[true, ${first}], array['campaign-one', ${stream}], array[-2, -2], array[gen_random_uuid(), gen_random_uuid()],
       array['CampaignPaused', 'CampaignPaused'], array[1, 1]::smallint[], array[now(), ${time}], array['c', 'c'], array['c', 'c'], array['{}', '{}'])`;

  it.each([
    ['a position near 2^63', row('9223372036854775807', '1000')],
    ['a position past those that node counts', row('9007199254740993', '1000')],
    ['a position further on', row('(select max(position) + 7 from events)', '1000')],
    ['a revision near 2^31', row('(select max(position) + 1 from events)', '2147483647')],
    ['a known tail near 2^31', toTails({ known: 'array[2147483646]' })],
    ['a known tail that the stream never had', toTails({ known: 'array[999]' })],
    ['a count within the stream near 2^31', toTails({ nth: 'array[2147483000]' })],
    ['a count below the first', toTails({ nth: 'array[-7]' })],
    [
      "another stream's tail",
      toTails({
        streams: `array['campaign-one', 'clip-youtube-a']`,
        expected: 'array[-2, -2]',
        known: 'array[null, null]::int[]',
        stream: `array['clip-youtube-a']`,
      }),
    ],
    ['a hidden tail', judged('false', `'clip-youtube-b'`)],
    ['an infinite time', toTails({ time: `array['infinity'::timestamptz]` })],
    ['an infinite time, to be judged', judged('true', `'campaign-one'`, `'-infinity'`)],
    ['a time that is no date in node', toTails({ time: `array['294276-01-01'::timestamptz]` })],
    ['a stream of no category', named(`'nonsense-1'`)],
    ['a stream that breaks a header', named(`E'campaign-a\\r\\nce-id: 1'`)],
    ['a stream with a name too long for a header', named(`'campaign-' || repeat('x', 2500)`)],
    ['a type that breaks a subject', toTails({ type: `array['Campaign Paused.>']` })],
    ['a type of no letters', toTails({ type: `array['']` })],
    ['a version below the first', toTails({ version: 'array[(-5)::smallint]' })],
    ['a cause too long for a header', toTails({ correlation: `array[repeat('ü', 5000)]` })],
    ['data that are no object', toTails({ data: `array['null'::jsonb]` })],
    [
      'a platform that breaks a subject',
      toTails({
        data: `array['{"campaignId": "one", "reason": "r", "by": "b", "platform": "> *"}'::jsonb]`,
      }),
    ],
  ])('no service stops appends, readers or the relay with %s', async (_, sql) => {
    await append('earnings');
    await asks('earnings', sql);
    const store = new PostgresEventStore({ url: database.url, connections: 1 });
    try {
      expect(await append('earnings')).toMatchObject({ added: 1 });
      const log = await Array.fromAsync(store.readAll(0, { asWritten: true }));
      expect(log.map(({ position }) => position)).toEqual(log.map((_, i) => i + 1));
      const next = new Map<string, number>();
      for (const event of log) {
        expect([event.stream, event.revision]).toEqual([event.stream, next.get(event.stream) ?? 0]);
        next.set(event.stream, event.revision + 1);
        expect(subjectOf(event)).toMatch(/^[A-Za-z-]+(\.[A-Za-z-]+)+$/);
        expect(event.stream).toMatch(/^[!-~]+$/);
        expect(event.version).toBeGreaterThan(0);
        expect(
          Buffer.byteLength(encodeURIComponent(event.correlationId) + event.stream),
        ).toBeLessThan(1_000);
      }
    } finally {
      await store.close();
    }
  });

  it('lets every type of event into the log that there is', async () => {
    const names = EVENT_TYPES.map((type) => `${EVENTS[type].category}-one`);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      for (const name of new Set(names))
        expect((await client.query(named(`'${name}'`))).rowCount).toBe(1);
    } finally {
      await client.end();
    }
  });

  it.each(ROLES)('%s cannot change the past, the tables, or the other roles', async (role) => {
    for (const sql of [
      'update events set position = position + 1',
      'insert into events select * from events',
      'delete from events',
      'truncate events',
      'alter table events disable trigger all',
      'drop table events',
      'create table public.mine (n int)',
      'delete from event_store_migrations',
      `alter role ${role === 'relay' ? 'earnings' : 'relay'} password 'stolen'`,
      'create role another',
    ])
      expect(await asks(role, sql)).toMatch(/permission denied|must be (owner|able)/);
  });

  it.each(['scheduler', 'earnings', 'monitor'] as const)(
    '%s owns the schemas it makes, and nobody else sees them',
    async (role) => {
      expect(
        await asks(
          role,
          `create schema ${role}; create table ${role}.facts (n int); drop schema ${role} cascade`,
        ),
      ).toBe('done');
      expect(await asks(role, `create schema ${role}; create table ${role}.facts (n int)`)).toBe(
        'done',
      );
      for (const other of ROLES.filter((each) => each !== role)) {
        expect(await asks(other, `select * from ${role}.facts`)).toMatch(/permission denied/);
        expect(await asks(other, `drop schema ${role} cascade`)).toMatch(/must be owner/);
      }
    },
  );

  it('shows sealed tax profiles to earnings alone', async () => {
    const make = `create schema earnings_people; create table earnings_people.tax_profiles (sealed bytea)`;
    expect(await asks('earnings', make)).toBe('done');
    for (const other of ROLES.filter((each) => each !== 'earnings'))
      for (const sql of [
        'select from earnings_people.tax_profiles',
        'update earnings_people.tax_profiles set sealed = null',
        'set role earnings',
      ])
        expect([other, await asks(other, sql)]).toEqual([
          other,
          expect.stringMatching(/permission denied/),
        ]);
  });

  it.each(['relay', 'scraper'] as const)('%s keeps no tables', async (role) => {
    expect(await asks(role, `create schema ${role}`)).toMatch(/permission denied/);
  });
});
