import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identifyClip, streams, type ClipIdentity } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';
import { until } from '@cliptally/dev/servers';
import { rebuildProjection, silentLog } from '@cliptally/messaging';
import { openPool } from '@cliptally/event-store';
import { earningsProjection } from '../projection/earnings-projection.js';
import { startEarnings } from '../service.js';
import { PERSONAL_KEYS, SECRET, freshUrl, startApiWorld } from '../testing/api-world.js';
import type { Unresolved } from './resolve-short-link.js';

const busy: Unresolved = {
  kind: 'unresolved',
  reason: 'busy',
  message: 'Its site is busy.',
  retryable: true,
};
const gone: Unresolved = {
  kind: 'unresolved',
  reason: 'gone',
  message: 'It leads nowhere.',
  retryable: false,
};

const unknown: Unresolved = {
  kind: 'unresolved',
  reason: 'elsewhere',
  message: 'It leads to an unknown page.',
  retryable: false,
  forPerson: true,
  leadsTo: 'https://www.tiktok.com/new/7',
};
const DAY_MS = 86_400_000;

describe('a short link that cannot be followed at first', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let campaignId: string;
  const answers = new Map<string, ClipIdentity | Unresolved>();
  const follow = async (url: string) => answers.get(url) ?? busy;
  beforeAll(async () => {
    world = await startApiWorld({ follow });
    campaignId = (await world.post('/campaigns', world.terms({ brandId: 'acme' }))).body.campaignId;
  });
  afterAll(() => world.close());

  let links = 0;
  const freshLink = () => `https://vm.tiktok.com/ZM${++links}`;
  const submit = (url: string, creatorId = 'ann') =>
    world.post('/clips', { url, campaignId }, { as: ['creator', creatorId] });
  const eventsOf = (stream: string) => Array.fromAsync(world.store.readStream(stream));
  const shown = async (linkId: string) => (await world.get(`/short-links/${linkId}`)).body;
  const untilLink = (linkId: string, status: string) =>
    until(`the link to be ${status}`, async () => {
      const link = await shown(linkId);
      if (link.status === status) return link;
      // A round that is due already sleeps for a last millisecond of this clock.
      world.clock.advance(2);
      throw new Error(JSON.stringify(link));
    });

  it('is accepted as pending, with its reason, and is no clip', async () => {
    const url = freshLink();
    const { status, body, headers } = await submit(`${url}/?k=1`);
    expect([status, headers.get('location')]).toEqual([202, `/short-links/${body.linkId}`]);
    expect(body).toMatchObject({ status: 'PENDING', url, submittedUrl: `${url}/?k=1`, campaignId, creatorId: 'ann', tries: 1, reason: 'busy', detail: 'Its site is busy.', clipId: null }); // prettier-ignore
    expect((await world.get('/short-links', { as: ['creator', 'ann'] })).body.items).toContainEqual(
      body,
    );
    expect(
      (await world.get(`/short-links?campaignId=${campaignId}`, { as: ['brand', 'acme'] })).body
        .items,
    ).toContainEqual(body);
    expect((await world.get('/short-links', { as: ['creator', 'bob'] })).body.items).toEqual([]);
    expect((await world.get(`/clips?campaignId=${campaignId}`)).body.items).toEqual([]);
    expect(await submit(url, 'bob')).toMatchObject({ status: 409, body: { code: 'link_pending' } });
  });

  it('becomes a clip once it resolves, in the trace of its submission', async () => {
    const url = freshLink();
    const { linkId } = (await submit(url)).body;
    answers.set(url, identifyClip('https://www.tiktok.com/@a/video/7301234567890123456'));
    world.clock.advance(61_000);
    const link = await untilLink(linkId, 'RESOLVED');
    expect(link).toMatchObject({
      clipId: 'tiktok-7301234567890123456',
      nextTryAt: null,
      reason: null,
    });
    const { body } = await world.get(`/clips/${link.clipId}`, { as: ['creator', 'ann'] });
    expect(body.campaigns).toMatchObject([{ campaignId, creatorId: 'ann', status: 'PENDING' }]);
    const [began] = await eventsOf(streams.shortLink(linkId));
    const [made] = await eventsOf(streams.clip(link.clipId));
    expect(made).toMatchObject({
      type: 'ClipSubmitted',
      correlationId: began!.correlationId,
      data: { submittedUrl: url },
    });
  });

  it('counts on the day of its submission, where a creator may submit so many in a day', async () => {
    const limited = (await world.post('/campaigns', world.terms({ maxSubmissionsPerDay: 2 }))).body
      .campaignId;
    const send = (url: string) =>
      world.post('/clips', { url, campaignId: limited, creatorId: 'ann' });
    const linked = async (id: string) => {
      const url = freshLink();
      const { linkId } = (await send(url)).body;
      answers.set(url, identifyClip(`https://www.tiktok.com/@a/video/${id}`));
      return linkId;
    };
    expect((await send(freshUrl())).status).toBe(201);
    const first = await linked('7301234567890120001');
    world.clock.advance(61_000);
    await untilLink(first, 'RESOLVED');
    // A clip and a link: the day is full, whenever the next link is resolved.
    const second = await linked('7301234567890120002');
    world.clock.advance(DAY_MS);
    expect((await untilLink(second, 'REFUSED')).reason).toBe('submissions_of_day');
    for (const _ of [1, 2]) expect((await send(freshUrl())).status).toBe(201);
    expect((await send(freshUrl())).body.code).toBe('submissions_of_day');
    const url = 'https://www.tiktok.com/@a/video/7301234567890120003';
    const third = (await send(freshLink())).body.linkId;
    expect(await world.post(`/short-links/${third}/resolve`, { url })).toMatchObject({
      status: 422,
      body: { code: 'submissions_of_day' },
    });
  });

  it('is refused if it leads nowhere: at once when it is submitted, and later by two tries a day apart', async () => {
    const [never, later] = [freshLink(), freshLink()];
    answers.set(never, gone);
    expect(await submit(never)).toMatchObject({
      status: 422,
      body: { code: 'not_a_clip', detail: 'It leads nowhere.' },
    });
    const { linkId } = (await submit(later)).body;
    answers.set(later, gone);
    world.clock.advance(DAY_MS);
    expect(await untilLink(linkId, 'WAITING')).toMatchObject({ reason: 'gone' });
    world.clock.advance(DAY_MS);
    expect(await untilLink(linkId, 'REFUSED')).toMatchObject({
      reason: 'gone',
      detail: 'It leads nowhere.',
    });
  });

  it('B2: waits for a person if it leads to what no rule knows, who says which clip it is', async () => {
    const url = freshLink();
    answers.set(url, unknown);
    const { status, body } = await submit(url);
    expect([status, body.status, body.leadsTo]).toEqual([202, 'WAITING', unknown.leadsTo]);
    const waiting = async () => (await world.get('/short-links?status=WAITING')).body.items;
    expect(await waiting()).toContainEqual(body);

    const settle = (what: string, said: object) =>
      world.post(`/short-links/${body.linkId}/${what}`, said);
    const clip = freshUrl();
    expect(await settle('resolve', { url: 'https://example.com/' })).toMatchObject({
      status: 422,
      body: { code: 'not_a_clip' },
    });
    expect(await settle('resolve', { url: freshLink() })).toMatchObject({ status: 422 });
    expect(await settle('refuse', { reason: 'a shop' })).toMatchObject({
      status: 200,
      body: { status: 'REFUSED', reason: 'refused_by_person', detail: 'a shop' },
    });
    expect(await settle('refuse', { reason: 'a shop' })).toMatchObject({
      status: 409,
      body: { code: 'link_state' },
    });
    // A person may be wrong as well.
    const resolved = await settle('resolve', { url: clip });
    expect(resolved).toMatchObject({ status: 200, body: { status: 'RESOLVED', nextTryAt: null } });
    expect(await settle('resolve', { url: clip })).toMatchObject({ status: 409 });
    expect((await eventsOf(streams.shortLink(body.linkId))).at(-1)).toMatchObject({
      type: 'ShortLinkResolved',
      data: { by: 'root' },
    });
    expect(
      (await world.get(`/clips/${resolved.body.clipId}`, { as: ['creator', 'ann'] })).body,
    ).toMatchObject({ campaigns: [{ campaignId, creatorId: 'ann', status: 'PENDING' }] });
    expect(await waiting()).not.toContainEqual(expect.objectContaining({ linkId: body.linkId }));
    expect(await world.post(`/short-links/${randomUUID()}/refuse`, { reason: 'x' })).toMatchObject({
      status: 404,
    });
  });

  it('B2: resolves by itself once newer rules know where it led, without asking anybody', async () => {
    const url = freshLink();
    const leadsTo = 'https://www.tiktok.com/@ann/video/7301234567890129999';
    answers.set(url, { ...unknown, leadsTo });
    const { linkId } = (await submit(url)).body;
    const { database, clock } = world;
    const never = () => Promise.reject(new Error('nothing is followed'));
    const newer = await startEarnings({ databaseUrl: database.url, natsUrl: world.natsUrl, clock, log: silentLog, port: 0, host: '127.0.0.1', keys: { secret: SECRET }, personalKeys: PERSONAL_KEYS, follow: never }); // prettier-ignore
    try {
      expect(await untilLink(linkId, 'RESOLVED')).toMatchObject({
        clipId: 'tiktok-7301234567890129999',
      });
    } finally {
      await newer.close();
    }
  });

  it('is refused if it leads to a clip that is there already', async () => {
    const video = freshUrl();
    const url = freshLink();
    const { linkId } = (await submit(url)).body;
    await submit(video, 'bob');
    answers.set(url, identifyClip(video));
    world.clock.advance(61_000);
    expect(await untilLink(linkId, 'REFUSED')).toMatchObject({
      reason: 'clip_already_submitted',
      clipId: null,
    });
  });

  it('is tried by two replicas at once, and yields one clip; all of it survives a rebuild', async () => {
    const urls = Array.from({ length: 10 }, freshLink);
    const ids = await Promise.all(
      urls.map(async (url) => (await submit(url)).body.linkId as string),
    );
    const { database, clock } = world;
    const other = await startEarnings({ databaseUrl: database.url, natsUrl: world.natsUrl, clock, log: silentLog, port: 0, host: '127.0.0.1', keys: { secret: SECRET }, personalKeys: PERSONAL_KEYS, follow }); // prettier-ignore
    try {
      for (const url of urls) answers.set(url, identifyClip(freshUrl()));
      world.clock.advance(61_000);
      const resolved = await Promise.all(ids.map((id) => untilLink(id, 'RESOLVED')));
      for (const { clipId, linkId } of resolved) {
        expect((await eventsOf(streams.clip(clipId))).map(({ type }) => type)).toEqual([
          'ClipSubmitted',
        ]);
        const types = (await eventsOf(streams.shortLink(linkId))).map(({ type }) => type);
        expect([
          types[0],
          types.at(-1),
          types.filter((type) => type === 'ShortLinkResolved').length,
        ]).toEqual(['ShortLinkSubmitted', 'ShortLinkResolved', 1]);
      }
    } finally {
      await other.close();
    }
    const pool = openPool(database.url, 'test', 2);
    try {
      await world.service.settled(AbortSignal.timeout(120_000));
      expect((await pool.query('select from earnings.short_links')).rowCount).toBeGreaterThan(12);
      expect(await rebuildProjection(earningsProjection, pool, world.store)).toMatchObject({
        differences: {},
      });
    } finally {
      await pool.end();
    }
  });
});
