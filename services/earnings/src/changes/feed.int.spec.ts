import type { Role } from '@cliptally/contracts/api';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshUrl, startApiWorld } from '../testing/api-world.js';

interface Sent {
  name: string;
  id: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  data: any;
}

describe('GET /changes', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  const open: AbortController[] = [];
  beforeAll(async () => {
    world = await startApiWorld();
    for (const [campaignId, brandId] of [['a', 'acme'], ['b', 'kaze']] as const)
      await world.post('/campaigns', world.terms({ campaignId, brandId, validationDays: 0 })); // prettier-ignore
  });
  afterAll(async () => {
    for (const stream of open) stream.abort();
    await world.close();
  });

  /** Reads as the console does: by fetch, since an EventSource sends no token. */
  async function follow(as: [Role, string], last?: number) {
    const stop = new AbortController();
    open.push(stop);
    const response = await fetch(`${world.service.url}/changes`, {
      signal: stop.signal,
      headers: {
        authorization: `Bearer ${await world.tokenOf(as)}`,
        ...(last === undefined ? {} : { 'last-event-id': String(last) }),
      },
    });
    const sent: Sent[] = [];
    const reading = (async () => {
      let text = '';
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
        text += part;
        const blocks = text.split('\n\n');
        text = blocks.pop()!;
        for (const block of blocks) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
          const name = field('event');
          if (name) sent.push({ name, id: Number(field('id')), data: JSON.parse(field('data')!) });
        }
      }
    })().catch(() => {});
    return {
      response,
      sent,
      reading,
      changes: () => sent.filter(({ name }) => name === 'changes').map(({ data }) => data),
      /** Until the stream has come up to here. */
      reached: (position: number) =>
        until('the stream', async () => (sent.at(-1)?.id ?? -1) >= position),
      stop: () => stop.abort(),
    };
  }
  type Stream = Awaited<ReturnType<typeof follow>>;
  const ids = (stream: Stream, name: 'campaigns' | 'clips' | 'kinds'): string[] =>
    [...new Set<string>(stream.changes().flatMap((change) => change[name]))].toSorted();

  it('tells each caller of its own campaigns, clips and money, and of nobody else’s', async () => {
    const streams = {
      admin: await follow(['admin', 'root']),
      acme: await follow(['brand', 'acme']),
      kaze: await follow(['brand', 'kaze']),
      ann: await follow(['creator', 'ann']),
      bob: await follow(['creator', 'bob']),
      // Of another role, the same name is somebody else.
      acmeAsCreator: await follow(['creator', 'acme']),
    };
    const submit = async (campaignId: string, creatorId: string) =>
      (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body.clipId as string; // prettier-ignore
    const ann = await submit('a', 'ann');
    const bob = await submit('b', 'bob');
    for (const clipId of [ann, bob]) await world.post(`/clips/${clipId}/approve`);
    world.clock.advance(1_000);
    for (const clipId of [ann, bob]) await world.see(clipId, 50_000);
    const { payoutId } = (await world.post('/payouts', { creatorId: 'ann', currency: 'USD', amount: 10 })).body; // prettier-ignore
    expect(payoutId).toBeDefined();
    await world.post('/campaigns/a/pause');
    const head = await world.store.head();
    for (const stream of Object.values(streams)) await stream.reached(head);

    expect(ids(streams.admin, 'clips')).toEqual([ann, bob].toSorted());
    expect(ids(streams.admin, 'campaigns')).toEqual(['a', 'b']);
    expect([ids(streams.acme, 'clips'), ids(streams.acme, 'campaigns')]).toEqual([[ann], ['a']]);
    expect([ids(streams.kaze, 'clips'), ids(streams.kaze, 'campaigns')]).toEqual([[bob], ['b']]);
    // Which campaigns there are, and whether they are open, every creator may read.
    expect([ids(streams.ann, 'clips'), ids(streams.ann, 'campaigns')]).toEqual([[ann], ['a']]);
    expect([ids(streams.bob, 'clips'), ids(streams.bob, 'campaigns')]).toEqual([[bob], ['a', 'b']]);
    expect(ids(streams.acmeAsCreator, 'clips')).toEqual([]);
    expect(ids(streams.acmeAsCreator, 'kinds')).toEqual(['campaigns']);
    expect(ids(streams.ann, 'kinds')).toEqual(['campaigns', 'clips', 'earnings', 'payouts', 'views']); // prettier-ignore
    expect(ids(streams.bob, 'kinds')).not.toContain('payouts');
    expect(ids(streams.acme, 'kinds')).not.toContain('payouts');
    // Only what is named here, and never an amount, an address or a reason.
    for (const change of Object.values(streams).flatMap((one) => one.changes()))
      expect(Object.keys(change).toSorted()).toEqual(['campaigns', 'clips', 'kinds', 'position']);
    for (const stream of Object.values(streams)) stream.stop();
  });

  it('begins with the time of the service and beats', async () => {
    const stream = await follow(['creator', 'ann']);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    await until('a second beat', async () => stream.sent.length >= 2);
    expect(stream.sent[0]).toMatchObject({
      name: 'clock',
      id: await world.store.head(),
      data: { now: world.clock.now().getTime(), speed: world.clock.speed },
    });
    stream.stop();
  });

  it('a change can be read when it is sent', async () => {
    const stream = await follow(['brand', 'acme']);
    const clipId = (await world.post('/clips', { url: freshUrl(), campaignId: 'a', creatorId: 'ann' })).body.clipId as string; // prettier-ignore
    // The campaign is paused by now: nothing is submitted.
    expect(clipId).toBeUndefined();
    await world.post('/campaigns/a/resume');
    await until('the change', async () => stream.changes().length > 0);
    const { body } = await world.get('/campaigns/a', { as: ['brand', 'acme'] });
    expect([stream.changes()[0], body.status]).toMatchObject([{ campaigns: ['a'] }, 'ACTIVE']);
    stream.stop();
  });

  it('resumes after the last id, and reads anew if that is not one of this log', async () => {
    const before = await world.store.head();
    await world.post('/campaigns/b/pause');
    await world.post('/campaigns/b/resume');
    const head = await world.store.head();
    const resumed = await follow(['brand', 'kaze'], before);
    await resumed.reached(head);
    expect(resumed.changes()).toEqual([
      { position: head, kinds: ['campaigns'], campaigns: ['b'], clips: [] },
    ]);
    const other = await follow(['brand', 'acme'], before);
    await other.reached(head);
    expect(other.changes()).toEqual([]);
    const ahead = await follow(['brand', 'kaze'], head + 1_000);
    await until('the reset', async () => ahead.sent.length > 1);
    expect(ahead.sent.map(({ name }) => name)).toEqual(['clock', 'reset']);
    for (const stream of [resumed, other, ahead]) stream.stop();
  });

  it('a caller has six streams at most, and may open another when one has ended', async () => {
    const streams = await Promise.all(Array.from({ length: 6 }, () => follow(['brand', 'many'])));
    expect(streams.map(({ response }) => response.status)).toEqual(Array(6).fill(200));
    const seventh = await world.get('/changes', { as: ['brand', 'many'] });
    expect([seventh.status, seventh.body.code]).toEqual([429, 'too_many_streams']);
    expect(seventh.headers.get('retry-after')).toBe('10');
    const other = await follow(['creator', 'many']);
    expect(other.response.status).toBe(200);
    streams[0]!.stop();
    await until('a free stream', async () => {
      const again = await follow(['brand', 'many']);
      return again.response.status === 200;
    });
    for (const stream of [...streams, other]) stream.stop();
  });

  it('ends with the service, and comes back with the next one', async () => {
    const stream = await follow(['brand', 'acme']);
    await until('the first word', async () => stream.sent.length > 0);
    const last = stream.sent.at(-1)!.id;
    await world.restart(async () => {});
    await stream.reading;
    const again = await follow(['brand', 'acme'], last);
    await until('the first word', async () => again.sent.length > 0);
    expect(again.sent[0]!.name).toBe('clock');
    again.stop();
  });
});
