import type { AnyEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshUrl, startApiWorld, type Sending } from '../testing/api-world.js';

describe('the log, for people', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let log: AnyEvent[];
  const clips: string[] = [];
  const snapshots = new Map<number, { campaign: unknown; clip: unknown }>();
  const first = () => clips[0]!;
  const get = async (path: string, sending?: Sending) => {
    const { status, body } = await world.get(path, sending);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  };
  /** What the API says now, to be compared with what it says later of this position. */
  async function snapshot() {
    await world.service.settled(AbortSignal.timeout(60_000));
    const position = await world.store.head();
    const campaign = await get('/campaigns/spring');
    const clip = await get(`/clips/${first()}`);
    snapshots.set(position, { campaign, clip: clip.campaigns });
  }

  beforeAll(async () => {
    world = await startApiWorld();
    for (const [campaignId, brandId] of [['spring', 'acme'], ['other', 'kaze']] as const)
      await world.post('/campaigns', world.terms({ campaignId, brandId, budget: 9_000, exclusive: false })); // prettier-ignore
    for (const creatorId of ['ann', 'bob', 'cid']) {
      const { body } = await world.post('/clips', { url: freshUrl(), campaignId: 'spring', creatorId }); // prettier-ignore
      clips.push(body.clipId);
    }
    await snapshot();
    for (const clipId of clips) await world.post(`/clips/${clipId}/approve`);
    await snapshot();
    for (const views of [10_000, 40_000, 90_000])
      for (const clipId of clips) {
        world.clock.advance(3_600_000);
        await world.see(clipId, views);
        await snapshot();
      }
    await world.post(`/clips/${first()}/reverse`, { campaignId: 'spring', amount: 7, reason: 'Robots watched' }); // prettier-ignore
    await snapshot();
    await world.post('/campaigns/spring/top-up', { amount: 50_000 });
    await snapshot();
    log = await Array.fromAsync(world.store.readAll(0));
  });
  afterAll(() => world.close());

  /** Every page of a search, from the newest on. */
  async function everything(query: string): Promise<AnyEvent[]> {
    const found: AnyEvent[] = [];
    for (let cursor = ''; ;) {
      const page = await get(`/events?limit=7&${query}${cursor && `&cursor=${cursor}`}`);
      found.push(...page.items);
      if (page.next === null) return found;
      cursor = page.next;
    }
  }
  const mentions = (event: AnyEvent, field: string, id: string) => {
    const data = event.data as unknown as Record<string, unknown> & { lines?: Record<string, unknown>[] }; // prettier-ignore
    return data[field] === id || (data.lines ?? []).some((line) => line[field] === id);
  };

  it.each<[string, (event: AnyEvent) => boolean]>([
    ['', () => true],
    ['types=ViewsRecorded,EarningsAccrued', ({ type }) => ['ViewsRecorded', 'EarningsAccrued'].includes(type)],
    ['stream=campaign-spring', ({ stream }) => stream === 'campaign-spring'],
    ['campaignId=spring', (event) => mentions(event, 'campaignId', 'spring')],
    ['creatorId=ann', (event) => mentions(event, 'creatorId', 'ann')],
    ['text=SPRING', ({ data }) => JSON.stringify(data).includes('spring')],
    ['from=2026-02-01T02:00:00Z&to=2026-02-01T05:00:00Z', ({ time }) => time >= '2026-02-01T02:00:00' && time < '2026-02-01T05:00:00'],
    ['types=ClipApproved&campaignId=spring', ({ type }) => type === 'ClipApproved'],
  ])('finds with "%s" what a reader of the whole log finds', async (query, wanted) => {
    const expected = log.filter(wanted).toReversed();
    expect(expected.length).toBeGreaterThan(0);
    expect(await everything(query)).toEqual(expected);
  }); // prettier-ignore

  it('finds no personal text: the log has it sealed', async () => {
    expect(log.some(({ data }) => JSON.stringify(data).includes('Robots watched'))).toBe(true);
    expect(await everything('text=robots')).toEqual([]);
  });

  it('finds by clip, also in lines of settlements', async () => {
    const expected = log.filter((event) => mentions(event, 'clipId', first())).toReversed();
    expect(await everything(`clipId=${first()}`)).toEqual(expected);
    expect(new Set(expected.map(({ type }) => type))).toContain('EarningsAccrued');
  });

  it('pages both ways, from any position', async () => {
    const middle = Math.floor(log.length / 2);
    const page = await get(`/events?limit=5&position=${middle}`);
    const positions = (of: { items: AnyEvent[] }) => of.items.map(({ position }) => position);
    expect(positions(page)).toEqual([0, 1, 2, 3, 4].map((n) => middle - n));
    const newer = await get(`/events?limit=5&cursor=${page.previous}`);
    expect(positions(newer)).toEqual([5, 4, 3, 2, 1].map((n) => middle + n));
    const back = await get(`/events?limit=5&cursor=${newer.next}`);
    expect(positions(back)).toEqual(positions(page));
    const end = await get(`/events?limit=200&cursor=${page.previous}`);
    expect([positions(end)[0], end.previous]).toEqual([log.length, null]);
    for (const bad of ['cursor=x', 'types=Nothing', 'position=-1', 'from=soon', 'limit=500'])
      expect((await world.get(`/events?${bad}`)).status).toBe(400);
  });

  it('shows an event with causes and consequences', async () => {
    const answer = log.findLast(({ type }) => type === 'EarningsAccrued')!;
    const trace = await get(`/events/${answer.position}`);
    expect(trace.event).toEqual(answer);
    const related = log.filter(({ correlationId, causationId }) => correlationId === answer.correlationId || causationId === answer.id); // prettier-ignore
    expect(trace.related.map(({ id }: AnyEvent) => id)).toEqual(related.map(({ id }) => id));
    const byId = new Map(log.map((event) => [event.id, event]));
    const causes: AnyEvent[] = [];
    for (let at = byId.get(answer.causationId); at; at = byId.get(at.causationId)) causes.push(at);
    expect(trace.causes).toEqual(causes);
    expect(trace.more).toBe(false);
    const cause = log.find(({ id }) => log.some(({ causationId }) => causationId === id));
    if (cause) {
      const { consequences } = await get(`/events/${cause.position}`);
      const direct = log.filter(({ causationId }) => causationId === cause.id).map(({ id }) => id);
      expect(consequences).toEqual(expect.arrayContaining(direct));
    }
    expect((await world.get(`/events/${log.length + 1}`)).status).toBe(404);
    expect((await world.get('/events/x')).status).toBe(400);
  });

  it('says what a campaign and a clip were at any position, as the API said it then', async () => {
    expect(snapshots.size).toBeGreaterThan(10);
    for (const [position, { campaign, clip }] of snapshots) {
      const { pace: _, views: __, ...then } = campaign as Record<string, unknown>;
      const shown = await get(`/campaigns/spring/at/${position}`);
      expect([position, shown.campaign]).toEqual([position, then]);
      const entries = (clip as Record<string, unknown>[]).map(({ keeps: ___, ...entry }) => entry);
      expect([position, (await get(`/clips/${first()}/at/${position}`)).campaigns]).toEqual([position, entries]); // prettier-ignore
    }
  });

  it('leads from change to change, as a slider does', async () => {
    const stream = log.filter((event) => event.stream === 'campaign-spring').map(({ position }) => position); // prettier-ignore
    const visited = [];
    for (let at: number | null = stream[0]!; at !== null;) {
      const { event, first: from, previous, next, last } = await get(`/campaigns/spring/at/${at}`);
      expect([from, last, previous]).toEqual([stream[0], stream.at(-1), visited.at(-1) ?? null]);
      visited.push(event.position);
      at = next;
    }
    expect(visited).toEqual(stream);
    expect((await world.get('/campaigns/other/at/1')).status).toBe(404);
    expect((await world.get(`/campaigns/spring/at/${10 ** 12}`)).status).toBe(200);
  });

  it('is open to those whose it is, and a clip shows each its own entries', async () => {
    const at = log.length;
    const as = (role: 'brand' | 'creator', subject: string): Sending => ({ as: [role, subject] });
    for (const sending of [as('brand', 'kaze'), as('creator', 'bob')]) {
      expect((await world.get(`/clips/${first()}/at/${at}`, sending)).status).toBe(404);
      expect((await world.get(`/clips/${first()}/at/1`, sending)).status).toBe(404);
    }
    await world.post('/clips', { url: `https://youtu.be/${first().slice(8)}`, campaignId: 'other', creatorId: 'bob' }); // prettier-ignore
    const later = await world.store.head();
    const seen = async (sending: Sending) =>
      (await get(`/clips/${first()}/at/${later}`, sending)).campaigns.map((one: { campaignId: string }) => one.campaignId); // prettier-ignore
    expect(await seen(as('brand', 'kaze'))).toEqual(['other']);
    expect(await seen(as('creator', 'ann'))).toEqual(['spring']);
    expect(await seen({ as: ['admin', 'root'] })).toEqual(expect.arrayContaining(['spring', 'other'])); // prettier-ignore
    expect((await world.get(`/clips/${first()}/at/${at}`, as('brand', 'kaze'))).status).toBe(404);
  });
});
