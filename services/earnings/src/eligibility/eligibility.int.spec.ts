import { newEvent, streams, type EventInput, type NewEvent } from '@cliptally/contracts';
import { rebuildProjection } from '@cliptally/messaging';
import { openPool } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { earningsProjection } from '../projection/earnings-projection.js';
import { freshUrl, observation, startApiWorld } from '../testing/api-world.js';

type Seen = Pick<EventInput<'ClipPostSeen'>, 'account' | 'codes' | 'text'>;
const HOUR_MS = 3_600_000;
let world: Awaited<ReturnType<typeof startApiWorld>>;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.close());

const launch = async (more: object): Promise<string> =>
  (await world.post('/campaigns', world.terms({ brandId: 'acme', exclusive: false, ...more }))).body
    .campaignId;
async function accepted(campaignId: string, creatorId: string): Promise<string> {
  const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body;
  await world.post(`/clips/${clipId}/approve`);
  world.clock.advance(1_000);
  return clipId;
}
/** As a scraper logs it: what was seen of the post, then the count. */
async function scraped(clipId: string, views: number, seen: Partial<Seen>): Promise<void> {
  const time = world.clock.now();
  const post = { account: null, codes: [], text: null, ...seen };
  const of = { clipId, platform: 'youtube' as const, requestId: randomUUID() };
  const context = { time, correlationId: 't', causationId: 't' };
  const event = newEvent('ClipPostSeen', randomUUID(), { ...of, ...post }, context) as NewEvent;
  await world.store.append(streams.clip(clipId), [event, observation(time, clipId, views)], 'any');
  await checked();
}
const checked = async () => {
  await world.service.settled(AbortSignal.timeout(60_000));
  await world.service.checker.check();
  await world.service.settled(AbortSignal.timeout(60_000));
};
const entry = async (clipId: string) => (await world.get(`/clips/${clipId}`)).body.campaigns[0];
const codes = async (clipId: string) =>
  (await entry(clipId)).keeps.map(({ code }: { code: string }) => code);
const account = (handle: string | null, externalId: string | null = null) => ({
  handle,
  externalId,
});
const claim = async (creatorId: string, handle: string) =>
  (await world.post(`/creators/${creatorId}/accounts`, { platform: 'youtube', handle }, { as: ['creator', creatorId] })).body; // prettier-ignore

describe('a clip of an account', () => {
  it('that its creator has not proved to own is held before it is paid, and paid once it has', async () => {
    const campaignId = await launch({ requireOwnedAccount: true });
    const clipId = await accepted(campaignId, 'ann');
    await scraped(clipId, 20_000, { account: account('Ann.Clips', 'UC1') });
    expect(await entry(clipId)).toMatchObject({
      earned: 0,
      hold: { code: 'foreign_author', reason: 'The clip is on @Ann.Clips, which "ann" has not proved to own.' },
    }); // prettier-ignore
    expect(await codes(clipId)).toEqual(['held', 'foreign_author']);
    const mine = await claim('ann', 'https://www.youtube.com/@ann.clips/shorts');
    expect(mine).toMatchObject({
      status: 'CLAIMED',
      handle: 'ann.clips',
      contested: false,
      places: ['bio', 'caption'],
      check: { clipId, scrapedAt: expect.stringMatching(/Z$/), read: 'this_account' },
    });
    const elsewhere = await claim('ann', '@ann.other');
    expect(elsewhere.check).toMatchObject({ clipId, read: 'another_account' });
    expect((await claim('nobody', '@none')).check).toBeNull();
    expect(mine.sentence).toContain(mine.code);
    const verify = await world.post(`/accounts/${mine.accountId}/verify`, undefined, { as: ['creator', 'ann'] }); // prettier-ignore
    expect(verify.status).toBe(202);
    const again = await world.post(`/accounts/${mine.accountId}/verify`);
    expect(again.body.requestId).toBe(verify.body.requestId);
    const [request] = (await Array.fromAsync(world.store.readStream(streams.trackingRun(`manual-${verify.body.requestId}`)))); // prettier-ignore
    expect(request!.data).toMatchObject({ clipId, checks: { account: true, fresh: true } });
    await scraped(clipId, 21_000, { account: account('Ann.Clips', 'UC1'), codes: [mine.code] });
    expect((await world.get('/creators/ann/accounts?status=VERIFIED')).body.items).toMatchObject([
      { status: 'VERIFIED', check: null, proof: 'code', handle: 'Ann.Clips', externalId: 'UC1' },
    ]);
    await checked();
    expect(await entry(clipId)).toMatchObject({ hold: null, earned: 2_100 });
    // Given up, the next clip is held; what was paid stays.
    await world.post(`/accounts/${mine.accountId}/release`, {}, { as: ['creator', 'ann'] });
    await checked();
    expect(await entry(clipId)).toMatchObject({ hold: { code: 'foreign_author' }, earned: 2_100 });
  });

  it('is nobody else’s while a creator has it; an admin takes it over', async () => {
    const campaignId = await launch({ requireOwnedAccount: true });
    const [bobs, evas] = [await claim('bob', '@shared'), await claim('eva', '@Shared')];
    const confirm = (id: string, body: object = {}) => world.post(`/accounts/${id}/confirm`, body);
    expect(await confirm(bobs.accountId)).toMatchObject({ status: 200, body: { status: 'VERIFIED', proof: 'admin' } }); // prettier-ignore
    expect(await confirm(evas.accountId)).toMatchObject({ status: 409, body: { code: 'account_owned' } }); // prettier-ignore
    expect((await world.get('/accounts?status=CLAIMED&creatorId=eva')).body.items).toMatchObject([{ contested: true }]); // prettier-ignore
    const clipId = await accepted(campaignId, 'eva');
    await scraped(clipId, 10_000, { account: account('shared', 'UC9'), codes: [evas.code] });
    expect(await entry(clipId)).toMatchObject({ hold: { code: 'foreign_author' } });
    expect((await confirm(evas.accountId, { takeOver: true })).status).toBe(200);
    await checked();
    expect(await entry(clipId)).toMatchObject({ hold: null, earned: 1_000 });
    expect((await world.get('/creators/bob/accounts')).body.items).toMatchObject([{ status: 'RELEASED' }]); // prettier-ignore
  });

  it('is proved by one of two who prove it at once', async () => {
    const [a, b] = [await claim('rob', '@race'), await claim('sue', '@race')];
    const answers = await Promise.all(
      [a, b].map(({ accountId }) => world.post(`/accounts/${accountId}/confirm`, {})),
    );
    expect(answers.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 409]);
    const owners = await Array.fromAsync(world.store.readAll(0));
    expect(owners.filter(({ type, data }) => type === 'AccountVerified' && 'handle' in data && data.handle === 'race')).toHaveLength(1); // prettier-ignore
  });

  it('is not proved by a code in the bio of another account, and says where no clip shows it', async () => {
    const mine = await claim('tom', '@tom');
    expect(await world.post(`/accounts/${mine.accountId}/verify`)).toMatchObject({ status: 422, body: { code: 'no_clip_to_read' } }); // prettier-ignore
    const clipId = await accepted(await launch({}), 'tom');
    await scraped(clipId, 1_000, { account: account('mallory', 'UC5'), codes: [mine.code] });
    expect((await world.get('/creators/tom/accounts')).body.items).toMatchObject([{ status: 'CLAIMED' }]); // prettier-ignore
    expect((await entry(clipId)).hold).toBeNull();
  });

  it('of which the source says nothing is paid, and the answer says so', async () => {
    const campaignId = await launch({ requireOwnedAccount: true, requiredText: ['#ad'] });
    const clipId = await accepted(campaignId, 'kim');
    await scraped(clipId, 10_000, {});
    expect(await entry(clipId)).toMatchObject({ hold: null, earned: 1_000 });
    expect(await codes(clipId)).toEqual(['author_unknown', 'text_unknown', 'validating']);
  });
});

describe('a caption without the text that it needs', () => {
  it('holds the clip, before its deadline too, until it is edited or a person releases it', async () => {
    const campaignId = await launch({ requiredText: ['#ad', '@acme'], reviewHours: 24 });
    const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'lea' })).body; // prettier-ignore
    const missing = { text: { found: [], missing: ['#ad', '@acme'] } };
    await scraped(clipId, 1_000, missing);
    expect(await entry(clipId)).toMatchObject({
      status: 'PENDING',
      hold: { code: 'missing_text' },
    });
    world.clock.advance(25 * HOUR_MS);
    await world.service.reviewer.review();
    expect((await entry(clipId)).status).toBe('PENDING');
    await scraped(clipId, 2_000, { text: { found: ['#ad'], missing: ['@acme'] } });
    expect((await entry(clipId)).hold).toBeNull();
    await world.service.reviewer.review();
    await checked();
    expect((await entry(clipId)).status).toBe('APPROVED');
    await scraped(clipId, 3_000, missing);
    await world.post(`/clips/${clipId}/release`, {}, { as: ['brand', 'acme'] });
    await scraped(clipId, 5_000, missing);
    expect(await entry(clipId)).toMatchObject({ hold: null, earned: 500 });
  });
});

it('the tables built anew are the same, and hold nothing anew', async () => {
  const before = await world.store.head();
  await checked();
  expect(await world.store.head()).toBe(before);
  const pool = openPool(world.database.url, 'test', 2);
  const compared = await rebuildProjection(earningsProjection, pool, world.store);
  expect(compared.differences).toEqual({});
  await pool.end();
});
