import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Role } from '@cliptally/contracts/api';
import { freshUrl, startApiWorld, type Sending } from '../testing/api-world.js';
import { API_CONTROLLERS } from './application.js';
import { routesOf } from './routes.js';

type Json = Record<string, unknown>;
interface Mutation {
  kind: 'drop' | 'replace' | 'add' | 'double' | 'text' | 'negate';
  at: number;
  value: unknown;
}

/** Every place in a body, as the names that lead there. */
const placesOf = (value: unknown): string[][] =>
  value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([name, inner]) => [
        [name],
        ...placesOf(inner).map((rest) => [name, ...rest]),
      ])
    : [];

/** The body with one place changed. */
function mutated(body: Json, { kind, at, value }: Mutation): Json {
  const copy = structuredClone(body);
  const places = placesOf(copy);
  const place = places[at % places.length] ?? ['x'];
  const name = place.at(-1)!;
  const parent = place.slice(0, -1).reduce<Json>((inner, step) => inner[step] as Json, copy);
  const old = parent[name];
  if (kind === 'drop') delete parent[name];
  else if (kind === 'add') parent[`${name}x`] = value;
  else
    parent[name] = {
      replace: value,
      double: [old, old],
      text: JSON.stringify(old),
      negate: typeof old === 'number' ? -old : !old,
    }[kind];
  return copy;
}

/** Of each kind: half of what is asked for. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000) / 2;

describe('random and mutated requests', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let known: string[];
  let endpoint: string;
  /** What is accepted adds to what there is, as what is accepted also ends it. */
  const made: Record<'campaignId' | 'clipId' | 'payoutId', string[]> = {
    campaignId: [],
    clipId: [],
    payoutId: [],
  };
  const of = (kind: keyof typeof made, nth: number) =>
    made[kind][nth % made[kind].length] ?? 'none';
  beforeAll(async () => {
    world = await startApiWorld();
    const { campaignId } = (await world.post('/campaigns', world.terms({ validationDays: 0 })))
      .body;
    const { clipId } = (
      await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' })
    ).body;
    await world.post(`/clips/${clipId}/approve`);
    // Something to be paid out.
    world.clock.advance(1_000);
    await world.see(clipId, 100_000);
    const { endpointId } = (
      await world.post('/webhook-endpoints', { url: 'https://hooks.example/', brandId: 'ann' })
    ).body;
    known = [campaignId, clipId, 'ann', endpointId];
    endpoint = endpointId;
    made.campaignId.push(campaignId);
    made.clipId.push(clipId);
  });
  afterAll(() => world.close());

  const routes = routesOf(API_CONTROLLERS);
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.constantFrom(
      null,
      -1,
      2 ** 53,
      1e308,
      '',
      '\u0000',
      '\ud800',
      'a\udc00',
      '\\u0000',
      9.3e18,
      1e13 + 1,
      '0000-01-01T00:00:00Z',
      '💥',
      [],
      {},
      'USD',
      '2026-01-01T00:00:00Z',
    ),
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
  const body = fc.oneof(
    { weight: 4, arbitrary: fc.dictionary(field, value) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  const role = fc.constantFrom<Role>('admin', 'brand', 'creator');
  const id = fc.oneof(
    fc.nat(3).map((n) => () => known[n]!),
    fc.string().map((text) => () => encodeURIComponent(text)),
    fc.constantFrom('%', '%00', '..', '%2e%2e', 'a'.repeat(500), '%ff').map((text) => () => text),
  );
  const query = fc.oneof(
    fc.constant(''),
    fc
      .dictionary(fc.constantFrom('limit', 'cursor', 'status', 'campaignId', 'x'), fc.string(), {
        maxKeys: 3,
      })
      .map((q) => `?${new URLSearchParams(q)}`),
  );
  const content = fc.oneof(
    { weight: 6, arbitrary: body.map((b): Sending => ({ raw: JSON.stringify(b) })) },
    { weight: 1, arbitrary: fc.string().map((raw): Sending => ({ raw })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          '{"a":',
          '[[[[',
          '"',
          'null',
          '1',
          `{"name":"${'x'.repeat(120_000)}"}`,
          '['.repeat(20_000),
        )
        .map((raw): Sending => ({ raw })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          'text/plain',
          'text/csv',
          'application/xml',
          'application/json; charset=utf-7',
          '',
        )
        .map((type): Sending => ({ raw: '{}', type })),
    },
  );

  /** A body that the route takes, of things that there are. */
  const valid = (path: string, nth: number): Json => {
    const campaignId = of('campaignId', nth);
    const submission = { url: freshUrl(), campaignId, creatorId: 'ann' };
    const own: Record<string, Json> = {
      '/campaigns': world.terms({
        brandId: 'ann',
        exclusive: nth % 4 === 0,
        maxPayoutPerClip: 5_000,
        validationDays: 1,
      }),
      '/campaigns/:id/top-up': { amount: 100 },
      '/campaigns/preview': { ...world.terms({ brandId: 'ann' }), viewsPerDay: 1_000 },
      '/clips/preview': submission,
      '/clips': submission,
      '/clips/batch': {
        clips: [
          submission,
          { ...submission, url: freshUrl() },
          { ...submission, campaignId: of('campaignId', nth + 1) },
        ],
      },
      '/clips/:id/reject': { reason: 'why not' },
      '/clips/:id/hold': { reason: 'why not', reviewAt: '2026-03-01T00:00:00Z' },
      '/clips/:id/reverse': { amount: 'all', reason: 'why not' },
      '/creators/:id/payout-account': { provider: 'manual', account: 'a bank' },
      '/payouts': { creatorId: 'ann', currency: 'USD', amount: 100 },
      '/short-links/:id/resolve': { url: freshUrl() },
      '/short-links/:id/refuse': { reason: 'why not' },
      '/payouts/:id/reject': { reason: 'why not' },
      '/payouts/:id/paid': { externalReference: 'bank 1' },
      '/payouts/:id/failed': { reason: 'why not' },
      '/webhook-endpoints': { url: 'https://hooks.example/', types: ['clip.held'], brandId: 'ann' },
      '/webhook-endpoints/:id/replay': { from: '2026-01-01T00:00:00Z' },
    };
    return own[path] ?? {};
  };
  const kinds = ['drop', 'replace', 'add', 'double', 'text', 'negate'] as const;
  const mutations = fc.array(
    fc.record<Mutation>({ kind: fc.constantFrom(...kinds), at: fc.nat(50), value }),
    { maxLength: 2 },
  );
  const mutant = fc.record({ nth: fc.nat(1_000), mutations });
  /** What the route's id may be: something that there is. */
  const owned = (path: string, nth: number): string =>
    ({
      campaigns: of('campaignId', nth),
      clips: of('clipId', nth),
      payouts: of('payoutId', nth),
      'webhook-endpoints': endpoint,
    })[path.split('/')[1]!] ?? 'ann';

  it.each([
    ['/clips/:id/reject', 'reason'],
    ['/payouts/:id/paid', 'externalReference'],
    ['/creators/:id/payout-account', 'account'],
    ['/campaigns', 'name'],
  ])(
    'to POST %s with a character in its %s that no store keeps are refused by that name',
    async (path, field) => {
      for (const text of ['a\u0000b', '\ud800', 'a\udc00']) {
        const answer = await world.post(
          path.replace(':id', owned(path, 0)),
          { ...valid(path, 0), [field]: text },
          { as: ['admin', 'ann'] },
        );
        expect([answer.status, JSON.stringify(answer.body.errors)]).toEqual([
          400,
          expect.stringContaining(field),
        ]);
      }
    },
  );

  it(`mutated from valid ones, never give a 5xx, and change nothing when they are refused (${RUNS} of them)`, async () => {
    const seen = { refused: 0, accepted: 0 };
    const posts = routes.filter(({ method, spec }) => method === 'post' && !spec.consumes);
    const asking = fc.constantFrom<Role>('admin', 'admin', 'admin', 'brand', 'creator');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...posts),
        mutant,
        asking,
        async ({ path }, { nth, mutations }, aRole) => {
          const before = await world.store.head();
          const body = mutations.reduce(mutated, valid(path, nth));
          const answer = await world.post(path.replace(':id', owned(path, nth)), body, {
            as: [aRole, 'ann'],
          });
          expect(answer.status).toBeLessThan(500);
          if (answer.status < 400) {
            seen.accepted++;
            for (const kind of ['campaignId', 'clipId', 'payoutId'] as const)
              if (answer.status === 201 && answer.body[kind]) made[kind].push(answer.body[kind]);
            await world.service.settled(AbortSignal.timeout(120_000));
            return;
          }
          seen.refused++;
          expect(answer.body).toMatchObject({
            status: answer.status,
            title: expect.any(String),
            detail: expect.any(String),
          });
          expect(JSON.stringify(answer.body)).not.toMatch(/\bat \S+ \(|node_modules|\/src\//);
          expect(await world.store.head()).toBe(before);
        },
      ),
      { numRuns: RUNS },
    );
    // Both happen often: the mutants reach the rules, and not all of them live.
    if (process.env['FUZZ_RUNS']) process.stdout.write(`${JSON.stringify(seen)}\n`);
    expect(Math.min(seen.refused, seen.accepted)).toBeGreaterThan(RUNS / 40);
  }, 600_000);

  it(`never give a 5xx, and change nothing when they are refused (${RUNS} of them)`, async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        id,
        query,
        role,
        content,
        async ({ method, path }, anId, aQuery, aRole, sending) => {
          const before = await world.store.head();
          const address =
            path.replace(':id', anId()).replace(':position', '7').replace(':line', '7-0') + aQuery;
          const answer = await world.send(method.toUpperCase(), address, {
            as: [aRole, 'ann'],
            ...(method === 'post' ? sending : {}),
          });
          expect(answer.status).toBeLessThan(500);
          if (answer.status < 400) {
            // What follows from it must not be taken for the doing of the next one.
            if (method === 'post') await world.service.settled(AbortSignal.timeout(120_000));
            return;
          }
          refused++;
          expect(answer.body).toMatchObject({
            status: answer.status,
            title: expect.any(String),
            detail: expect.any(String),
          });
          expect(JSON.stringify(answer.body)).not.toMatch(/\bat \S+ \(|node_modules|\/src\//);
          expect(await world.store.head()).toBe(before);
        },
      ),
      { numRuns: RUNS },
    );
    expect(refused).toBeGreaterThan(RUNS / 2);
  }, 600_000);
});
