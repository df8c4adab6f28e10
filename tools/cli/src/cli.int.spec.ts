import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SECRET } from '../../../services/earnings/src/testing/api-world.js';
import { startCliWorld } from './testing/cli-world.js';

const DAY_MS = 86_400_000;

describe('the command line', () => {
  let cli: Awaited<ReturnType<typeof startCliWorld>>;
  let world: (typeof cli)['world'];
  let dir: string;
  beforeAll(async () => {
    cli = await startCliWorld();
    ({ world, dir } = cli);
  });
  afterAll(() => cli.close());
  const run = (line: string | string[], more?: Record<string, string>) => cli.run(line, more);
  const json = (line: string | string[]) => cli.json(line);

  it('takes a campaign from launch to payout', async () => {
    const create =
      'campaign create --id spring --brand acme --name Spring --currency USD --budget 50000 --rate 100 --rate-youtube 200';
    const launched = await run(
      `${create} --starts-at 2026-01-01T00:00Z --validation-days 1 --min-payout 500 --no-exclusive`,
    );
    expect(launched).toMatchObject({ status: 0, err: '' });
    expect(launched.out).toMatch(/^remaining +500\.00 USD$/m);
    expect(launched.out).toMatch(/^per thousand +1\.00 USD, youtube 2\.00 USD$/m);
    expect((await run('campaign top-up spring 1000')).out).toMatch(/^budget +510\.00 USD$/m);
    await run('clip submit https://youtu.be/dQw4w9WgXcQ --campaign spring --creator ann');
    await run(['clip', 'hold', 'youtube-dQw4w9WgXcQ', '--reason', 'who is this']);
    expect((await run('clip show youtube-dQw4w9WgXcQ')).out).toContain(
      'PENDING, on hold until 2026-02-04T00:00Z: who is this',
    );
    await run('clip release youtube-dQw4w9WgXcQ');
    expect((await run('clip approve youtube-dQw4w9WgXcQ')).out).toContain('APPROVED');
    expect((await run('clip track youtube-dQw4w9WgXcQ')).out).toMatch(
      /^A scrape of youtube-dQw4w9WgXcQ is requested/,
    );
    world.clock.advance(DAY_MS);
    await world.see('youtube-dQw4w9WgXcQ', 20_000);
    const seen = (await run('clip show youtube-dQw4w9WgXcQ')).out;
    expect(seen).toMatch(/^next scrape +after 2026-02-02T01:00Z, as its turn comes$/m);
    expect(seen).toMatch(/^spring: 40\.00 USD can be paid out from 2026-02-0\dT/m);
    expect((await run('balance ann')).out).toMatch(
      /^40\.00 USD are available from 2026-02-0\dT00:00Z on\.$/m,
    );
    await run('campaign pause spring --reason lunch');
    expect((await run('campaign list --status PAUSED')).out).toMatch(
      /^spring +Spring +acme +PAUSED +510\.00 USD +40\.00 USD +470\.00 USD$/m,
    );
    await run('campaign resume spring');
    expect((await run('clip list --campaign spring')).out).toMatch(
      /^youtube-dQw4w9WgXcQ +20,000 +2026-02-02T00:00Z +spring +ann +APPROVED +40\.00 USD/m,
    );
    expect((await run('statement --clip youtube-dQw4w9WgXcQ')).out).toContain(
      '0 to 20,000 views at 2.00 USD',
    );
    world.clock.advance(2 * DAY_MS);
    expect((await run('balance ann')).out).toMatch(/40\.00 USD +5\.00 USD$/m);
    expect(await json('balance ann')).toMatchObject({
      balances: [{ currency: 'USD', available: 4_000 }],
    });
    await run('payout request 2500 --currency USD --creator ann --id p1');
    await run('payout approve p1');
    expect((await run(['payout', 'paid', 'p1', '--reference', 'bank 1'])).out).toMatch(
      /^status +PAID$/m,
    );
    await run('payout request 600 --currency USD --creator ann --id p2');
    expect((await run('payout reject p2 --reason no')).status).toBe(0);
    await run('payout request 600 --currency USD --creator ann --id p3');
    await run('payout approve p3');
    expect((await run('payout failed p3 --reason returned')).out).toMatch(/^status +FAILED$/m);
    expect(
      (await json('payout list --creator ann')).map((p: { payoutId: string }) => p.payoutId),
    ).toEqual(['p3', 'p2', 'p1']);
    expect(
      (await json('payout list --status PAID')).map((p: { payoutId: string }) => p.payoutId),
    ).toEqual(['p1']);
    expect((await json('payout show p1')).externalReference).toBe('bank 1');
    await run('clip hold youtube-dQw4w9WgXcQ --reason bots');
    expect((await run('clip reject youtube-dQw4w9WgXcQ --reason bots')).out).toContain('REJECTED');
    expect((await run('campaign end spring')).out).toMatch(/^status +ENDED$/m);
    expect((await json('statement --creator ann')).length).toBeGreaterThan(0);
    expect((await run('statement --campaign spring --limit 1')).status).toBe(0);
  });

  it('says what creators were paid in a year, takes tax profiles and erases them', async () => {
    expect((await run('tax year 2026')).out).toMatch(
      /^ann +25\.00 USD +25\.00 USD +0\.00 USD +0\.00 USD +1 +\d+ +no$/m,
    );
    expect((await run('tax year 2026 --currency EUR')).out).toBe(
      'Nobody was paid anything in 2026.\n',
    );
    expect(await json('tax year 2026 --at-least 2501')).toEqual([]);
    expect(await json('tax year 2026 --at-least 2500')).toMatchObject([
      { creatorId: 'ann', currency: 'USD', paid: 2_500 },
    ]);
    expect((await run('tax profile ann')).out).toBe('ann has given no tax profile.\n');
    const file = join(dir, 'profile.json');
    const profile = { kind: 'individual', legalName: 'Ann Example', taxId: '12', taxIdCountry: 'DE', street: 'Weg 1', postalCode: '53111', city: 'Bonn', country: 'DE' }; // prettier-ignore
    writeFileSync(file, JSON.stringify(profile));
    expect((await run(`tax set-profile ann --file ${file}`)).out).toMatch(
      /^legalName +Ann Example$/m,
    );
    expect((await json('tax profile ann')).profile).toEqual(profile);
    const out = join(dir, 'year.csv');
    expect((await run(`tax year 2026 --out ${out}`)).err).toBe(`The year 2026 is in ${out}.\n`);
    expect(readFileSync(out, 'utf8')).toContain('Ann Example');
    writeFileSync(file, JSON.stringify({ ...profile, country: 'Germany' }));
    expect(await run(`tax set-profile ann --file ${file}`)).toMatchObject({
      status: 1,
      err: expect.stringContaining('country'),
    });
    expect((await run('tax erase-profile ann')).out).toBe('ann has given no tax profile.\n');
    expect(await run('tax year twenty')).toMatchObject({ status: 2 });
  });

  it('shows the platform fee of a campaign', async () => {
    const words =
      'campaign create --id withfee --brand acme --name F --currency USD --budget 500 --rate 100';
    expect((await run(`${words} --fee 250 --fee-from creator`)).out).toMatch(
      /^platform fee +2\.5 % borne by the creator, 0\.00 USD so far$/m,
    );
    expect((await json('campaign show withfee')).platformFee).toEqual({
      basisPoints: 250,
      bearer: 'creator',
    });
  });

  it('lists failed scrapes and sends them again', async () => {
    await run(
      'campaign create --id failing --brand acme --name F --currency USD --budget 500 --rate 100 --starts-at 2026-01-01T00:00Z',
    );
    for (const id of ['aaaaaaaaaaa', 'bbbbbbbbbbb']) {
      await run(`clip submit https://youtu.be/${id} --campaign failing --creator ann`);
      await run(`clip approve youtube-${id}`);
      await world.fail(`youtube-${id}`, (await json(`clip track youtube-${id}`)).requestId);
    }
    const listed = await json('failed list');
    expect(listed).toHaveLength(2);
    expect((await run('failed list')).out).toMatch(/youtube-aaaaaaaaaaa +blocked +yes +3 +1/);
    expect((await run(`failed retry ${listed[0].id}`)).out).toMatch(/^A new scrape is requested/);
    expect((await run('failed retry --all --platform tiktok')).out).toBe(
      '0 new scrapes are requested.\n',
    );
    // What was sent again is sent again once.
    const asked = await json('failed retry --all');
    expect(await json(`failed retry ${listed[0].id} ${listed[1].id}`)).toEqual(asked);
    expect(await run(`failed retry ${randomUUID()} ${listed[0].id}`)).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^There is no failed scrape/),
    });
    expect(await run('failed retry')).toMatchObject({
      status: 2,
      err: 'Name failed scrapes, or --all.\n',
    });
    expect(await run(`failed retry ${listed[0].id} --reason blocked`)).toMatchObject({ status: 2 });
  });

  it('says in one sentence what is wrong, with a status for scripts', async () => {
    const printed = async (line: string, more?: Record<string, string>) => {
      const { status, out, err } = await run(line, more);
      expect([out, err.split('\n').length <= 3, /^\s+at /m.test(err)]).toEqual(['', true, false]);
      return [status, err];
    };
    expect(await printed('campaign show nothing')).toEqual([
      1,
      'There is no campaign "nothing".\n',
    ]);
    expect(await printed('campaign top-up spring 15.00')).toEqual([
      2,
      expect.stringContaining('Write an amount in minor units'),
    ]);
    expect(await printed('campaign crate')).toEqual([
      2,
      expect.stringContaining("Unknown command 'crate'"),
    ]);
    expect(await printed('statement')).toEqual([
      2,
      'Name one of --creator, --clip and --campaign.\n',
    ]);
    expect(await printed('import nothing.csv')).toEqual([2, 'There is no file nothing.csv.\n']);
    expect(await printed('campaign list', { CLIPTALLY_TOKEN: 'x.y.z' })).toEqual([
      3,
      'The token is not one of ours.\n',
    ]);
    expect(
      await printed('campaign pause spring', {
        CLIPTALLY_TOKEN: await world.tokenOf(['creator', 'ann']),
      }),
    ).toEqual([3, expect.stringContaining('A creator may not do this')]);
    expect(await printed('campaign list', { CLIPTALLY_API: 'http://127.0.0.1:1' })).toEqual([
      4,
      expect.stringContaining('Nobody answers at http://127.0.0.1:1'),
    ]);
    expect(await printed('campaign list', { CLIPTALLY_API: 'nonsense' })).toEqual([
      2,
      expect.stringContaining('"nonsense" is not the address of an API'),
    ]);
    expect(
      (await run('campaign create --id x --brand acme --name X --currency USD --budget 0 --rate 0'))
        .err,
    ).toMatch(/budget.*ratePerThousand/s);
  });

  it('has help for every command', async () => {
    const top = await run('--help');
    expect(top).toMatchObject({ status: 0, out: expect.stringContaining('Exit status') });
    for (const line of [
      'campaign',
      'campaign create',
      'clip',
      'clip hold',
      'payout',
      'payout paid',
      'balance',
      'statement',
      'failed',
      'failed retry',
      'import',
      'token',
    ])
      expect(await run(`${line} --help`)).toMatchObject({
        status: 0,
        out: expect.stringMatching(new RegExp(`^Usage: npm run cliptally -- ${line}`)),
      });
  });

  it('acts as the caller that it is given, if there is a secret for development, and not in production', async () => {
    const secret = { JWT_SECRET: SECRET, CLIPTALLY_TOKEN: '' };
    expect((await run('campaign list', secret)).status).toBe(0);
    expect((await run('--as creator:ann failed list', secret)).status).toBe(3);
    expect(await run('--as nobody campaign list', secret)).toMatchObject({
      status: 2,
      err: expect.stringContaining('"nobody" is nobody'),
    });
    const { out } = await run('token creator --subject ann', secret);
    expect((await run('balance ann', { CLIPTALLY_TOKEN: out.trim() })).status).toBe(0);
    expect((await run('balance bob', { CLIPTALLY_TOKEN: out.trim() })).status).toBe(3);
    expect(await run('token', { ...secret, NODE_ENV: 'production' })).toMatchObject({
      status: 3,
      out: '',
      err: expect.stringContaining('NODE_ENV is "production"'),
    });
  });

  it('needs no settings beside a running npm start', async () => {
    const home = join(dir, 'home');
    mkdirSync(join(home, '.cliptally'), { recursive: true });
    writeFileSync(
      join(home, '.cliptally', 'running.json'),
      JSON.stringify({ pid: process.pid, apiUrl: world.service.url, databaseUrl: '', clock: '' }),
    );
    writeFileSync(join(home, '.cliptally', 'jwt-secret'), SECRET);
    const program = resolve('tools/cli/dist/main.js');
    const { PATH } = process.env;
    const ran = (...args: string[]) =>
      new Promise<{ code: unknown; out: string }>((done) => {
        execFile(process.execPath, [program, ...args], { cwd: home, env: { PATH } }, (error, out) =>
          done({ code: error?.code ?? 0, out }),
        );
      });
    expect(await ran('campaign', 'list', '--json')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\[/),
    });
    expect(await ran('campaign', 'show', 'nothing')).toMatchObject({ code: 1, out: '' });
  });
});
