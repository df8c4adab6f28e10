import { newEvent, type EventInput, type EventType, type NewEvent } from '@cliptally/contracts';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { sealCopy } from '../copy/copy.js';
import { openEventStore } from '../open-event-store.js';
import { describeEventStore } from '../testing/conformance.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { KeyNotOpened, PersonalKeys } from './keys.js';
import { asStored, openerOf, PersonalStore } from './personal-store.js';

const key = (byte: number) => Buffer.alloc(32, byte);
const RING = { current: 'b', keys: new Map([['b', key(2)], ['a', key(1)]]) }; // prettier-ignore
const OLD_RING = { current: 'a', keys: new Map([['a', key(1)]]) };

const made = <T extends EventType>(type: T, data: EventInput<T>): NewEvent =>
  newEvent(type, randomUUID(), data, {
    time: new Date('2026-02-01T00:00:00Z'),
    correlationId: 'c',
    causationId: 'c',
  });
const account = (creatorId: string, of: string) =>
  made('PayoutAccountSet', { creatorId, provider: 'manual', account: of, by: creatorId });

let database: TestDatabase;
let db: Client;
beforeAll(async () => {
  database = await testDatabase();
  db = new Client({ connectionString: database.url });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await database.drop();
});
const keysUnder = (ring: typeof RING) => PersonalKeys.open(database.url, ring);

describeEventStore('memory, its personal texts sealed', async () => {
  return new PersonalStore(new MemoryEventStore(), await keysUnder(RING));
});

describe('a log whose personal texts are sealed', () => {
  const open = async (ring = RING) =>
    (await openEventStore({ databaseUrl: database.url, personalKeys: ring })) as PersonalStore;
  const text = async () => {
    const { rows } = await db.query<{ all: string }>(
      `select coalesce(string_agg(data::text, ' '), '') || (select coalesce(string_agg(k::text, ' '), '') from personal.keys k) as all from events`,
    );
    return rows[0]!.all;
  };
  let store: PersonalStore;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  it('stores them sealed, reads them opened, and changes nothing else', async () => {
    const given = [account('ann', 'zz-needle account'), made('PayoutRejected', { payoutId: 'p', creatorId: 'ann', reason: 'zz-needle', by: 'root' })]; // prettier-ignore
    const before = structuredClone(given);
    await store.append('payout-ann', given, 'none');
    expect(given).toEqual(before);
    expect(await text()).not.toContain('zz-needle');
    const read = await Array.fromAsync(store.readAll(0));
    expect(read.map(({ data }) => data)).toEqual(given.map(({ data }) => data));
    const stored = await Array.fromAsync(store.readAll(0, { asWritten: true }));
    expect(stored[0]!.data).toMatchObject({
      creatorId: 'ann',
      provider: 'manual',
      account: expect.stringMatching(/^sealed:v1:/),
      by: 'ann',
    });
    expect(await Array.fromAsync(asStored(store).readAll(0))).toEqual(stored);
    expect(await openerOf(store)(structuredClone(stored))).toEqual(read);
  });

  it('takes an append that is made again for the same, though it is sealed anew', async () => {
    const event = account('ben', 'one');
    expect((await store.append('payout-ben', [event], 'none')).added).toBe(1);
    expect((await store.append('payout-ben', [event], 'none')).added).toBe(0);
  });

  it('asks for no key of what has no personal text', async () => {
    const count = async () => (await db.query('select from personal.keys')).rowCount;
    const before = await count();
    await store.append('campaign-a', [made('CampaignPaused', { campaignId: 'a', reason: 'r', by: 'x' })], 'any'); // prettier-ignore
    expect(await count()).toBe(before);
  });

  it('gives one key to those who make the first at the same time', async () => {
    const subjects = ['creator:one', 'creator:two'];
    const found = await Promise.all(Array.from({ length: 6 }, () => store.keys.toSeal(subjects)));
    for (const keys of found) expect(keys).toEqual(found[0]);
  });

  it('cannot be read once the key is destroyed, by a reader of before, and gets no other', async () => {
    const other = await open();
    await store.append('payout-cat', [account('cat', 'zz-of-cat')], 'none');
    const read = async (of: PersonalStore) => {
      const [event] = await Array.fromAsync(of.readStream('payout-cat', { limit: 1 }));
      return (event!.data as { account: string }).account;
    };
    expect([await read(store), await read(other)]).toEqual(['zz-of-cat', 'zz-of-cat']);
    await db.query(`update personal.keys set ring_key = null, wrapped = null where subject = 'creator:cat'`); // prettier-ignore
    expect([await read(store), await read(other)]).toEqual(['[erased]', '[erased]']);
    await store.append('payout-cat', [account('cat', 'zz-later')], 0);
    expect(await text()).not.toContain('zz-later');
    await other.close();
  });

  it('can be made of a log of before, with keys of its own, and reads the same', async () => {
    const [before, after] = [await testDatabase(), await testDatabase()];
    const old = await openEventStore({ databaseUrl: before.url });
    const into = await openEventStore({ databaseUrl: after.url, personalKeys: RING });
    await old.append('payout-eve', [account('eve', 'zz-of-eve')], 'none');
    const done = { events: 1, copied: 1, from: 1, to: 1 };
    expect(await sealCopy(old, into)).toEqual(done);
    expect(await sealCopy(old, into)).toEqual({ ...done, copied: 0 });
    const stored = await Array.fromAsync(asStored(into).readAll(0));
    expect(JSON.stringify(stored)).not.toContain('zz-of-eve');
    expect(await Array.fromAsync(into.readAll(0))).toEqual(await Array.fromAsync(old.readAll(0)));
    await Promise.all([old.close(), into.close()]);
    await Promise.all([before.drop(), after.drop()]);
  });

  it('goes on under a new key of the operator, and says which key is missing', async () => {
    const old = await open(OLD_RING);
    await old.append('payout-dan', [account('dan', 'of dan')], 'none');
    await old.close();
    expect(await store.keys.rewrapAll()).toBeGreaterThan(0);
    expect(await store.keys.rewrapAll()).toBe(0);
    const only = await open({ current: 'b', keys: new Map([['b', key(2)]]) });
    const [event] = await Array.fromAsync(only.readStream('payout-dan'));
    expect(event!.data).toMatchObject({ account: 'of dan' });
    await only.close();
    const without = await open(OLD_RING);
    await expect(Array.fromAsync(without.readStream('payout-dan'))).rejects.toThrow(KeyNotOpened);
    await without.close();
  });
});
