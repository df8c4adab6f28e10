import { JETSTREAM_STREAM, newEvent, streams, type EventInput } from '@cliptally/contracts';
import { earningsProjection } from '@cliptally/earnings';
import { asStored, exportLog, openPool } from '@cliptally/event-store';
import { connectNats, rebuildProjection } from '@cliptally/messaging';
import { createLogger } from '@cliptally/telemetry';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client, type Pool } from 'pg';
import {
  freshUrl,
  startApiWorld,
  type Sending,
} from '../../../services/earnings/src/testing/api-world.js';
import { startReceiver } from '../../../services/earnings/src/testing/webhook-receiver.js';
import { auditEvents } from '../../../tools/ops/src/audit/index.js';
import { until } from '../servers/index.js';

/** Stands in every text that is given of or about the creator. */
const NEEDLE = `zz-needle-${randomUUID().slice(0, 8)}`;
const LEAVER = 'leaver';
const asLeaver: Sending = { as: ['creator', LEAVER] };
const asStayer: Sending = { as: ['creator', 'stayer'] };

describe('a creator who is erased', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let nats: Awaited<ReturnType<typeof connectNats>>;
  let db: Client;
  let pool: Pool;
  const lines: string[] = [];
  let clipId: string;
  let exportBefore = '';

  const ok = async (answer: Promise<{ status: number; body: unknown }>) => {
    const { status, body } = await answer;
    expect([status < 300, body]).toEqual([true, body]);
    // Tests read bodies of every kind.
    // oxlint-disable-next-line typescript/no-explicit-any
    return body as any;
  };
  /** With a key, so that the answer is kept for a day. */
  const said = (path: string, body: object, as: Sending = {}) =>
    ok(world.post(path, body, { key: randomUUID(), ...as }));
  const seen = (data: Partial<EventInput<'ClipPostSeen'>>) =>
    newEvent(
      'ClipPostSeen',
      randomUUID(),
      { clipId, platform: 'youtube', requestId: randomUUID(), codes: [], text: null, account: null, ...data },
      { time: world.clock.now(), correlationId: 't', causationId: 't' },
    ); // prettier-ignore
  const text = async (chunks: AsyncIterable<string>) => (await Array.fromAsync(chunks)).join('');
  const money = async () => ({
    balance: (await ok(world.get(`/creators/${LEAVER}/balance`))).balances,
    sums: (await ok(world.get(`/creators/${LEAVER}/statement`))).lines.map(
      ({ amount, sum, kind }: { amount: number; sum: number; kind: string }) => [kind, amount, sum],
    ),
    campaign: await ok(world.get('/campaigns/one')),
  });
  const audited = () => auditEvents(asStored(world.store).readAll(0, { asWritten: true }));
  let before: Awaited<ReturnType<typeof money>>;

  /** Tables of any schema that have the text in any column, as text or as bytes. */
  async function tablesWith(what: string): Promise<string[]> {
    const { rows } = await db.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    expect(rows.length).toBeGreaterThan(20);
    const found: string[] = [];
    const hex = Buffer.from(what).toString('hex');
    for (const { name } of rows) {
      const sql = `select from ${name} t where position($1 in t::text) > 0 or position($2 in t::text) > 0 limit 1`;
      if ((await db.query(sql, [what, hex])).rowCount === 1) found.push(name);
    }
    return found;
  }

  beforeAll(async () => {
    receiver = await startReceiver();
    const log = createLogger({
      service: 'test',
      clock: { now: () => new Date(), sleep: async () => {}, speed: 1 },
      level: 'debug',
      destination: { write: (line: string) => void lines.push(line) },
    });
    world = await startApiWorld({
      log,
      webhooks: receiver.network,
      follow: async () => ({
        kind: 'unresolved',
        reason: 'no_clip',
        message: `It leads to ${NEEDLE}.`,
        retryable: false,
        forPerson: true,
        leadsTo: `https://www.tiktok.com/@${NEEDLE}`,
      }),
    });
    nats = await connectNats(world.natsUrl, 'test');
    pool = openPool(world.database.url, 'test', 4);
    db = new Client({ connectionString: world.database.url });
    await db.connect();
    await said('/webhook-endpoints', { url: 'https://hooks.example/all' });
    for (const campaignId of ['one', 'two'])
      await said('/campaigns', world.terms({ campaignId, validationDays: 0, exclusive: false, anomalyThreshold: null })); // prettier-ignore
    const submit = async (campaignId: string, as: Sending) =>
      (await said('/clips', { url: `${freshUrl()}&from=${NEEDLE}`, campaignId }, as)).clipId as string; // prettier-ignore
    clipId = await submit('one', asLeaver);
    const refused = await submit('two', asLeaver);
    const other = await submit('one', asStayer);
    await said('/clips', { url: `https://vm.tiktok.com/${NEEDLE}`, campaignId: 'one' }, asLeaver); // prettier-ignore
    await said(`/creators/${LEAVER}/accounts`, { platform: 'youtube', handle: NEEDLE }, asLeaver); // prettier-ignore
    await world.store.append(
      streams.clip(clipId),
      [seen({ account: { handle: NEEDLE, externalId: `UC${NEEDLE}` } })],
      'any',
    );
    await said(`/clips/${refused}/reject`, { reason: `Not ${NEEDLE}` });
    await said(`/clips/${refused}/appeal`, { text: `I am ${NEEDLE}`, campaignId: 'two' }, asLeaver); // prettier-ignore
    await said(`/clips/${refused}/appeal/answer`, { granted: false, reason: `Still ${NEEDLE}`, campaignId: 'two' }); // prettier-ignore
    for (const id of [clipId, other]) await said(`/clips/${id}/approve`, {});
    world.clock.advance(1_000);
    await world.see(clipId, 100_000);
    await world.see(other, 50_000);
    await said(`/clips/${clipId}/hold`, { reason: `${NEEDLE} looks odd`, reviewAt: '2027-01-01T00:00:00Z', campaignId: 'one' }); // prettier-ignore
    await said(`/clips/${clipId}/release`, { campaignId: 'one' });
    const profile = { kind: 'individual', legalName: NEEDLE, taxId: '1', taxIdCountry: 'US', street: NEEDLE, postalCode: '1', city: 'Y', country: 'US' }; // prettier-ignore
    await ok(world.send('PUT', `/creators/${LEAVER}/tax-profile`, { body: profile }));
    await said(`/creators/${LEAVER}/payout-account`, { provider: 'manual', account: `IBAN ${NEEDLE}` }, asLeaver); // prettier-ignore
    const ask = async (amount: number) =>
      (await said('/payouts', { currency: 'USD', amount }, asLeaver)).payoutId as string;
    const [paid, rejected] = [await ask(3_000), await ask(1_000)];
    await said(`/payouts/${paid}/approve`, {});
    await said(`/payouts/${paid}/paid`, { externalReference: `SEPA ${NEEDLE}` });
    await said(`/payouts/${rejected}/reject`, { reason: `${NEEDLE} asked twice` });
    await said('/payouts', { currency: 'USD', amount: 500 }, asStayer);
    await until('webhooks to be delivered', () => receiver.received.some(({ body }) => body.includes(NEEDLE))); // prettier-ignore
    await world.service.settled(AbortSignal.timeout(120_000));
    before = await money();
    exportBefore = await text(exportLog(world.store));
  });
  afterAll(async () => {
    await nats.connection.close();
    await db.end();
    await pool.end();
    await world.close();
    receiver.close();
  });

  it('sees all that is kept about it, and nobody else does', async () => {
    const read = async (limit: number) => {
      const items: { type: string; position: number }[] = [];
      for (let cursor = ''; ;) {
        const page = await ok(world.get(`/creators/${LEAVER}/data?limit=${limit}${cursor}`, asLeaver)); // prettier-ignore
        items.push(...page.items);
        if (page.next === null) return items;
        cursor = `&cursor=${page.next}`;
      }
    };
    const all = await read(200);
    expect(await read(5)).toEqual(all);
    expect(new Set(all.map(({ position }) => position)).size).toBe(all.length);
    const types = ['ClipSubmitted', 'ClipPostSeen', 'ClipRejected', 'ClipAppealed', 'ShortLinkSubmitted', 'AccountClaimed', 'PayoutAccountSet', 'PayoutPaid', 'EarningsAccrued', 'ViewsRecorded']; // prettier-ignore
    expect(all.map(({ type }) => type)).toEqual(expect.arrayContaining(types));
    expect(JSON.stringify(all).split(NEEDLE).length).toBeGreaterThan(12);
    expect(JSON.stringify(all)).not.toContain('stayer');
    expect((await world.get(`/creators/${LEAVER}/data`, asStayer)).status).toBe(403);
  });

  it('stood in clear nowhere but in answers of the last day, not even before', async () => {
    expect(await tablesWith(NEEDLE)).toEqual(['earnings_api.answers']);
    expect(exportBefore).not.toContain(NEEDLE);
  });

  it('is not erased while money is due or a payout has no end', async () => {
    const erase = (body: object) => world.post(`/creators/${LEAVER}/erase`, { reason: 'requested', ...body }); // prettier-ignore
    expect(await erase({})).toMatchObject({ status: 409, body: { code: 'money_due' } });
    const { payoutId } = await ok(world.post('/payouts', { currency: 'USD', amount: 100 }, asLeaver)); // prettier-ignore
    expect(await erase({ forfeit: true })).toMatchObject({ status: 409, body: { code: 'payout_under_way' } }); // prettier-ignore
    await ok(world.post(`/payouts/${payoutId}/reject`, { reason: NEEDLE }));
    before = await money();
    expect(await world.post(`/creators/${LEAVER}/erase`, { reason: 'requested' }, asLeaver)).toMatchObject({ status: 403 }); // prettier-ignore
  });

  it('is erased, and a second time with the same answer', async () => {
    const body = { reason: 'requested', forfeit: true };
    const first = await ok(world.post(`/creators/${LEAVER}/erase`, body, { key: 'erase-1' }));
    expect(first).toEqual({ creatorId: LEAVER, erasedAt: expect.any(String) });
    expect(await ok(world.post(`/creators/${LEAVER}/erase`, body, { key: 'erase-1' }))).toEqual(first); // prettier-ignore
    expect(await ok(world.post(`/creators/${LEAVER}/erase`, body))).toEqual(first);
    const events = await Array.fromAsync(world.store.readAll(0, { types: ['CreatorErased'] }));
    expect(events).toHaveLength(1);
  });

  it('stands in no table, message, export and log line any more', async () => {
    expect(await tablesWith(NEEDLE)).toEqual([]);
    expect(await text(exportLog(world.store))).not.toContain(NEEDLE);
    expect(lines.join('\n')).not.toContain(NEEDLE);
    const { state } = await nats.manager.streams.info(JETSTREAM_STREAM);
    expect(state.messages).toBeGreaterThan(20);
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await nats.manager.streams.getMessage(JETSTREAM_STREAM, { seq });
      expect(Buffer.from(message?.data ?? []).toString()).not.toContain(NEEDLE);
    }
  });

  it('is read by nobody: not in answers, and not in an older copy of the log', async () => {
    const paths = [`/creators/${LEAVER}/data?limit=200`, `/creators/${LEAVER}/payout-account`, `/creators/${LEAVER}/accounts`, `/clips/${clipId}`, `/payouts?creatorId=${LEAVER}`, `/short-links?creatorId=${LEAVER}`, `/creators/${LEAVER}/statement`]; // prettier-ignore
    for (const path of paths)
      expect(JSON.stringify(await ok(world.get(path)))).not.toContain(NEEDLE);
    expect((await ok(world.get(`/creators/${LEAVER}/payout-account`))).account).toBe('[erased]');
    expect((await ok(world.get(`/creators/${LEAVER}/tax-profile`))).profile).toBeNull();
    // The texts of the other creator are there as before.
    expect(JSON.stringify(await ok(world.get('/creators/stayer/data')))).toContain(NEEDLE);
  });

  it('begins nothing any more', async () => {
    const refusals = [
      world.post('/clips', { url: freshUrl(), campaignId: 'one' }, asLeaver),
      world.post('/payouts', { currency: 'USD', amount: 100 }, asLeaver),
      world.post(`/creators/${LEAVER}/accounts`, { platform: 'x', handle: 'new' }, asLeaver),
      world.post(`/creators/${LEAVER}/payout-account`, { provider: 'manual', account: 'new' }),
    ];
    for (const refusal of refusals)
      expect(await refusal).toMatchObject({ status: 409, body: { code: 'creator_erased' } });
    const batch = await ok(world.post('/clips/batch', { clips: [{ url: freshUrl(), campaignId: 'one', creatorId: LEAVER }] })); // prettier-ignore
    expect(batch.clips[0]).toMatchObject({ outcome: 'refused', code: 'creator_erased' });
  });

  it('leaves sums, proofs and rebuilt tables as they were', async () => {
    expect(await money()).toEqual(before);
    const { findings, events } = await audited();
    expect([findings, events > 20]).toEqual([[], true]);
    const { compared, differences } = await rebuildProjection(earningsProjection, pool, asStored(world.store)); // prettier-ignore
    expect([compared, differences]).toEqual([true, {}]);
    const after = await text(exportLog(world.store));
    expect(after.startsWith(exportBefore)).toBe(true);
  });

  it('gets no key again: a scrape that was under way is sealed, and then forgotten', async () => {
    await world.store.append(streams.clip(clipId), [seen({ account: { handle: NEEDLE, externalId: null } })], 'any'); // prettier-ignore
    const keys = async () =>
      (await db.query(`select from personal.keys where subject in ($1, $2) and wrapped is not null`, [`clip:${clipId}`, `creator:${LEAVER}`])).rowCount; // prettier-ignore
    await until('its key to be destroyed', async () => (await keys()) === 0);
    expect(await tablesWith(NEEDLE)).toEqual([]);
  });

  it('is erased again after a backup of its keys was read back', async () => {
    await db.query(
      `update personal.keys set erased_at = null, ring_key = 'test', wrapped = '\\x00' where subject = $1`,
      [`creator:${LEAVER}`],
    );
    await world.restart(async () => {});
    const left = async () =>
      (await db.query(`select from personal.keys where subject = $1 and wrapped is not null`, [`creator:${LEAVER}`])).rowCount; // prettier-ignore
    await until('the key to be destroyed again', async () => (await left()) === 0);
  });
});
