import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshUrl, startApiWorld, type Sending } from '../testing/api-world.js';

const HOUR_MS = 3_600_000;
let world: Awaited<ReturnType<typeof startApiWorld>>;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.close());

const launch = async (more: object = {}): Promise<string> =>
  (await world.post('/campaigns', world.terms({ brandId: 'acme', publicCatalogue: true, validationDays: 0, ...more }))).body.campaignId; // prettier-ignore
const submit = async (campaignId: string, creatorId: string): Promise<string> =>
  (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body.clipId;
async function earned(campaignId: string, creatorId: string, views: number): Promise<void> {
  const clipId = await submit(campaignId, creatorId);
  await world.post(`/clips/${clipId}/approve`);
  world.clock.advance(1_000);
  await world.see(clipId, views);
}
const as = (role: 'brand' | 'creator', subject: string): Sending => ({ as: [role, subject] });

describe('the catalogue', () => {
  it('has campaigns that are public and take clips, with what creators want to know', async () => {
    const hidden = await launch({ publicCatalogue: false });
    const ended = await launch();
    await world.post(`/campaigns/${ended}/end`, { reason: '' });
    const id = await launch({ endsAt: '2026-02-11T00:00:00Z', requireOwnedAccount: true });
    const empty = await launch({ ratePerThousand: { default: 100, youtube: 250 } });
    for (const hours of [2, 4, 12]) {
      const clipId = await submit(id, 'rev');
      world.clock.advance(hours * HOUR_MS);
      if (hours === 4) await world.post(`/clips/${clipId}/approve`);
      else await world.post(`/clips/${clipId}/reject`, { reason: 'no' });
    }
    await earned(id, 'cat', 20_000);
    const { payoutId } = (await world.post('/payouts', { creatorId: 'cat', currency: 'USD', amount: 2_000 })).body; // prettier-ignore
    await world.post(`/payouts/${payoutId}/approve`);
    world.clock.advance(6 * HOUR_MS);
    await world.post(`/payouts/${payoutId}/paid`, { externalReference: 'x' });
    const { items, next } = (await world.get('/catalogue', as('creator', 'new'))).body;
    expect([items.map(({ campaignId }: { campaignId: string }) => campaignId), next]).toEqual([[empty, id].toSorted().toReversed(), null]); // prettier-ignore
    const [entry, other] = [id, empty].map((of) => items.find((one: { campaignId: string }) => one.campaignId === of)); // prettier-ignore
    expect(entry).toMatchObject({
      remaining: 998_000, clips: 2, clipsPaid: 1, creatorsPaid: 1, medianReviewHours: 3, medianPayoutHours: 6,
    }); // prettier-ignore
    expect(entry.daysLeft).toBeCloseTo(9, 0);
    expect(entry.terms.join(' ')).toContain('an account that its creator has proved to own');
    expect(other).toMatchObject({ clips: 0, clipsPaid: 0, medianReviewHours: null, medianPayoutHours: null, daysLeft: null, ratePerThousand: { default: 100, youtube: 250 } }); // prettier-ignore
    expect((await world.get(`/catalogue/${id}`, as('creator', 'new'))).body).toEqual(entry);
    expect((await world.get(`/catalogue/${hidden}`, as('creator', 'new'))).status).toBe(404);
    expect((await world.get(`/catalogue/${hidden}`, as('brand', 'acme'))).status).toBe(200);
    const first = (await world.get('/catalogue?limit=1')).body;
    const second = (await world.get(`/catalogue?limit=1&cursor=${first.next}`)).body;
    expect([...first.items, ...second.items]).toEqual(items);
  });
});

describe('who sees a campaign', () => {
  const seen = async (id: string) => {
    const { publicCatalogue, leaderboardNames } = (await world.get(`/campaigns/${id}`)).body;
    return [publicCatalogue, leaderboardNames];
  };
  it('is for its brand to say, later than at the launch too, each by itself', async () => {
    const id = await launch({ publicCatalogue: undefined });
    const set = (body: object, sending: Sending = as('brand', 'acme')) =>
      world.post(`/campaigns/${id}/visibility`, body, sending);
    const entry = async () => (await world.get(`/catalogue/${id}`, as('creator', 'new'))).status;
    expect([await seen(id), await entry()]).toEqual([[undefined, undefined], 404]);
    expect((await set({ publicCatalogue: true })).body).toMatchObject({ publicCatalogue: true });
    expect([await seen(id), await entry()]).toEqual([[true, false], 200]);
    expect((await set({ leaderboardNames: true })).body).toMatchObject({ budget: 1_000_000 });
    expect(await seen(id)).toEqual([true, true]);
    const before = await world.store.head();
    expect((await set({ leaderboardNames: true, publicCatalogue: true })).status).toBe(200);
    expect(await world.store.head()).toBe(before);
    expect((await set({ publicCatalogue: false })).status).toBe(200);
    expect([await seen(id), await entry()]).toEqual([[false, true], 404]);
    expect((await set({}, as('brand', 'other'))).status).toBe(404);
    expect((await set({ budget: 5 })).status).toBe(400);
  });
});

describe('a leaderboard', () => {
  const of = async (id: string, query = '', sending?: Sending) =>
    (await world.get(`/campaigns/${id}/leaderboard${query}`, sending)).body;
  const ranks = (body: { items: { rank: number; creatorId: string | null; earned: number }[] }) =>
    body.items.map(({ rank, creatorId, earned }) => [rank, creatorId, earned]);

  it('ranks creators, equal ones alike, and shows names as the campaign says', async () => {
    const id = await launch({ exclusive: false });
    for (const [creator, views] of [
      ['l1', 30_000],
      ['l2', 20_000],
      ['l3', 20_000],
      ['l4', 10_000],
      ['l1', 5_000],
    ] as const)
      // prettier-ignore
      await earned(id, creator, views);
    await submit(id, 'l9');
    const all = [[1, 'l1', 3_500], [2, 'l2', 2_000], [2, 'l3', 2_000], [4, 'l4', 1_000]]; // prettier-ignore
    const board = await of(id);
    expect([ranks(board), board.creators, board.currency]).toEqual([all, 4, 'USD']);
    expect(board.items[0]).toMatchObject({ clips: 2, views: 35_000 });
    expect(ranks(await of(id, '', as('brand', 'acme')))).toEqual(all);
    expect(ranks(await of(id, '', as('creator', 'l3')))).toEqual(all.map(([rank, name, sum]) => [rank, name === 'l3' ? name : null, sum])); // prettier-ignore
    const [first, second] = [await of(id, '?limit=3&by=views'), null];
    const rest = await of(id, `?limit=3&by=views&cursor=${first.next}`);
    expect([...ranks(first), ...ranks(rest), second]).toEqual([...all, null]);
    expect((await world.get(`/campaigns/${id}/leaderboard`, as('brand', 'other'))).status).toBe(
      404,
    );
    const named = await launch({ publicCatalogue: false, leaderboardNames: true });
    await earned(named, 'l1', 10_000);
    await submit(named, 'l2');
    expect(ranks(await of(named, '', as('creator', 'l2')))).toEqual([[1, 'l1', 1_000]]);
    expect((await world.get(`/campaigns/${named}/leaderboard`, as('creator', 'l3'))).status).toBe(
      404,
    );
  });
});
