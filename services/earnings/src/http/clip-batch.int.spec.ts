import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshUrl, startApiWorld } from '../testing/api-world.js';
import type { ClipBatchRow } from '@cliptally/contracts/api';

describe('POST /clips/batch', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let campaignId: string;
  let jealous: string;
  beforeAll(async () => {
    world = await startApiWorld();
    campaignId = (await world.post('/campaigns', world.terms())).body.campaignId;
    jealous = (await world.post('/campaigns', world.terms({ exclusive: true }))).body.campaignId;
  });
  afterAll(() => world.close());

  const submit = (clips: object[], key?: string) =>
    world.post('/clips/batch', { clips }, key ? { key } : {});
  const outcomesOf = (rows: ClipBatchRow[]) => rows.map(({ outcome, code }) => code ?? outcome);

  it('takes each row by the rules that one clip has, and again changes nothing', async () => {
    const [first, second] = [freshUrl(), freshUrl()];
    const clips = [
      { url: first, campaignId, creatorId: 'ann' },
      { url: 'https://example.com/clip', campaignId, creatorId: 'ann' },
      { url: first, campaignId, creatorId: 'bob' },
      { url: first, campaignId, creatorId: 'ann' },
      { url: first, campaignId: jealous, creatorId: 'ann' },
      { url: second, campaignId: 'nowhere', creatorId: 'ann' },
      { url: 'https://vm.tiktok.com/ZMabcdefg/', campaignId, creatorId: 'ann' },
      { url: second, campaignId: jealous, creatorId: 'ann' },
    ];
    const { status, body } = await submit(clips);
    expect(status).toBe(200);
    const refusals = [
      'not_a_clip',
      'clip_already_submitted',
      'already',
      'clip_exclusive',
      'not_found',
      'short_link',
    ];
    expect(outcomesOf(body.clips)).toEqual(['added', ...refusals, 'added']);
    // What was answered can be read.
    const shown = await world.get(`/clips/${body.clips[0].clipId}`);
    expect(shown.body.campaigns).toMatchObject([
      { campaignId, creatorId: 'ann', status: 'PENDING' },
    ]);
    // The sentence is that of POST /clips.
    expect((await world.post('/clips', clips[2])).body).toMatchObject({
      code: body.clips[2].code,
      detail: body.clips[2].detail,
    });
    await world.post(`/clips/${body.clips[0].clipId}/approve`);
    const before = await world.store.head();
    const again = await submit(clips);
    expect(outcomesOf(again.body.clips)).toEqual(['already', ...refusals, 'already']);
    expect([again.body.clips[0].status, again.body.clips[7].status]).toEqual([
      'APPROVED',
      'PENDING',
    ]);
    expect(await world.store.head()).toBe(before);
  });

  it('approves what it submits, and what waits for it, if that is wanted', async () => {
    const url = freshUrl();
    const waiting = { url: freshUrl(), campaignId, creatorId: 'ann' };
    await submit([waiting]);
    const later = (
      await world.post(
        '/campaigns',
        world.terms({ startsAt: '2027-01-01T00:00:00Z', trackingDays: 1 }),
      )
    ).body.campaignId;
    const clips = [
      { url, campaignId, creatorId: 'ann' },
      waiting,
      { url, campaignId, creatorId: 'bob' },
      { url: freshUrl(), campaignId: later, creatorId: 'ann' },
    ];
    const { body } = await world.post('/clips/batch', { clips, approve: true });
    expect(body.clips).toMatchObject([
      { outcome: 'added', status: 'APPROVED', code: null },
      { outcome: 'already', status: 'APPROVED', code: null },
      { outcome: 'refused', code: 'clip_already_submitted' },
      // It is in, and the rules do not let it be approved yet.
      {
        outcome: 'added',
        status: 'PENDING',
        code: 'window_empty',
        detail: expect.stringContaining('approve it later'),
      },
    ]);
    expect((await world.get(`/clips/${body.clips[0].clipId}`)).body.campaigns).toMatchObject([
      { status: 'APPROVED' },
    ]);
    const head = await world.store.head();
    const again = (await world.post('/clips/batch', { clips, approve: true })).body.clips;
    expect(outcomesOf(again)).toEqual([
      'already',
      'already',
      'clip_already_submitted',
      'window_empty',
    ]);
    expect(await world.store.head()).toBe(head);
  });

  it('C1: leaves rejected what was rejected, and approves none of it', async () => {
    const url = freshUrl();
    const clips = [{ url, campaignId, creatorId: 'ann' }];
    const { clipId } = (await submit(clips)).body.clips[0];
    await world.post(`/clips/${clipId}/reject`, { campaignId, reason: 'no hashtag' });
    const head = await world.store.head();
    for (const approve of [false, true])
      expect((await world.post('/clips/batch', { clips, approve })).body.clips).toMatchObject([
        { outcome: 'already', status: 'REJECTED', code: null },
      ]);
    const again = { ...clips[0], onlyNew: true };
    expect(await world.post('/clips', again)).toMatchObject({
      status: 409,
      body: { code: 'clip_already_submitted', detail: expect.stringContaining('stays so') },
    });
    expect(await world.store.head()).toBe(head);
    // Its owner, whom a false claim must not keep out, is another.
    expect(outcomesOf((await submit([{ ...clips[0]!, creatorId: 'bob' }])).body.clips)).toEqual([
      'added',
    ]);
  });

  it('says in a dry run what would come of each row, and of the rows before it', async () => {
    const row = { url: freshUrl(), campaignId, creatorId: 'ann' };
    const clips = [
      row,
      row,
      { ...row, creatorId: 'bob' },
      { ...row, campaignId: jealous },
      { ...row, campaignId: 'none' },
    ];
    const head = await world.store.head();
    const dry = await world.post(
      '/clips/batch?dryRun=true',
      { clips, approve: true },
      { key: 'dry' },
    );
    expect(outcomesOf(dry.body.clips)).toEqual([
      'added',
      'already',
      'clip_already_submitted',
      'clip_exclusive',
      'not_found',
    ]);
    expect(dry.body.clips[0].status).toBe('APPROVED');
    expect(await world.store.head()).toBe(head);
    // The same key does not answer for the import itself.
    expect(
      (await world.post('/clips/batch', { clips, approve: true }, { key: 'dry' })).status,
    ).toBe(422);
    const { body } = await world.post('/clips/batch', { clips, approve: true });
    expect(outcomesOf(body.clips)).toEqual(outcomesOf(dry.body.clips));
  });

  it('gives equal batches at the same moment one new clip for each row', async () => {
    const clips = Array.from({ length: 50 }, () => ({
      url: freshUrl(),
      campaignId,
      creatorId: 'ann',
    }));
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit(clips)));
    for (let i = 0; i < clips.length; i++)
      expect(
        answers
          .filter(({ body }) => body.clips[i].outcome === 'added')
          .map(({ body }) => body.clips[i].outcome),
      ).toEqual(['added']);
    expect(
      answers
        .flatMap(({ body }) => body.clips as ClipBatchRow[])
        .filter(({ outcome }) => outcome === 'refused'),
    ).toEqual([]);
  });

  it('answers the same to the same Idempotency-Key', async () => {
    const clips = [{ url: freshUrl(), campaignId, creatorId: 'ann' }];
    const first = await submit(clips, 'batch-1');
    expect(outcomesOf(first.body.clips)).toEqual(['added']);
    expect((await submit(clips, 'batch-1')).body).toEqual(first.body);
    expect((await submit([...clips, ...clips], 'batch-1')).status).toBe(422);
  });

  it('takes nothing of a batch that cannot be read, or is empty or too long', async () => {
    const before = await world.store.head();
    const good = { url: freshUrl(), campaignId, creatorId: 'ann' };
    for (const clips of [[], [good, { url: 5 }], Array.from({ length: 201 }, () => good)])
      expect((await submit(clips)).status).toBe(400);
    expect((await submit([good, { url: good.url, campaignId }])).body.errors).toMatchObject([
      { field: 'clips.1.creatorId' },
    ]);
    expect(await world.store.head()).toBe(before);
  });
});
