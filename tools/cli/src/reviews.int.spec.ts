import { newEvent, streams, type NewEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshUrl } from '../../../services/earnings/src/testing/api-world.js';
import { startCliWorld } from './testing/cli-world.js';

const HOUR_MS = 3_600_000;

describe('reviews on the command line', () => {
  let cli: Awaited<ReturnType<typeof startCliWorld>>;
  const clips: string[] = [];
  const ok = async (line: string | string[]) => {
    const { status, out, err } = await cli.run(line);
    expect([line, status, err]).toEqual([line, 0, expect.any(String)]);
    return out;
  };
  const ids = async (filters: string) =>
    (await cli.json(`clip list ${filters}`)).map(({ clipId }: { clipId: string }) => clipId);
  /** Of a table: the words of its first column, without its head. */
  const shown = async (filters: string) =>
    (await ok(`clip list ${filters}`)).trim().split('\n').slice(1).map((line) => line.split(' ')[0]); // prettier-ignore

  beforeAll(async () => {
    cli = await startCliWorld();
    const { world } = cli;
    for (const campaignId of ['spring', 'autumn'])
      await world.post('/campaigns', world.terms({ campaignId, exclusive: false, reviewHours: 100 })); // prettier-ignore
    for (let i = 0; i < 6; i++) {
      const clip = { url: freshUrl(), campaignId: 'spring', creatorId: i === 0 ? 'bob' : 'ann' };
      clips.push((await world.post('/clips', clip)).body.clipId);
      world.clock.advance(HOUR_MS);
    }
    const [, , held, odd] = clips as [string, string, string, string];
    const reviewAt = new Date(world.clock.now().getTime() + HOUR_MS).toISOString();
    await world.post(`/clips/${held}/hold`, { reason: 'who is this', reviewAt });
    const anomaly = { score: 95, threshold: 60, reasons: [] };
    const data = { clipId: odd, platform: 'youtube' as const, campaignId: 'spring', reason: 'x'.repeat(300), reviewAt: '2027-01-01T00:00:00.000Z', by: 'cliptally:anomaly', anomaly };
    const context = { time: world.clock.now(), correlationId: 't', causationId: 't' };
    const event = newEvent('ClipHeld', randomUUID(), data, context) as NewEvent;
    await world.store.append(streams.clip(odd), [event], 'any');
    await world.service.settled(AbortSignal.timeout(60_000));
    world.clock.advance(2 * HOUR_MS);
  }); // prettier-ignore
  afterAll(() => cli.close());

  it('are listed and counted by everything that the API filters and sorts by', async () => {
    const [a, b, held, odd, c, d] = clips;
    expect(await ids('--campaign spring --sort oldest')).toEqual(clips);
    expect(await ids('--status pending --sort newest')).toEqual([d, c, b, a]);
    expect(await shown('--status held --sort score')).toEqual([odd, held]);
    expect(await ids('--min-score 90')).toEqual([odd]);
    expect(await ids('--min-age 7 --sort oldest')).toEqual([a, b]);
    expect(await ids('--creator bob')).toEqual([a]);
    expect(await ids('--overdue')).toEqual([held]);
    expect(await ids('--appealed')).toEqual([]);
    expect(await ids('--platform tiktok')).toEqual([]);
    await ok(['clip', 'appeal', held!, '--text', 'It is me.']);
    expect(await ids('--appealed')).toEqual([held]);
    const counts = await ok('clip counts --campaign spring');
    for (const line of [/^pending +4$/m, /^held +2$/m, /^overdue +1$/m, /^appealed +1$/m])
      expect(counts).toMatch(line);
    expect(await cli.json('clip counts --creator bob')).toMatchObject({ pending: 1, held: 0 });
    const { err } = await cli.run('clip list --status pending --limit 2');
    expect(err).toContain('There are more than 2');
  });

  it('have what a reviewer needs in a line, and no line is endless', async () => {
    const lines = (await ok('clip list --status held --sort score')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/CLIP .*SUBMITTED +REVIEW AT +SCORE +WHY$/);
    expect(lines[1]).toMatch(/PENDING, on hold .* 2027-01-01T00:00Z +95 +x+…$/);
    expect(lines[2]).toMatch(/objection: It is me\.$/);
    for (const line of lines) expect(line.length).toBeLessThan(320);
  });

  it.each([
    ['--status waiting', 'Allowed choices are pending'],
    ['--min-age soon', 'Write a number of hours'],
    ['--sort age', 'Allowed choices are id'],
  ])('a filter that cannot be meant is refused: %s', async (filter, why) => {
    const { status, err } = await cli.run(`clip list ${filter}`);
    expect([status, err]).toEqual([2, expect.stringContaining(why)]);
  });

  it('are decided from a file: each row by itself, those that are refused by their lines', async () => {
    const [a, b, held, odd, c] = clips;
    const file = cli.file(
      'reviews.csv',
      [
        'Clip ID;Campaign ID;decision;reason',
        `${a};spring;approve;`,
        `${b};spring;Reject;no hashtag`,
        `${held};spring;approve;`,
        `${odd};spring;release;`,
        `${c};autumn;approve;`,
        `${c};winter;approve;`,
        `youtube-nobody;spring;approve;`,
        `${c};spring;;`,
      ].join('\n'),
    );
    const { status, out, err } = await cli.run(['clip', 'review', file]);
    expect(out.trimEnd().split('\n')).toEqual([
      `Line 2: ${a} is approved in spring.`,
      `Line 3: ${b} is rejected in spring.`,
      expect.stringContaining(`Line 4: ${held} is not approved in spring: The clip "${held}" is on hold (who is this): release it`),
      `Line 5: ${odd} is released in spring.`,
      `Line 6: ${c} is not approved in autumn: The clip "${c}" is not in "autumn".`,
      `Line 7: ${c} is not approved in winter: There is no campaign "winter".`,
      `Line 8: youtube-nobody is not approved in spring: The clip "youtube-nobody" is not in "spring".`,
    ]);
    expect([status, err]).toEqual([1, '3 done, 4 refused.\n']);
    const rejected = await cli.json(`clip show ${b}`);
    expect(rejected.campaigns[0].rejection).toMatchObject({ reason: 'no hashtag' });
    expect((await cli.json(`clip show ${c}`)).campaigns[0].status).toBe('PENDING');
    const again = await cli.run(['clip', 'review', file, '--json']);
    expect(JSON.parse(again.out)[0]).toMatchObject({ line: 2, clipId: a, done: false, code: 'clip_state' });
  }); // prettier-ignore

  it('are decided from a list that was filled in, and from what is piped in', async () => {
    const [, , , , c, d] = clips;
    const path = `${cli.dir}/list.csv`;
    const { err } = await cli.run(['clip', 'list', '--status', 'pending', '--campaign', 'spring', '--out', path]);
    expect(err).toContain(`clips are in ${path}: fill in decision`);
    const list = cli.read('list.csv');
    expect(list).toContain(`${c},spring,,,pending,ann,https://`);
    // Nothing is filled in: nothing is decided.
    expect(await cli.run(['clip', 'review', path])).toEqual({ status: 0, out: '', err: '0 done, 0 refused.\n' });
    const filled = list.replace(`${c},spring,,`, `${c},spring,approve,`).replace(`${d},spring,,`, `${d},spring,reject,"late, and off topic"`);
    const piped = await cli.run('clip review -', {}, filled);
    expect(piped).toMatchObject({ status: 0, err: '2 done, 0 refused.\n' });
    expect((await cli.json(`clip show ${d}`)).campaigns[0].rejection.reason).toBe('late, and off topic');
  }); // prettier-ignore

  it('a file with a faulty row decides nothing, and each fault is named by its line', async () => {
    const { clipId } = (await cli.world.post('/clips', { url: freshUrl(), campaignId: 'autumn', creatorId: 'ann' })).body;
    const rows = [`${clipId},autumn,approve,`, `${clipId},autumn,reject,`, `${clipId},autumn,maybe,`, `,autumn,approve,`, `${clipId},autumn,,why`, `${clipId},autumn,approve,`];
    const piped = ['clipId,campaignId,decision,reason', ...rows].join('\n');
    const { status, out, err } = await cli.run('clip review -', {}, piped);
    expect([status, out]).toEqual([2, '']);
    expect(err.trimEnd().split('\n')).toEqual([
      'Nothing was decided: rows of the file are faulty.',
      'Line 3: a rejection needs a reason, which its creator reads',
      'Line 4: the decision "maybe" is none of approve, reject, release',
      'Line 5: clipId is missing',
      'Line 6: there is a reason and no decision',
      `Line 7: ${clipId} is in line 2 already`,
    ]);
    expect((await cli.json(`clip show ${clipId}`)).campaigns[0].status).toBe('PENDING');
    expect((await cli.run('clip review -', {}, 'clip,what\nx,y')).err).toMatch(/^The input /);
    expect((await cli.run('clip review nowhere.csv')).err).toBe('There is no file nowhere.csv.\n');
  }); // prettier-ignore

  it('a brand decides on its own clips, and is refused those of others', async () => {
    const token = await cli.world.tokenOf(['brand', 'other']);
    const piped = `clipId,campaignId,decision\n${clips[4]},spring,release`;
    const { status, out } = await cli.run('clip review -', { CLIPTALLY_TOKEN: token }, piped);
    expect([status, out]).toEqual([1, expect.stringContaining('There is no campaign "spring".')]);
  });

  it('a clip is held and released by itself', async () => {
    const clipId = clips[4]!;
    expect(await ok(['clip', 'hold', clipId, '--campaign', 'spring', '--reason', 'who', '--review-at', '2026-12-24'])).toContain('on hold until 2026-12-24T00:00Z: who');
    expect(await ids('--status held --campaign spring')).toContain(clipId);
    expect(await ok(['clip', 'release', clipId, '--campaign', 'spring'])).not.toContain('on hold');
  }); // prettier-ignore
});
