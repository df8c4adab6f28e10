import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Role } from '../auth/access.js';
import { freshUrl, startApiWorld, type Sending } from '../testing/api-world.js';
import { API_CONTROLLERS } from '../service.js';
import { routesOf } from './openapi.js';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000);

describe('random and mutated requests', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let known: string[];
  beforeAll(async () => {
    world = await startApiWorld();
    const { campaignId } = (await world.post('/campaigns', world.terms())).body;
    const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' })).body;
    await world.post(`/clips/${clipId}/approve`);
    known = [campaignId, clipId, 'ann', 'none'];
  });
  afterAll(() => world.close());

  const routes = routesOf(API_CONTROLLERS);
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.constantFrom(null, -1, 2 ** 53, 1e308, '', '\u0000', '💥', [], {}, 'USD', '2026-01-01T00:00:00Z'),
  );
  const field = fc.constantFrom(
    'name',
    'currency',
    'budget',
    'ratePerThousand',
    'startsAt',
    'endsAt',
    'amount',
    'reason',
    'url',
    'campaignId',
    'creatorId',
    'externalReference',
    '__proto__',
    'constructor',
    'x',
  );
  const body = fc.oneof({ weight: 4, arbitrary: fc.dictionary(field, value) }, { weight: 1, arbitrary: fc.jsonValue() });
  const role = fc.constantFrom<Role>('admin', 'brand', 'creator');
  const id = fc.oneof(
    fc.nat(3).map((n) => () => known[n]!),
    fc.string().map((text) => () => encodeURIComponent(text)),
    fc.constantFrom('%', '%00', '..', '%2e%2e', 'a'.repeat(500), '%ff').map((text) => () => text),
  );
  const query = fc.oneof(
    fc.constant(''),
    fc
      .dictionary(fc.constantFrom('limit', 'cursor', 'status', 'campaignId', 'x'), fc.string(), { maxKeys: 3 })
      .map((q) => `?${new URLSearchParams(q)}`),
  );
  const content = fc.oneof(
    { weight: 6, arbitrary: body.map((b): Sending => ({ raw: JSON.stringify(b) })) },
    { weight: 1, arbitrary: fc.string().map((raw): Sending => ({ raw })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('{"a":', '[[[[', '"', 'null', '1', `{"name":"${'x'.repeat(120_000)}"}`, '['.repeat(20_000))
        .map((raw): Sending => ({ raw })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('text/plain', 'application/xml', 'application/json; charset=utf-7', '')
        .map((type): Sending => ({ raw: '{}', type })),
    },
  );

  it(`never give a 5xx, and change nothing when they are refused (${RUNS} of them)`, async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), id, query, role, content, async ({ method, path }, anId, aQuery, aRole, sending) => {
        const before = await world.store.head();
        const address = path.replace(':id', anId()) + aQuery;
        const answer = await world.send(method.toUpperCase(), address, { as: [aRole, 'ann'], ...(method === 'post' ? sending : {}) });
        expect(answer.status).toBeLessThan(500);
        if (answer.status < 400) return;
        refused++;
        expect(answer.body).toMatchObject({ status: answer.status, title: expect.any(String), detail: expect.any(String) });
        expect(JSON.stringify(answer.body)).not.toMatch(/\bat \S+ \(|node_modules|\/src\//);
        expect(await world.store.head()).toBe(before);
      }),
      { numRuns: RUNS },
    );
    expect(refused).toBeGreaterThan(RUNS / 2);
  }, 600_000);
});
