import { afterEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@cliptally/telemetry';
import { systemClock } from '@cliptally/contracts';
import { Client } from 'pg';
import { SECRET, freshUrl, startApiWorld } from '../testing/api-world.js';

/** How the API treats those who ask often, too fast, too much, or at a bad moment. */
describe('the conduct of the API', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  afterEach(() => world.close());

  it('tells who polls that nothing has changed', async () => {
    world = await startApiWorld();
    const { campaignId } = (await world.post('/campaigns', world.terms())).body;
    const { clipId } = (
      await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' })
    ).body;
    await world.post(`/clips/${clipId}/approve`);
    const paths = [
      `/campaigns/${campaignId}`,
      '/campaigns',
      `/clips/${clipId}`,
      '/creators/ann/balance',
      '/creators/ann/statement',
    ];
    const tags = new Map<string, string>();
    for (const path of paths) {
      const first = await world.get(path);
      const tag = first.headers.get('etag')!;
      expect(tag).toMatch(/^(W\/)?".+"$/);
      expect(first.headers.get('cache-control')).toBe('private, no-cache');
      const again = await world.get(path, { headers: { 'if-none-match': tag } });
      expect([path, again.status, again.body]).toEqual([path, 304, '']);
      tags.set(path, tag);
    }
    world.clock.advance(1_000);
    await world.see(clipId, 100_000);
    for (const path of paths) {
      const changed = await world.get(path, { headers: { 'if-none-match': tags.get(path)! } });
      expect([path, changed.status]).toEqual([path, 200]);
    }
  });

  it('slows down the caller that is too fast, and no other', async () => {
    world = await startApiWorld({ rate: { burst: 20, perSecond: 0.5 } });
    const greedy = await Promise.all(
      Array.from({ length: 60 }, () => world.get('/campaigns', { as: ['brand', 'greedy'] })),
    );
    const refused = greedy.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(30);
    expect(refused[0]!.body).toMatchObject({
      code: 'too_many_requests',
      title: 'Too Many Requests',
    });
    for (const { headers } of refused)
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await world.get('/campaigns', { as: ['brand', 'patient'] })).status).toBe(200);
  });

  it('answers a write that it cannot show yet with a location to read', async () => {
    world = await startApiWorld();
    // Somebody holds the projection's table: reading it goes on, writing it does not.
    const holder = new Client({ connectionString: world.database.url });
    await holder.connect();
    try {
      await holder.query('begin');
      await holder.query('lock table earnings.campaigns in share row exclusive mode');
      const kept = await world.post('/campaigns', world.terms());
      expect(kept).toMatchObject({
        status: 202,
        body: { campaignId: expect.any(String), location: expect.any(String) },
      });
      const { location } = kept.body;
      expect(kept.headers.get('location')).toBe(location);
      expect((await world.get(location)).status).toBe(404);
      await holder.query('rollback');
      await world.service.settled(AbortSignal.timeout(120_000));
      expect(await world.get(location)).toMatchObject({
        status: 200,
        body: { campaignId: kept.body.campaignId },
      });
    } finally {
      await holder.end();
    }
  });

  it('never refuses because of what its tables have not seen yet', async () => {
    world = await startApiWorld();
    const { campaignId } = (await world.post('/campaigns', world.terms())).body;
    const holder = new Client({ connectionString: world.database.url });
    await holder.connect();
    try {
      await holder.query('begin');
      await holder.query('lock table earnings.clips in share row exclusive mode');
      const kept = await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' });
      expect(kept.status).toBe(202);
      // The clip is in the log and in no table: that is no reason to say that it does not exist.
      expect(await world.post(`/clips/${kept.body.clipId}/approve`)).toMatchObject({
        status: 409,
        body: { code: 'busy' },
      });
      const approving = world.post(`/clips/${kept.body.clipId}/approve`);
      await holder.query('rollback');
      expect(await approving).toMatchObject({
        status: 200,
        body: { campaigns: [{ status: 'APPROVED' }] },
      });
    } finally {
      await holder.end();
    }
  });

  it('refuses what is too large, no JSON, or said in another way', async () => {
    world = await startApiWorld();
    const body = JSON.stringify(world.terms());
    const refusals = [
      [await world.post('/campaigns', { name: 'x'.repeat(200_000) }), 413, 'too_large'],
      [await world.send('POST', '/campaigns', { raw: body, type: 'text/plain' }), 415, 'not_json'],
      [await world.send('POST', '/campaigns', { raw: '{"name":' }), 400, 'malformed'],
      [await world.send('POST', '/campaigns', { raw: body, key: 'with space' }), 400, 'malformed'],
      [await world.send('PUT', '/campaigns', { raw: body }), 404, 'not_found'],
      [await world.send('GET', '/nowhere'), 404, 'not_found'],
    ] as const;
    for (const [answer, status, code] of refusals) {
      expect(answer).toMatchObject({ status, body: { code, status } });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    const from = { origin: 'https://elsewhere.example' };
    const { headers } = await world.get('/campaigns', { headers: from });
    // A browser sends nothing by itself, and no other page reads an answer.
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      vary: expect.stringMatching(/authorization/i),
    });
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('a defect is logged with where it happened, without the secrets of the request, and says nothing outside', async () => {
    const lines: string[] = [];
    const log = createLogger({
      service: 'earnings',
      clock: systemClock,
      destination: { write: (line: string) => void lines.push(line) },
    });
    world = await startApiWorld({ log });
    const admin = new Client({ connectionString: world.database.url });
    await admin.connect();
    await admin.query('alter table earnings.failed_scrapes rename to gone');
    await admin.end();
    const token = await world.tokenOf(['admin', 'root']);
    const { status, body } = await world.get('/failed-scrapes', {
      headers: { cookie: 'session=my-cookie' },
    });
    expect([status, body.detail]).toEqual([500, 'This is a defect of ours; it has been logged.']);
    const logged = lines.join('\n');
    expect(logged).toContain('a request failed by a defect');
    expect(logged).toContain('failed_scrapes');
    for (const secret of [token, SECRET, 'my-cookie', token.split('.')[2]!])
      expect(logged).not.toContain(secret);
  });
});
