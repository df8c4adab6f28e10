import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@cliptally/contracts/api';
import { API_CONTROLLERS } from './application.js';
import type { Unresolved } from '../short-links/index.js';
import { freshUrl, startApiWorld, type ApiAnswer } from '../testing/api-world.js';
import { REACH, type Reach } from './docs/reach.js';
import { routesOf } from './routes.js';

describe('who may do what', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  /** A campaign, a clip and a payout that belong to the brand and the creator "owner". */
  let ids: Record<string, string>;
  beforeAll(async () => {
    const busy: Unresolved = {
      kind: 'unresolved',
      reason: 'busy',
      message: 'Its site is busy.',
      retryable: true,
    };
    world = await startApiWorld({ follow: async () => busy });
    const campaignId = (
      await world.post(
        '/campaigns',
        world.terms({ brandId: 'owner', validationDays: 0, publicCatalogue: true }),
      )
    ).body.campaignId;
    const { clipId } = (
      await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'owner' })
    ).body;
    await world.post(`/clips/${clipId}/approve`);
    world.clock.advance(1_000);
    await world.see(clipId, 100_000);
    const { payoutId } = (
      await world.post('/payouts', { creatorId: 'owner', currency: 'USD', amount: 5 })
    ).body;
    const { requestId } = (await world.post(`/clips/${clipId}/track`)).body;
    await world.fail(clipId, requestId);
    const { linkId } = (
      await world.post('/clips', {
        url: 'https://vm.tiktok.com/ZM1',
        campaignId,
        creatorId: 'owner',
      })
    ).body;
    const { endpointId } = (
      await world.post('/webhook-endpoints', { url: 'https://hooks.example/', brandId: 'owner' })
    ).body;
    const { accountId } = (
      await world.post('/creators/owner/accounts', { platform: 'youtube', handle: '@owner' })
    ).body;
    ids = {
      accounts: accountId,
      catalogue: campaignId,
      'webhook-endpoints': endpointId,
      'short-links': linkId,
      campaigns: campaignId,
      clips: clipId,
      creators: 'owner',
      brands: 'owner',
      payouts: payoutId,
      'failed-scrapes': requestId,
    };
  });
  afterAll(() => world.close());

  /** What somebody sends who means the owner's things. */
  const bodyOf = (route: string): object =>
    ({
      'POST /campaigns': world.terms({ brandId: 'owner' }),
      'POST /campaigns/preview': world.terms({ brandId: 'owner' }),
      'POST /clips/preview': { url: freshUrl(), creatorId: 'owner' },
      'POST /campaigns/:id/top-up': { amount: 1 },
      'POST /clips': { url: freshUrl(), campaignId: ids['campaigns'], creatorId: 'owner' },
      'POST /clips/batch': {
        clips: [{ url: freshUrl(), campaignId: ids['campaigns'], creatorId: 'owner' }],
      },
      'POST /creators/:id/accounts': { platform: 'x', handle: 'owner' },
      'POST /clips/:id/move': { to: ids['campaigns'], reason: 'why not' },
      'POST /clips/:id/appeal': { text: 'why not' },
      'POST /clips/:id/appeal/answer': { granted: false, reason: 'why not' },
      'POST /clips/reviews': {
        reviews: [{ clipId: ids['clips'], campaignId: ids['campaigns'], decision: 'approve' }],
      },
      'POST /creators/:id/payments': { currency: 'USD', amount: 1, externalReference: 'cash' },
      'POST /clips/:id/reject': { reason: 'why not' },
      'POST /clips/:id/hold': { reason: 'why not' },
      'POST /creators/:id/erase': { reason: 'requested' },
      'POST /creators/:id/payout-account': { provider: 'manual', account: 'my bank' },
      'PUT /creators/:id/tax-profile': {
        kind: 'individual',
        legalName: 'Ann',
        taxId: '1',
        taxIdCountry: 'DE',
        street: '1 Main Street',
        postalCode: '1',
        city: 'Bonn',
        country: 'DE',
      },
      'POST /clips/:id/view-field': { field: 'viewCount', reason: 'why not' },
      'POST /clips/:id/reverse': { campaignId: ids['campaigns'], amount: 1, reason: 'why not' },
      'POST /payouts': { creatorId: 'owner', currency: 'USD', amount: 1 },
      'POST /short-links/:id/resolve': { url: freshUrl() },
      'POST /short-links/:id/refuse': { reason: 'why not' },
      'POST /payouts/:id/reject': { reason: 'why not' },
      'POST /payouts/:id/paid': { externalReference: 'bank' },
      'POST /payouts/:id/failed': { reason: 'why not' },
      'POST /webhook-endpoints': { url: 'https://hooks.example/', brandId: 'owner' },
      'POST /webhook-endpoints/:id/replay': { from: '2026-01-01T00:00:00Z' },
    })[route] ?? {};

  function ask(route: string, as: [Role, string] | null, id?: string) {
    const [method, path] = route.split(' ') as [string, string];
    const address =
      path
        .replace(':id', () => id ?? ids[path.split('/')[1]!]!)
        .replace(':year', '2026')
        .replace(':position', '1')
        .replace(':line', '1-0') +
      (['GET /clips', 'GET /clips/counts', 'GET /short-links'].includes(route)
        ? `?campaignId=${ids['campaigns']}`
        : '');
    return world.send(method, address, {
      as,
      ...(method === 'POST' || method === 'PUT' ? { body: bodyOf(route) } : {}),
    });
  }

  it('the matrix has every route', () => {
    const routes = routesOf(API_CONTROLLERS).map(
      ({ method, path }) => `${method.toUpperCase()} ${path}`,
    );
    expect(routes.toSorted()).toEqual(Object.keys(REACH).toSorted());
  });

  it('the matrix has every operation of the OpenAPI document, from which clients are made', async () => {
    const { paths } = (await world.get('/openapi.json', { as: null })).body as { paths: Record<string, object> };
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const named = (route: string) => route.replaceAll(/:\w+/g, ':id');
    expect(operations.map(named).toSorted()).toEqual(Object.keys(REACH).map(named).toSorted());
  }); // prettier-ignore

  // Strangers first: what the owner does may end the campaign.
  describe.each(Object.entries(REACH))('%s', (route, reach) => {
    it('nobody without a token', async () => {
      expect(await ask(route, null)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    });

    it.each(Object.entries(reach) as [Role, Reach][])('%s: %s', async (role, mayReach) => {
      const stranger = await ask(route, [role, 'stranger']);
      if (mayReach === 'all') expect([401, 403]).not.toContain(stranger.status);
      // A list has what the caller may see, and no more; anything else is refused, or not there.
      else if (mayReach === 'own' && stranger.status === 200)
        expect(stranger.body.items ?? Object.values(stranger.body).filter(Boolean)).toEqual([]);
      else expect(mayReach === 'own' ? [403, 404] : [403]).toContain(stranger.status);
      const owner = await ask(route, [role, 'owner']);
      if (mayReach === 'no') expect(owner.status).toBe(403);
      else expect([401, 403]).not.toContain(owner.status);
    });
  });

  const own = Object.entries(REACH).flatMap(([route, reach]) =>
    (['brand', 'creator'] as const).flatMap((role) =>
      reach[role] === 'own' ? [[route, role] as const] : [],
    ),
  );
  const without = (id: string, { status, body }: ApiAnswer) =>
    JSON.stringify([status, body]).replaceAll(id, 'ID');

  it.each(own.filter(([route]) => route.includes(':id')))(
    '%s: of a %s, another’s id is answered as one that there is not',
    async (route, role) => {
      const foreign = ids[route.split('/')[1]!]!;
      const missing = foreign.replace(/.{3}$/, 'zzz');
      const answers = [foreign, missing].map(async (id) =>
        without(id, await ask(route, [role, 'stranger'], id)),
      );
      const [ofForeign, ofMissing] = await Promise.all(answers);
      expect(ofForeign).toBe(ofMissing);
      expect(ofForeign).toMatch(/^\[40[34],/);
    },
  );

  it.each([
    'GET /clips?campaignId=ID',
    'GET /clips/counts?campaignId=ID',
    'GET /short-links?campaignId=ID',
    'GET /catalogue/ID',
    'POST /clips/reviews',
  ])('%s: a campaign of another brand is answered as one that there is not', async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    const campaignId = (await world.post('/campaigns', world.terms({ brandId: 'owner' }))).body.campaignId as string; // prettier-ignore
    const answerTo = async (id: string) => {
      const reviews = [{ clipId: ids['clips'], campaignId: id, decision: 'approve' }];
      const body = method === 'POST' ? { body: { reviews } } : {};
      return without(id, await world.send(method, path.replace('ID', id), { as: ['brand', 'stranger'], ...body })); // prettier-ignore
    };
    expect(await answerTo(campaignId)).toBe(await answerTo('c-there-is-none'));
    expect(await answerTo(campaignId)).toMatch(/^\[404,/);
  });

  it('an owner finds its own things in its lists', async () => {
    const [campaigns, clips, payouts] = await Promise.all([
      ask('GET /campaigns', ['brand', 'owner']),
      ask('GET /clips', ['creator', 'owner']),
      ask('GET /payouts', ['creator', 'owner']),
    ]);
    expect(campaigns.body.items.map((c: { campaignId: string }) => c.campaignId)).toContain(
      ids['campaigns'],
    );
    expect(clips.body.items.map((c: { clipId: string }) => c.clipId)).toContain(ids['clips']);
    expect(payouts.body.items.map((p: { payoutId: string }) => p.payoutId)).toContain(
      ids['payouts'],
    );
  });
});
