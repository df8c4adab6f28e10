import type { CreatorYearAnswer, TaxProfile } from '@cliptally/contracts/api';
import { until } from '@cliptally/dev/servers';
import { createLogger } from '@cliptally/telemetry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { freshUrl, startApiWorld } from '../testing/api-world.js';
import { keysIn } from './tax-keys.js';

/** In every text of a profile, so that a search for it finds any of them. */
const MARKER = 'Zyxwvut';
const PROFILE: TaxProfile = {
  kind: 'individual',
  legalName: `${MARKER} Name`,
  taxId: `${MARKER}-1`,
  taxIdCountry: 'US',
  street: `1 ${MARKER} Street`,
  postalCode: MARKER,
  city: `${MARKER}ville`,
  region: `${MARKER} region`,
  country: 'US',
  vatId: `VAT-${MARKER}`,
};
const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const OLD = keysIn(`old:${key(1)}`, 'test');
const ROTATED = keysIn(`new:${key(2)},old:${key(1)}`, 'test');
const path = (creatorId: string) => `/creators/${creatorId}/tax-profile`;

describe('tax profiles', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let db: Client;
  const lines: string[] = [];
  let puts = 0;
  beforeAll(async () => {
    const log = createLogger({
      service: 'test',
      clock: { now: () => new Date(), sleep: async () => {}, speed: 1 },
      level: 'debug',
      destination: { write: (line: string) => void lines.push(line) },
    });
    world = await startApiWorld({ log, taxKeys: OLD });
    db = new Client({ connectionString: world.database.url });
    await db.connect();
    const terms = { campaignId: 'c', validationDays: 0, anomalyThreshold: null };
    await world.post('/campaigns', world.terms(terms));
    for (const creatorId of ['ann', 'bob']) {
      const clip = { url: freshUrl(), campaignId: 'c', creatorId };
      const { clipId } = (await world.post('/clips', clip)).body;
      await world.post(`/clips/${clipId}/approve`);
      world.clock.advance(1_000);
      await world.see(clipId, 10_000);
      const payment = { currency: 'USD', amount: 100, externalReference: `cash ${creatorId}` };
      await world.post(`/creators/${creatorId}/payments`, payment);
    }
  });
  afterAll(async () => {
    await db.end();
    await world.close();
  });
  beforeEach(async () => {
    await world.restart(async () => {}, { taxKeys: OLD });
    await db.query('truncate earnings_people.tax_profiles');
    world.clock.advance(60_000);
    for (const [creatorId, taxId] of [['ann', `${MARKER}-ann`], ['bob', `${MARKER}-bob`]] as const) {
      const sending = { body: { ...PROFILE, taxId }, key: `${creatorId}-${++puts}` };
      const { status } = await world.send('PUT', path(creatorId), sending);
      if (status !== 200) throw new Error(`The profile of ${creatorId} is not taken: ${status}.`);
    }
  }); // prettier-ignore

  const under = (taxKeys: typeof OLD | null) => world.restart(async () => {}, { taxKeys });
  const rows = async () =>
    (
      await db.query<{ creator_id: string; key_id: string | null; profile: unknown }>(
        'select creator_id, key_id, profile from earnings_people.tax_profiles order by 1',
      )
    ).rows;
  const show = async (creatorId: string) => {
    const { status, body } = await world.get(path(creatorId));
    return status === 200 ? body.profile?.taxId : [status, body.code, body.detail];
  };
  const year = async (): Promise<CreatorYearAnswer[]> =>
    (await world.get('/exports/years/2026/creators')).body.items;
  /** Tables whose rows have this text somewhere, as PostgreSQL shows them. */
  async function tablesWith(text: string): Promise<string[]> {
    const { rows: tables } = await db.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    if (tables.length < 15) throw new Error('There are other tables.');
    const found: string[] = [];
    const hex = Buffer.from(text).toString('hex');
    for (const { name } of tables) {
      const sql = `select 1 from ${name} t where t::text ilike '%' || $1 || '%' or t::text like '%' || $2 || '%' limit 1`;
      if ((await db.query(sql, [text, hex])).rows.length > 0) found.push(name);
    }
    return found;
  }

  it('stand in no table, event, log line or refusal in the clear, and in no answer to others', async () => {
    expect(await tablesWith('youtube-')).not.toEqual([]);
    expect(await tablesWith(MARKER)).toEqual([]);
    const answers = [
      await world.get(path('ann'), { as: ['creator', 'bob'] }),
      await world.get(path('ann'), { as: ['brand', 'acme'] }),
      await world.get('/exports/years/2026/creators.csv', { as: ['creator', 'ann'] }),
      await world.get('/exports/years/2026/creators', { as: ['brand', 'acme'] }),
      await world.get('/creators/ann/statement'),
      await world.get('/events?limit=200'),
      await world.get('/metrics', { as: null }),
      // Faulty ones, which a careless fault would quote.
      await world.send('PUT', path('ann'), { body: { ...PROFILE, country: MARKER } }),
      await world.send('PUT', path('ann'), { body: { ...PROFILE, birthDate: MARKER } }),
      await world.send('PUT', path('ann'), { raw: `{"legalName": "${MARKER}"` }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 200, 200, 200, 400, 400, 400]);
    for (const { body } of answers) expect(JSON.stringify(body)).not.toContain(MARKER);
    expect(lines.join('')).not.toContain(MARKER);
    for (const secret of [key(1), key(2)]) expect(lines.join('')).not.toContain(secret);
    expect((await world.get('/exports/years/2026/creators.csv')).body).toContain(`${MARKER}-ann`);
    // The fingerprint of the request does not give away what is guessed of a tax id.
    const { rows: kept } = await db.query('select fingerprint from earnings_api.answers');
    expect(kept.length).toBeGreaterThan(0);
    const { createHash } = await import('node:crypto');
    const guess = JSON.stringify(['PUT', path('ann'), { ...PROFILE, taxId: `${MARKER}-ann` }]);
    const hash = createHash('sha256').update(guess).digest('hex');
    expect(kept.map(({ fingerprint }) => fingerprint)).not.toContain(hash);
  }); // prettier-ignore

  it('of a row that was put in another’s place do not open, and hold up nobody else', async () => {
    await db.query(`
      update earnings_people.tax_profiles a set sealed = b.sealed, key_id = b.key_id, changed_at = b.changed_at
      from earnings_people.tax_profiles b where a.creator_id = 'ann' and b.creator_id = 'bob'`);
    expect(await show('ann')).toEqual([503, 'profile_sealed', expect.stringContaining('The tax profile of "ann" cannot be opened: its row was changed or belongs to somebody else')]);
    expect(await show('bob')).toBe(`${MARKER}-bob`);
    expect(await year()).toMatchObject([
      { creatorId: 'ann', paid: 100, hasTaxProfile: true, taxProfile: null, taxProfileFault: expect.stringContaining('its row was changed') },
      { creatorId: 'bob', paid: 100, taxProfile: { taxId: `${MARKER}-bob` }, taxProfileFault: null },
    ]);
    const csv: string = (await world.get('/exports/years/2026/creators.csv')).body;
    expect(csv.split('\r\n')[1]).toContain('its row was changed');
    // Given anew, or erased, it is as it was.
    expect((await world.send('PUT', path('ann'), { body: PROFILE })).status).toBe(200);
    expect(await show('ann')).toBe(`${MARKER}-1`);
  }); // prettier-ignore

  it('of one year do not pass for those of another', async () => {
    await db.query(`update earnings_people.tax_profiles set changed_at = changed_at + interval '1 year' where creator_id = 'ann'`); // prettier-ignore
    expect(await show('ann')).toEqual([503, 'profile_sealed', expect.anything()]);
  });

  it('are sealed anew with a new key at the start, and then need the old one no more', async () => {
    expect((await rows()).map((row) => row.key_id)).toEqual(['old', 'old']);
    await under(ROTATED);
    expect((await rows()).map((row) => row.key_id)).toEqual(['new', 'new']);
    expect(lines.filter((line) => line.includes('sealed anew')).at(-1)).toContain('"resealed":2');
    await under(keysIn(`new:${key(2)}`, 'test'));
    expect(await show('ann')).toBe(`${MARKER}-ann`);
  });

  it('of an old key that was taken away too early say which it is', async () => {
    await under(keysIn(`new:${key(2)}`, 'test'));
    expect(await show('ann')).toEqual([503, 'profile_sealed', 'The tax profile of "ann" cannot be opened: it is sealed with the key "old", which TAX_PROFILE_KEYS does not have: the operator adds it behind the others.']);
    expect(lines.filter((line) => line.includes('cannot be opened')).at(-1)).toContain('"creators":["ann","bob"]');
    expect((await rows()).map((row) => row.key_id)).toEqual(['old', 'old']);
    await under(ROTATED);
    expect(await show('ann')).toBe(`${MARKER}-ann`);
  }); // prettier-ignore

  it('do not open with another key of the same id, which changes none of them', async () => {
    await under(keysIn(`old:${key(9)}`, 'test'));
    expect(await show('ann')).toEqual([503, 'profile_sealed', expect.stringContaining('the key "old" is not the one')]); // prettier-ignore
    await under(OLD);
    expect(await show('ann')).toBe(`${MARKER}-ann`);
  });

  it('are neither taken nor shown without keys; everything else goes on', async () => {
    await under(null);
    expect(await show('ann')).toEqual([503, 'profile_sealed', expect.stringContaining('TAX_PROFILE_KEYS')]);
    const put = await world.send('PUT', path('ann'), { body: PROFILE });
    expect([put.status, put.body.detail]).toEqual([503, 'No tax profile can be kept here, because there is no key to seal it with: the operator sets TAX_PROFILE_KEYS.']);
    expect((await world.get('/creators/ann/balance')).status).toBe(200);
    expect((await year()).map(({ paid }) => paid)).toEqual([100, 100]);
    expect((await world.send('DELETE', path('ann'))).status).toBe(200);
    expect(await show('ann')).toBeUndefined();
  }); // prettier-ignore

  it('of before they were sealed are sealed at the start; a row in the clear is not shown', async () => {
    const plain = (creatorId: string) =>
      db.query(
        `update earnings_people.tax_profiles set sealed = null, key_id = null, profile = $2,
           changed_at = '2026-03-01T10:00:00.123456Z' where creator_id = $1`,
        [creatorId, JSON.stringify({ ...PROFILE, taxId: `${MARKER}-plain` })],
      );
    // The sealing at the start may still be under way, and take this row too.
    let shown: unknown;
    await until('a row in the clear is asked for', async () => {
      await plain('ann');
      return Array.isArray((shown = await show('ann')));
    });
    expect(shown).toEqual([503, 'profile_sealed', expect.stringContaining('not sealed yet')]); // prettier-ignore
    await under(OLD);
    expect(await show('ann')).toBe(`${MARKER}-plain`);
    expect((await rows())[0]).toEqual({ creator_id: 'ann', key_id: 'old', profile: null });
    expect(await tablesWith(MARKER)).toEqual([]);
  });
});
