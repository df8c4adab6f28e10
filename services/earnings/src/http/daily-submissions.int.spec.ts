import { ManualClock } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClipBatchRow } from '@cliptally/contracts/api';
import { freshUrl, startApiWorld } from '../testing/api-world.js';

describe('submissions of a creator in a day', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  const clock = new ManualClock('2026-03-04T22:00:00Z');
  beforeAll(async () => {
    world = await startApiWorld({ clock });
  });
  afterAll(() => world.close());

  let campaigns = 0;
  const limited = async (maxSubmissionsPerDay: number): Promise<string> => {
    const campaignId = `limited-${++campaigns}`;
    const { status } = await world.post(
      '/campaigns',
      world.terms({ campaignId, maxSubmissionsPerDay }),
    );
    expect(status).toBe(201);
    return campaignId;
  };
  const submit = (campaignId: string, creatorId: string, url = freshUrl()) =>
    world.post('/clips', { url, campaignId, creatorId });
  const day = () => clock.now().toISOString().slice(0, 10);
  const next = () => new Date(Date.parse(`${day()}T00:00:00Z`) + 86_400_000).toISOString();

  it('are refused beyond the limit, with the instant from which the next is possible', async () => {
    const campaignId = await limited(2);
    for (const _ of [1, 2]) expect((await submit(campaignId, 'ann')).status).toBe(201);
    const { status, body } = await submit(campaignId, 'ann');
    expect([status, body.code]).toEqual([422, 'submissions_of_day']);
    expect(body.detail).toBe(
      `The campaign "${campaignId}" takes 2 submissions of a creator in a day of UTC, and "ann" has made as many on ${day()}: submit the clip from ${next()} on.`,
    );
    expect((await submit(campaignId, 'bob')).status).toBe(201);
    expect((await submit(await limited(2), 'ann')).status).toBe(201);
    clock.advance(Date.parse(next()) - clock.now().getTime() - 1);
    expect((await submit(campaignId, 'ann')).status).toBe(422);
    clock.advance(1);
    expect((await submit(campaignId, 'ann')).status).toBe(201);
  });

  it('count whatever became of them, and a refused or repeated one does not', async () => {
    const campaignId = await limited(2);
    const url = freshUrl();
    const { clipId } = (await submit(campaignId, 'ann', url)).body;
    expect((await submit(campaignId, 'ann', url)).body.code).toBe('clip_already_submitted');
    await world.post(`/clips/${clipId}/reject`, { campaignId, reason: 'no hashtag' });
    expect((await submit(campaignId, 'ann', url)).status).toBe(201);
    expect((await submit(campaignId, 'ann')).body.code).toBe('submissions_of_day');
  });

  it('at the same moment do not pass the limit', async () => {
    const campaignId = await limited(3);
    const answers = await Promise.all(Array.from({ length: 16 }, () => submit(campaignId, 'ann')));
    const codes = answers.map(({ status, body }) => (status === 201 ? 'made' : body.code));
    expect(codes.filter((code) => code === 'made').length).toBeLessThanOrEqual(3);
    expect(codes.every((code) => ['made', 'submissions_of_day', 'busy'].includes(code))).toBe(true);
    // Who was too slow asks again.
    for (let more = codes.filter((code) => code === 'made').length; more < 3; more++)
      expect((await submit(campaignId, 'ann')).status).toBe(201);
    expect((await submit(campaignId, 'ann')).body.code).toBe('submissions_of_day');
    const { items } = (await world.get(`/clips?campaignId=${campaignId}`)).body;
    expect(items).toHaveLength(3);
  });

  it('of a request of many are answered row by row, in the order of the rows, also of a dry run', async () => {
    const campaignId = await limited(7);
    const free = (await world.post('/campaigns', world.terms())).body.campaignId;
    const row = (creatorId: string, of = campaignId) => ({
      url: freshUrl(),
      campaignId: of,
      creatorId,
    });
    const clips = [...Array.from({ length: 9 }, () => row('ann')), row('ann', free), row('bob')];
    const outcomesOf = ({ clips: rows }: { clips: ClipBatchRow[] }) =>
      rows.map(({ outcome, code }) => code ?? outcome);
    const expected = [
      ...Array.from({ length: 7 }, () => 'added'),
      'submissions_of_day',
      'submissions_of_day',
      'added',
      'added',
    ];
    const dry = await world.post('/clips/batch?dryRun=true', { clips });
    expect(outcomesOf(dry.body)).toEqual(expected);
    const done = await world.post('/clips/batch', { clips, approve: true });
    expect(outcomesOf(done.body)).toEqual(expected);
    expect(done.body.clips[7].detail).toContain(`submit the clip from ${next()} on`);
    expect((await submit(campaignId, 'ann')).body.code).toBe('submissions_of_day');
  });

  it('that nobody has decided on are few, also at the same moment, and an import of an admin is not counted', async () => {
    await world.restart(async () => {}, { limits: { mostPending: 3 } });
    const free = async () => (await world.post('/campaigns', world.terms())).body.campaignId;
    const campaignId = await free();
    const answers = await Promise.all(Array.from({ length: 12 }, () => submit(campaignId, 'ann')));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(3);
    const { status, body } = answers.find((one) => one.status !== 201)!;
    expect([status, body.code]).toEqual([422, 'too_many_pending']);
    expect(body.detail).toContain('"ann" has 3 submissions');
    expect((await submit(campaignId, 'bob')).status).toBe(201);
    await world.post(`/clips/${made[0]!.body.clipId}/approve`, { campaignId });
    expect((await submit(campaignId, 'ann')).status).toBe(201);
    expect((await submit(campaignId, 'ann')).body.code).toBe('too_many_pending');
    const other = await free();
    const clips = Array.from({ length: 5 }, () => ({ url: freshUrl(), campaignId: other, creatorId: 'ann' }));
    const rows = async (path: string) =>
      ((await world.post(path, { clips })).body.clips as ClipBatchRow[]).map((one) => one.code ?? one.outcome);
    const added = clips.map(() => 'added');
    expect(await rows('/clips/batch?dryRun=true')).toEqual(added);
    expect(await rows('/clips/batch')).toEqual(added);
    expect((await submit(other, 'ann')).body.code).toBe('too_many_pending');
    await world.restart(async () => {});
  }); // prettier-ignore

  it('are not counted where a person moves a clip', async () => {
    const [from, to] = [await limited(1), await limited(1)];
    const { clipId } = (await submit(from, 'ann')).body;
    const moved = await world.post(`/clips/${clipId}/move`, { campaignId: from, to, reason: 'x' });
    expect(moved.status).toBe(200);
    expect((await submit(to, 'ann')).status).toBe(201);
    expect((await submit(from, 'ann')).body.code).toBe('submissions_of_day');
  });
});
