import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCliWorld } from '../testing/cli-world.js';

describe('what an import refuses and keeps', () => {
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

  const launch = (id: string) =>
    run(
      `campaign create --id ${id} --brand acme --name S --currency USD --budget 50000 --rate 100 --starts-at 2026-01-01T00:00Z`,
    );
  const HEADER = 'campaignId,brandId,name,currency,budget,ratePerThousand';
  const imported = async (path: string, more = '') =>
    JSON.parse((await run(`import ${path} --json${more}`)).out);
  const statusOf = async (clipId: string) =>
    (await json(`clip show ${clipId}`)).campaigns[0].status;

  it('C1: leaves rejected what was rejected, with and without --approve, whichever way it goes', async () => {
    await launch('decided');
    const row = (nth: number) => `youtu.be/${String(nth).padStart(11, 'r')},decided,ann`;
    const rows = ['url,campaignId,creatorId', row(1)];
    await run(`import ${file('decided.csv', rows.join('\n'))}`);
    const clipId = 'youtube-rrrrrrrrrr1';
    await run(['clip', 'reject', clipId, '--reason', 'no hashtag']);
    const path = file('decided.csv', [...rows, row(2)].join('\n'));
    expect(await imported(path)).toMatchObject({ added: 1, already: 0, rejected: 1, refused: [] });
    expect(await statusOf(clipId)).toBe('REJECTED');
    const again = await run(`import ${path} --approve`);
    expect(again.out).toContain('2 clips: 0 added, 1 there already, 0 refused.');
    expect(again.out).toContain('1 were rejected before, and stay so.');
    expect(await statusOf(clipId)).toBe('REJECTED');
    expect(await statusOf('youtube-rrrrrrrrrr2')).toBe('APPROVED');
    // Creators submit their own clips one by one.
    const CLIPTALLY_TOKEN = await world.tokenOf(['creator', 'ann']);
    const own = JSON.parse((await run(`import ${path} --json`, { CLIPTALLY_TOKEN })).out);
    expect(own).toMatchObject({ added: 0, already: 1, rejected: 1 });
    expect(await statusOf(clipId)).toBe('REJECTED');
    // A creator who means it submits it again.
    await world.post('/clips', {
      url: 'youtu.be/rrrrrrrrrr1',
      campaignId: 'decided',
      creatorId: 'ann',
    });
    expect(await statusOf(clipId)).toBe('PENDING');
  });

  it('C2: refuses a column that is there twice, and launches nothing', async () => {
    const path = file('twice.csv', `${HEADER},budget\ntwice,acme,T,USD,50000,100,5000000\n`);
    expect(await run(`import ${path}`)).toMatchObject({
      status: 2,
      err: expect.stringContaining('has the column "budget" more than once'),
    });
    expect((await run('campaign show twice')).status).toBe(1);
  });

  it('C3: refuses a campaign that is there with other terms, and says which', async () => {
    const row = 'terms,acme,Terms,USD,50000,100';
    const path = file('terms.csv', `${HEADER}\n${row}\n`);
    expect(await imported(path)).toMatchObject({ added: 1 });
    expect(await imported(path)).toMatchObject({ already: 1, refused: [] });
    await run('campaign top-up terms 1000');
    expect(await imported(path)).toMatchObject({ already: 1, refused: [] });
    const other = async (text: string, header = HEADER) =>
      (await imported(file('other.csv', `${header}\n${text}\n`))).refused[0]?.reason;
    expect(await other('terms,acme,Terms,USD,60000,100')).toBe(
      'the campaign "terms" is there with other terms: budget: it is 50000, not 60000',
    );
    expect(await other('terms,acme,Other,EUR,50000,200')).toMatch(
      /name: it is "Terms", not "Other"; currency: .*; ratePerThousand: it is \{"default":100\}/,
    );
    expect(await other(`${row},2030-01-01`, `${HEADER},startsAt`)).toContain('startsAt: it is');
    expect(await other('terms,else,Terms,USD,50000,100')).toContain(
      'brandId: it is of another brand',
    );
    // Whose campaign it is not learns nothing of its terms.
    const foreign = await world.post(
      '/campaigns',
      { ...world.terms(), campaignId: 'terms' },
      { as: ['brand', 'else'] },
    );
    expect(foreign).toMatchObject({ status: 409, body: { errors: [{ field: 'brandId' }] } });
    const two = file('two.csv', `${HEADER}\nsame,acme,A,USD,1,1\nsame,acme,B,USD,2,2\n`);
    expect((await imported(two)).refused).toMatchObject([
      { line: 3, reason: 'line 2 has the campaign "same" as well' },
    ]);
  });

  it('C4: takes no character for another', async () => {
    const text = `${HEADER}\nzoe,acme,Zo\u00EB and Jos\u00E9,USD,50000,100\n`;
    const path = file('zoe.csv', Buffer.from(text, 'latin1'));
    expect(await run(`import ${path}`)).toMatchObject({
      status: 2,
      err: expect.stringMatching(/zoe\.csv is not UTF-8 in line 2: .*windows-1252/),
    });
    expect(await imported(path, ' --encoding windows-1252')).toMatchObject({ added: 1 });
    expect((await json('campaign show zoe')).name).toBe('Zoë and José');
    const lost = file('lost.csv', `${HEADER}\nlost,acme,Zo\uFFFD,USD,50000,100\n`);
    expect((await imported(lost)).refused[0].reason).toContain('has lost a character');
  });

  it('C5: gives an instant one meaning', async () => {
    const rows = ['2026-12-10 10:00', '2027-02-30', '2026-12-24 (Thu)', '12/10/2026'];
    const path = file(
      'days.csv',
      [`${HEADER},endsAt`, ...rows.map((at, i) => `day${i},acme,D,USD,50000,100,${at}`)].join('\n'),
    );
    const { refused } = await imported(path);
    expect(
      refused.map(({ line, reason }: { line: number; reason: string }) => [line, reason]),
    ).toEqual([
      [3, 'endsAt: 2027-02-30 is no day of the calendar'],
      [4, expect.stringContaining('endsAt: 2026-12-24 (Thu) has something behind')],
      [5, expect.stringContaining('endsAt: 12/10/2026 can be read as two days')],
    ]);
    expect((await json('campaign show day0')).endsAt).toBe('2026-12-10T10:00:00.000Z');
  });

  it('C6 and C9: keeps what it refuses, and no spreadsheet runs it', async () => {
    const rows = [
      '"bad,acme,B,USD,1,1',
      "=cmd|'/c calc'!A1,acme,E;=1+1,USD,1,x",
      'good,acme,G,USD,1,1',
    ];
    const path = file('broken.csv', [HEADER, ...rows].join('\r\n'));
    expect((await run(`import ${path}`)).out).toContain(
      '3 campaigns: 1 added, 0 there already, 2 refused.',
    );
    const written = read('broken.refused.csv');
    expect(written).toBe(
      `\uFEFFline,reason,raw,${HEADER}\r\n` +
        '2,the quote that begins cell 1 is never closed,"""bad,acme,B,USD,1,1",,,,,,\r\n' +
        '3,ratePerThousand: x is not a whole number of minor units (1500 is 15.00 USD),,"\'=cmd|\'/c calc\'!A1",acme,"E;\'=1+1",USD,1,x\r\n',
    );
    const again = await imported(file('broken-again.csv', written));
    expect(again.refused).toMatchObject([
      { line: 2, reason: 'is the raw text of a row: put its cells into their columns' },
      { line: 3, values: { campaignId: "=cmd|'/c calc'!A1", name: 'E;=1+1' } },
    ]);
  });

  it('C7: reads or names a file whatever its name says', async () => {
    await launch('kinds');
    const kinds: [string | Uint8Array, RegExp][] = [
      ['', /is empty: it has neither a header nor rows/],
      ['<html><table><tr><td>url</td></tr></table></html>', /is a web page \(HTML\), not CSV/],
      [Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), /is an old Excel workbook \(\.xls\), not CSV/],
      ['a,b\n1,2\n', /has no column/],
    ];
    for (const [content, why] of kinds)
      expect(await run(`import ${file('kinds.csv', content)}`)).toMatchObject({
        status: 2,
        err: expect.stringMatching(why),
      });
    const text =
      '\uFEFFClips of March;;\r\nURL;Campaign ID;creator id;;\r\nyoutu.be/kkkkkkkkkk1;kinds;ann;;\r\n;;;;\r\n';
    const wide = file('wide.csv', Buffer.from(text, 'utf16le').swap16());
    expect(await imported(wide)).toMatchObject({ rows: 1, added: 1, refused: [] });
  });

  it('of a dry run says what would happen, row by row, and changes nothing', async () => {
    await launch('dry');
    const row = (nth: number, creator = 'ann', campaign = 'dry') =>
      `youtu.be/${String(nth).padStart(11, 'd')},${campaign},${creator}`;
    await run(`import ${file('dry.csv', ['url,campaignId,creatorId', row(1), row(2)].join('\n'))}`);
    await run(['clip', 'reject', 'youtube-dddddddddd2', '--reason', 'x']);
    const head = await world.store.head();
    const rows = [
      row(1),
      row(2),
      row(3),
      row(3),
      row(3, 'bob'),
      row(4, 'ann', 'none'),
      'vm.tiktok.com/ZMabcdefg/,dry,ann',
      'x',
    ];
    const path = file('dry-run.csv', ['url,campaignId,creatorId', ...rows].join('\n'));
    const { status, out } = await run(`import ${path} --approve --dry-run`);
    expect([status, out]).toEqual([
      1,
      expect.stringContaining('Nothing was written: it was a dry run.'),
    ]);
    expect(out).toContain('8 clips: 1 would be added, 2 there already, 3 would be refused.');
    const { lines, ...report } = await imported(path, ' --dry-run');
    expect(report).toMatchObject({
      dryRun: true,
      added: 1,
      already: 2,
      rejected: 1,
      unfollowed: 1,
    });
    expect(
      lines.map(({ line, outcome }: { line: number; outcome: string }) => [line, outcome]),
    ).toEqual([
      [2, 'already'],
      [3, 'rejected'],
      [4, 'added'],
      [5, 'already'],
      [6, 'refused'],
      [7, 'refused'],
      [8, 'unfollowed'],
      [9, 'refused'],
    ]);
    const campaigns = file(
      'dry-campaigns.csv',
      `${HEADER}\nnew,acme,N,USD,5,5\ndry,acme,S,USD,1,100\nodd,acme,O,USD,0,1\n`,
    );
    const would = await imported(campaigns, ' --dry-run');
    expect(would.lines).toMatchObject([
      { line: 2, outcome: 'added' },
      {
        line: 3,
        outcome: 'refused',
        reason: expect.stringContaining('budget: it is 50000, not 1'),
      },
      { line: 4, outcome: 'refused', reason: expect.stringContaining('must be more than nothing') },
    ]);
    expect(await world.store.head()).toBe(head);
    expect(() => read('dry-run.refused.csv')).toThrow('ENOENT');
    // What it said is what happens.
    expect(await imported(path)).toMatchObject({ added: 1, already: 2, rejected: 1 });
  });

  it('of two rows of one clip takes the upper one, however far apart they are', async () => {
    await launch('far');
    const row = (nth: number, creator: string) =>
      `youtu.be/${String(nth).padStart(11, 'f')},far,${creator}`;
    const between = Array.from({ length: 450 }, (_, i) => row(i + 2, 'cid'));
    const path = file(
      'far.csv',
      ['url,campaignId,creatorId', row(1, 'ann'), ...between, row(1, 'bob')].join('\n'),
    );
    expect((await imported(path)).refused).toMatchObject([{ line: 453 }]);
    expect((await json('clip show youtube-ffffffffff1')).campaigns).toMatchObject([
      { creatorId: 'ann' },
    ]);
  });

  it('C8: transfers come back from a spreadsheet, and a dry run of them changes nothing', async () => {
    const campaignId = (
      await world.post('/campaigns', world.terms({ validationDays: 0, anomalyThreshold: null }))
    ).body.campaignId;
    const url = 'youtu.be/ppppppppppp';
    const { clipId } = (await world.post('/clips', { url, campaignId, creatorId: 'ann' })).body;
    await world.post(`/clips/${clipId}/approve`);
    world.clock.advance(1_000);
    await world.see(clipId, 3_000_000);
    for (const id of ['pay-1', 'pay-2']) {
      await run(`payout request 12345${id.at(-1)} --currency USD --creator ann --id ${id}`);
      await run(`payout approve ${id}`);
    }
    const path = file('transfers.csv', '');
    expect((await run(`payout transfers --out ${path}`)).err).toContain('payout record');
    expect([...Buffer.from(read('transfers.csv')).subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const back = (reference: string) =>
      `Transfers;\r\nPayout ID;Amount;Currency;REFERENCE\r\npay-1;1,234.51;USD;\r\npay-2;1234,52;usd;${reference}\r\n`;
    const wide = file('wide-transfers.csv', Buffer.from(`\uFEFF${back('SEPA 7')}`, 'utf16le'));
    const head = await world.store.head();
    expect(await run(`payout record ${wide} --dry-run`)).toEqual({
      status: 0,
      out: '1 paid, 0 failed, 0 as they were.\nNothing was written: it was a dry run.\n',
      err: '',
    });
    const damaged = await run(`payout record ${file('damaged.csv', back('1.23E+12'))}`);
    expect(damaged.err).toContain(
      'Line 4, payout "pay-2": the reference 1.23E+12 is an id that a spreadsheet has turned into a number',
    );
    expect(damaged.status).toBe(1);
    expect(await world.store.head()).toBe(head);
    expect((await run(`payout record ${wide}`)).out).toBe('1 paid, 0 failed, 0 as they were.\n');
    expect((await json('payout show pay-2')).externalReference).toBe('SEPA 7');
  });
});
