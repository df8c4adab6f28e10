import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { derivedId, systemTimers } from '@cliptally/contracts';
import { openPool } from '@cliptally/event-store';
import { Client, type Pool } from 'pg';
import type { Role } from '@cliptally/contracts/api';
import { Idempotency } from './idempotency.js';
import { Answer, type AskedRequest } from './operation.js';
import { freshUrl, startApiWorld, type ApiAnswer } from '../testing/api-world.js';

/**
 * An answer that is lost between the append and the moment it is kept, as if the process is
 * killed there.
 */
describe('a request whose answer was lost', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let db: Client;
  beforeAll(async () => {
    world = await startApiWorld();
    db = new Client({ connectionString: world.database.url });
    await db.connect();
    // "killed": nothing more can be said of the request; "defect": its answer alone cannot be kept.
    await db.query(`
      create function lose() returns trigger language plpgsql as $$ begin
        if new.attempts = old.attempts then raise exception 'the answer is lost'; end if;
        return new;
      end $$;
      create trigger killed before update on earnings_api.answers for each row execute function lose();
      create trigger defect before update of status on earnings_api.answers for each row execute function lose();`);
    await losing('none');
  });
  afterAll(async () => {
    await db.end();
    await world.close();
  });

  async function losing(how: 'none' | 'killed' | 'defect'): Promise<void> {
    for (const trigger of ['killed', 'defect'])
      await db.query(
        `alter table earnings_api.answers ${trigger === how ? 'enable' : 'disable'} trigger ${trigger}`,
      );
  }

  let keys = 0;
  /** Sends a request whose answer is lost, and then the same again. */
  async function twice(
    path: string,
    body: object | string,
    how: 'killed' | 'defect' = 'defect',
    as: [Role, string] = ['admin', 'root'],
  ) {
    const key = `key-${++keys}`;
    const send = (): Promise<ApiAnswer> =>
      world.send('POST', path, {
        as,
        key,
        ...(typeof body === 'string' ? { raw: body, type: 'text/csv' } : { body }),
      });
    await losing(how);
    expect((await send()).status).toBe(500);
    await losing('none');
    const head = await world.store.head();
    const answer = await send();
    expect(await send()).toMatchObject({ status: answer.status, body: answer.body });
    // It was done the first time, and not again.
    expect(await world.store.head()).toBe(head);
    return answer;
  }

  async function approvedClip(campaignId: string): Promise<string> {
    const { clipId } = (
      await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' })
    ).body;
    await world.post(`/clips/${clipId}/approve`);
    return clipId;
  }

  it('is answered as it would have been, whatever it asked for', async () => {
    const launched = await twice('/campaigns', world.terms({ brandId: 'acme', validationDays: 0 }));
    expect(launched).toMatchObject({ status: 201, body: { status: 'ACTIVE', budget: 1_000_000 } });
    const { campaignId } = launched.body;
    expect(launched.headers.get('location')).toBe(`/campaigns/${campaignId}`);
    expect(await twice(`/campaigns/${campaignId}/top-up`, { amount: 5 })).toMatchObject({
      status: 200,
      body: { budget: 1_000_005 },
    });
    expect(await twice(`/campaigns/${campaignId}/pause`, {})).toMatchObject({
      status: 200,
      body: { status: 'PAUSED' },
    });
    expect(await twice(`/campaigns/${campaignId}/resume`, {})).toMatchObject({
      status: 200,
      body: { status: 'ACTIVE' },
    });

    const submitted = await twice('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' });
    expect(submitted).toMatchObject({
      status: 201,
      body: { campaigns: [{ status: 'PENDING', creatorId: 'ann' }] },
    });
    const { clipId } = submitted.body;
    expect(await twice(`/clips/${clipId}/approve`, {})).toMatchObject({
      status: 200,
      body: { campaigns: [{ status: 'APPROVED' }] },
    });
    expect(await twice(`/clips/${clipId}/hold`, { reason: 'odd' })).toMatchObject({
      status: 200,
      body: { campaigns: [{ hold: { reason: 'odd' } }] },
    });
    expect(await twice(`/clips/${clipId}/release`, {})).toMatchObject({
      status: 200,
      body: { campaigns: [{ hold: null }] },
    });
    expect(await twice(`/clips/${clipId}/track`, {})).toMatchObject({
      status: 202,
      body: { requestId: expect.any(String) },
    });
    const clips = Array.from({ length: 3 }, () => ({
      url: freshUrl(),
      campaignId,
      creatorId: 'ann',
    }));
    const batch = await twice('/clips/batch', { clips: [...clips, clips[0]!] });
    expect(batch.body.clips.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'added',
      'added',
      'added',
      'already',
    ]);

    const paid = await approvedClip(campaignId);
    world.clock.advance(1_000);
    await world.see(paid, 100_000);
    world.clock.advance(1_000);
    expect(await twice(`/clips/${paid}/reverse`, { amount: 100, reason: 'bought' })).toMatchObject({
      status: 200,
      body: { campaigns: [{ reversed: 100 }] },
    });
    expect(
      await twice('/creators/ann/payout-account', { provider: 'manual', account: 'my bank' }),
    ).toMatchObject({ status: 200 });
    const payout = await twice('/payouts', { currency: 'USD', amount: 9_000 }, 'defect', [
      'creator',
      'ann',
    ]);
    expect(payout).toMatchObject({ status: 201, body: { status: 'REQUESTED' } });
    const { payoutId } = payout.body;
    expect(await twice(`/payouts/${payoutId}/approve`, {})).toMatchObject({
      status: 200,
      body: { status: 'APPROVED' },
    });
    const list = (await world.get('/payouts/transfers.csv')).body as string;
    const [header, row] = list.trim().split(/\r?\n/);
    const columns = header!.split(',');
    const cells = row!.split(',');
    cells[columns.indexOf('reference')] = 'bank-1';
    expect(await twice('/payouts/transfers.csv', `${header}\n${cells.join(',')}\n`)).toMatchObject({
      status: 200,
      body: { paid: 1, failed: 0, unchanged: 0 },
    });
    expect(await twice(`/campaigns/${campaignId}/end`, {})).toMatchObject({
      status: 200,
      body: { status: 'ENDED' },
    });
  });

  it('is answered also if nobody could say that it was rolled back', async () => {
    const { campaignId } = (await world.post('/campaigns', world.terms())).body;
    const answer = await twice(
      '/clips',
      { url: freshUrl(), campaignId, creatorId: 'ann' },
      'killed',
    );
    expect(answer).toMatchObject({ status: 201, body: { campaigns: [{ status: 'PENDING' }] } });
  });

  it('is refused with the reason, if it was refused the first time', async () => {
    const { campaignId } = (await world.post('/campaigns', world.terms())).body;
    const url = freshUrl();
    await world.post('/clips', { url, campaignId, creatorId: 'ann' });
    expect(await twice('/clips', { url, campaignId, creatorId: 'bob' })).toMatchObject({
      status: 409,
      body: { code: 'clip_already_submitted' },
    });
  });
});

describe('keys of one caller', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let pool: Pool;
  beforeAll(async () => {
    world = await startApiWorld();
    pool = openPool(world.database.url, 'test', 2);
  });
  afterAll(async () => {
    await pool.end();
    await world.close();
  });

  it('are kept up to a bound, past which a known one is answered and a new one refused, and each caller has its own', async () => {
    const idempotency = new Idempotency(pool, world.clock, systemTimers, 2);
    let done = 0;
    const send = (subject: string, key: string) =>
      idempotency.once(
        {
          asked: { caller: { role: 'brand', subject }, commandId: derivedId(subject, key) },
          headers: { 'idempotency-key': key },
          method: 'POST',
          path: '/campaigns',
          query: {},
        } as unknown as AskedRequest,
        async () => new Answer(200, { nth: ++done }),
      );
    await send('acme', 'one');
    await send('acme', 'two');
    await expect(send('acme', 'three')).rejects.toMatchObject({
      status: 429,
      headers: { 'retry-after': '3600' },
    });
    expect(await send('acme', 'one')).toMatchObject({ status: 200, body: { nth: 1 } });
    await send('kaze', 'one');
    expect(done).toBe(3);
    // What is older than a day is forgotten, and counts no more.
    world.clock.advance(86_400_001);
    await idempotency.sweep();
    expect((await pool.query('select from earnings_api.answers')).rowCount).toBe(0);
  });
});
