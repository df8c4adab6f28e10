import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCliWorld } from '../testing/cli-world.js';

describe('the import of a file', () => {
  let cli: Awaited<ReturnType<typeof startCliWorld>>;
  let world: (typeof cli)['world'];
  beforeAll(async () => {
    cli = await startCliWorld();
    ({ world } = cli);
  });
  afterAll(() => cli.close());
  const run = (line: string | string[], more?: Record<string, string>) => cli.run(line, more);
  const json = (line: string | string[]) => cli.json(line);
  const file = (name: string, content: string | Uint8Array) => cli.file(name, content);
  const read = (name: string) => cli.read(name);

  it('of campaigns, once', async () => {
    const path = file(
      'campaigns.csv',
      [
        '\ufeffcampaignId,brandId,name,currency,budget,ratePerThousand,ratePerThousand.youtube,minViews,startsAt,endsAt,exclusive',
        'one,acme,"One, and only",USD,100000,100,150,1000,2026-01-01,2027-01-01,TRUE',
        'two,acme,Two,JPY,5000,10,,,2026-01-01,,no',
        'three,acme,Three,USD,15.00,100,,,,,',
        'four,acme,Four,USD,1500,100,,,,2020-01-01,maybe',
        'five,acme,Five,XXX,1500,100,,,,,',
        ',acme,Six,USD,1500,100,,,,,',
      ].join('\r\n'),
    );
    const first = await run(`import ${path}`);
    expect(first).toMatchObject({
      status: 1,
      out: expect.stringContaining('6 campaigns: 2 added, 0 there already, 4 refused.'),
    });
    expect(first.out).toMatch(/4 +budget: 15\.00 is not a whole number of minor units/);
    expect(first.out).toMatch(/5 +exclusive: maybe is neither yes nor no/);
    expect(first.out).toMatch(/6 .*currency: "XXX" is not a currency/);
    expect(await json('campaign show one')).toMatchObject({
      name: 'One, and only',
      ratePerThousand: { default: 100, youtube: 150 },
      minViews: 1_000,
      exclusive: true,
    });
    expect(await json('campaign show two')).toMatchObject({ exclusive: false, endsAt: null });
    expect((await run(`import ${path}`)).out).toContain(
      '6 campaigns: 0 added, 2 there already, 4 refused.',
    );
    // The report of what was refused is a file to be mended and imported again.
    const refused = read('campaigns.refused.csv');
    expect(refused.split('\r\n')[1]).toMatch(/^4,/);
    const mended = file('mended.csv', refused.replace('15.00,', '1500,'));
    expect((await run(`import ${mended}`)).out).toContain(
      '4 campaigns: 1 added, 0 there already, 3 refused.',
    );
  });

  it('of clips, as a spreadsheet of another country writes them, and none that it has damaged', async () => {
    await run(
      'campaign create --id sheet --brand acme --name S --currency USD --budget 500 --rate 100 --starts-at 2026-01-01T00:00Z',
    );
    const rows = [
      'https://www.tiktok.com/@ann/video/7301234567890123456;sheet;ann',
      'youtu.be/ccccccccccc;sheet;bob',
      'https://www.youtube.com/watch?v=ccccccccccc;sheet;cid',
      'https://www.tiktok.com/@ann/video/7301234567890120000;sheet;ann',
      'https://www.tiktok.com/@ann/video/7,30123E+18;sheet;ann',
      'https://youtu.be/ddddddddddd;#REF!;ann',
      'https://youtu.be/ddddddddddd;sheet;7301234567890120000',
      'https://example.com/clip;sheet;ann',
      'https://youtu.be/ddddddddddd;unknown;ann',
      'https://youtu.be/ddddddddddd;sheet;',
    ];
    const path = file('clips.csv', ['url;campaignId;creatorId', ...rows, ''].join('\n'));
    const { status, out } = await run(`import ${path} --approve --json`);
    const report = JSON.parse(out);
    expect([status, report.kind, report.added, report.already]).toEqual([1, 'clips', 2, 0]);
    expect(
      report.refused.map(({ line, reason }: { line: number; reason: string }) => [line, reason]),
    ).toEqual([
      [4, expect.stringContaining('in the campaign "sheet" already')],
      [5, expect.stringContaining('a spreadsheet has rounded to 15 digits')],
      [6, expect.stringContaining('a spreadsheet has turned into a number')],
      [7, expect.stringContaining('campaignId: #REF! is what a spreadsheet shows')],
      [8, expect.stringContaining('creatorId: 7301234567890120000 ends in zeros')],
      [9, expect.stringContaining('"example.com" is not a site that we track')],
      [10, expect.stringContaining('There is no campaign "unknown"')],
      [11, expect.stringContaining('creatorId is missing')],
    ]);
    const clip = await json('clip show youtube-ccccccccccc');
    expect(clip.campaigns).toMatchObject([
      { status: 'APPROVED', creatorId: clip.campaigns[0].creatorId },
    ]);
    expect((await json('clip show tiktok-7301234567890123456')).campaigns[0].status).toBe(
      'APPROVED',
    );
    expect(JSON.parse((await run(`import ${path} --approve --json`)).out)).toMatchObject({
      added: 0,
      already: 2,
    });
  });

  it('of a caller who may submit only its own, and rows that a batch does not take', async () => {
    await run(
      'campaign create --id alone --brand acme --name A --currency USD --budget 500 --rate 100 --starts-at 2026-01-01T00:00Z',
    );
    const path = file(
      'own.csv',
      'url,campaignId,creatorId\nyoutu.be/fffffffffff,alone,ann\nyoutu.be/ggggggggggg,alone,bad id\n',
    );
    expect(
      await run(`import ${path}`, { CLIPTALLY_TOKEN: await world.tokenOf(['creator', 'ann']) }),
    ).toMatchObject({
      status: 1,
      out: expect.stringContaining('2 clips: 1 added, 0 there already, 1 refused.'),
    });
    expect((await run(`import ${path}`)).out).toContain(
      '2 clips: 0 added, 1 there already, 1 refused.',
    );
  });

  it('stops if nobody answers, and says that it can go on', async () => {
    const path = file(
      'more.csv',
      'url,campaignId,creatorId\nhttps://youtu.be/eeeeeeeeeee,sheet,ann\n',
    );
    const { status, err } = await run(`import ${path}`, { CLIPTALLY_API: 'http://127.0.0.1:1' });
    expect([status, err]).toEqual([
      4,
      expect.stringContaining('the same command goes on from there'),
    ]);
    const wrong = file('wrong.csv', 'url,campagnId,creatorId\nx,y,z\n');
    expect(await run(`import ${wrong}`)).toMatchObject({
      status: 2,
      err: expect.stringContaining('has no column campaignId'),
    });
    expect(await run(`import ${path} --from postgres://x`)).toMatchObject({
      status: 2,
      err: expect.stringContaining('Name a CSV or Excel file, or'),
    });
  });

  it('of thousands of rows', async () => {
    await run(
      'campaign create --id many --brand acme --name M --currency USD --budget 500 --rate 100 --starts-at 2026-01-01T00:00Z',
    );
    const rows = Array.from(
      { length: 1_000 },
      (_, i) => `https://youtu.be/${String(i).padStart(11, 'm')},many,c${i % 50}`,
    );
    const path = file('many.csv', ['url,campaignId,creatorId', ...rows].join('\n'));
    expect((await run(`import ${path}`)).out).toBe(
      '1000 clips: 1000 added, 0 there already, 0 refused.\n',
    );
    expect(await json('clip list --campaign many --limit 3000')).toHaveLength(1_000);
  });
});
