import { newEvent, streams } from '@cliptally/contracts';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { MigrationMissing, openEventStore } from '@cliptally/event-store';
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

const paused = () =>
  newEvent(
    'CampaignPaused',
    randomUUID(),
    { campaignId: 'one', reason: 'a look around', by: 'someone' },
    { time: new Date(), correlationId: randomUUID(), causationId: randomUUID() },
  );
const append = async (role: Role) => {
  const store = await openEventStore({ databaseUrl: urlOf(role), connections: 1 });
  try {
    return await store.append(streams.campaign('one'), [paused()], 'any');
  } finally {
    await store.close();
  }
};

describe('one role a service, with what it needs', () => {
  it('says which role is missing where no password is given to make it with', async () => {
    await expect(migrate(database.url, {})).rejects.toThrow(new RoleMissing('relay'));
  });

  it('can be run again, with new passwords or none, and twice at once', async () => {
    await migrate(database.url, Object.fromEntries(ROLES.map((role) => [role, 'an earlier one'])));
    await Promise.all([migrate(database.url, everyPassword), migrate(database.url, everyPassword)]);
    await migrate(database.url, {});
  });

  it('lets a service say what to do where the migration has not been made', async () => {
    await expect(openEventStore({ databaseUrl: urlOf('scraper', empty) })).rejects.toThrow(MigrationMissing);
  });

  it.each(['scheduler', 'scraper', 'earnings'] as const)('%s appends to the log', async (role) => {
    expect(await append(role)).toMatchObject({ added: 1 });
  });

  it.each(['relay', 'monitor'] as const)('%s reads the log and cannot append to it', async (role) => {
    expect(await asks(role, 'select * from events')).toBe('done');
    await expect(append(role)).rejects.toThrow(/permission denied/);
    expect(await asks(role, 'insert into events select * from events')).toMatch(/permission denied/);
  });

  it.each(ROLES)('%s cannot change the past, the tables, or the other roles', async (role) => {
    for (const sql of [
      'update events set position = position + 1',
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

  it.each(['scheduler', 'earnings', 'monitor'] as const)('%s owns the schemas it makes, and nobody else sees them', async (role) => {
    expect(await asks(role, `create schema ${role}; create table ${role}.facts (n int); drop schema ${role} cascade`)).toBe('done');
    expect(await asks(role, `create schema ${role}; create table ${role}.facts (n int)`)).toBe('done');
    for (const other of ROLES.filter((each) => each !== role)) {
      expect(await asks(other, `select * from ${role}.facts`)).toMatch(/permission denied/);
      expect(await asks(other, `drop schema ${role} cascade`)).toMatch(/must be owner/);
    }
  });

  it.each(['relay', 'scraper'] as const)('%s keeps no tables', async (role) => {
    expect(await asks(role, `create schema ${role}`)).toMatch(/permission denied/);
  });
});
