import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiWorld, type ApiAnswer } from '../testing/api-world.js';
import { type World, earn, requested, approve, typesOf } from './testing/payout-steps.js';

describe('payouts by hand', () => {
  let world: World;
  beforeAll(async () => {
    world = await startApiWorld();
  });
  afterAll(() => world.close());

  const upload = (text: string): Promise<ApiAnswer> =>
    world.send('POST', '/payouts/transfers.csv', { raw: text, type: 'text/csv; charset=utf-8' });
  const list = async () => (await world.get('/payouts/transfers.csv')).body as string;

  it('are a file that is downloaded, filled in and sent back', async () => {
    await earn(world, 'ann', 1_234_560);
    await earn(world, 'bob', 500_000);
    const account = { provider: 'manual', account: 'Ann "Annie" Doe, DE89 3704 0044 0532 0130 00' };
    expect(
      (await world.post('/creators/ann/payout-account', account, { as: ['creator', 'ann'] }))
        .status,
    ).toBe(200);
    const [a, b, later] = [
      await requested(world, 'ann', 123_456),
      await requested(world, 'bob', 30_000),
      await requested(world, 'bob', 100),
    ];
    for (const id of [a, b, later]) expect((await approve(world, id)).body.status).toBe('APPROVED');
    const file = await list();
    expect(file.split('\r\n')).toEqual([
      'payout_id,creator_id,account,amount,currency,reference,error',
      `${a},ann,"Ann ""Annie"" Doe, DE89 3704 0044 0532 0130 00",1234.56,USD,,`,
      `${b},bob,,300.00,USD,,`,
      `${later},bob,,1.00,USD,,`,
      '',
    ]);
    const filled = file
      .replace('1234.56,USD,,', '1234.56,USD,SEPA-1,')
      .replace('300.00,USD,,', '300,USD,,account closed');
    expect((await upload(`\uFEFF${filled}`)).body).toEqual({ paid: 1, failed: 1, unchanged: 0 });
    expect((await world.get(`/payouts/${a}`)).body).toMatchObject({
      status: 'PAID',
      externalReference: 'SEPA-1',
      destination: account,
    });
    expect((await world.get('/creators/bob/balance')).body.balances).toMatchObject([
      { paid: 0, reserved: 100, available: 49_900 },
    ]);
    // The same file again: what is paid stays paid once, and what has failed is not failed twice.
    expect((await upload(filled.replace(/^.*account closed\r\n/m, ''))).body).toEqual({
      paid: 0,
      failed: 0,
      unchanged: 1,
    });
    expect((await typesOf(world, 'ann')).filter((type) => type === 'PayoutPaid')).toHaveLength(1);
    expect((await list()).split('\r\n').slice(1)).toEqual([`${later},bob,,1.00,USD,,`, '']);
  });

  it('a cell that a spreadsheet would run is text, and comes back as it was', async () => {
    await earn(world, 'eve', 100_000);
    for (const account of ['=HYPERLINK("http://evil.example","x")', '+491234', '-1', '@SUM(A1)']) {
      await world.post('/creators/eve/payout-account', { provider: 'manual', account });
      const payoutId = await requested(world, 'eve', 100, { payoutId: `-p${account.length}` });
      await approve(world, payoutId);
      const row = (await list()).split('\r\n').find((line) => line.includes(payoutId))!;
      expect(row.startsWith(`'${payoutId},eve,`)).toBe(true);
      expect(row).toMatch(/eve,"?'[=+\-@]/);
      expect(
        (await upload((await list()).replace(row, row.replace(/,,$/, ',ref,')))).body,
      ).toMatchObject({ paid: 1 });
      expect((await world.get(`/payouts/${payoutId}`)).body.status).toBe('PAID');
    }
    expect(
      (await world.post('/creators/eve/payout-account', { provider: 'manual', account: 'a\nb' }))
        .status,
    ).toBe(400);
  });

  it('one wrong row refuses the file, with every wrong row by its line, and records nothing', async () => {
    await earn(world, 'kim', 100_000);
    const [good, asked] = [
      await requested(world, 'kim', 1_000),
      await requested(world, 'kim', 2_000),
    ];
    await approve(world, good);
    const file = `payout_id,amount,currency,reference\n${good},10.00,USD,r1\nnobody,1,USD,r2\n${asked},20.00,USD,r3\n${good},10.00,USD,r4\n`;
    const refused = await upload(file);
    expect(refused).toMatchObject({ status: 422, body: { code: 'rows_refused' } });
    expect(refused.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'line 3',
      'line 4',
      'line 5',
    ]);
    const damaged = await upload(`payout_id,amount,currency,reference\n${good},10.01,EUR,r1\n`);
    expect(damaged.body.detail).toContain('the amount is 10.00, but the file has 10.01');
    expect((await upload('a,b\n1,2\n')).body.detail).toContain('payout_id and reference');
    expect((await upload('payout_id,reference\n"x')).status).toBe(400);
    expect(await upload('')).toMatchObject({
      status: 400,
      body: { detail: 'The file is empty: it has neither a header nor rows.' },
    });
    expect((await upload('payout_id,reference\n')).body).toEqual({
      paid: 0,
      failed: 0,
      unchanged: 0,
    });
    expect((await world.post('/payouts/transfers.csv', { payouts: [] })).status).toBe(415);
    expect((await world.get('/payouts/transfers.csv', { as: ['creator', 'kim'] })).status).toBe(
      403,
    );
    expect(await typesOf(world, 'kim')).toEqual([
      'PayoutRequested',
      'PayoutRequested',
      'PayoutApproved',
    ]);
  });

  it('C8: a file that a spreadsheet has saved is read or truly refused', async () => {
    await earn(world, 'lea', 3_000_000);
    const [a, b] = [await requested(world, 'lea', 123_400), await requested(world, 'lea', 123_450)];
    for (const id of [a, b]) await approve(world, id);
    const url = `${world.service.url}/payouts/transfers.csv`;
    const authorization = `Bearer ${await world.tokenOf(['admin', 'root'])}`;
    const download = await fetch(url, { headers: { authorization } });
    expect([...(await download.bytes()).subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const send = async (body: Uint8Array<ArrayBuffer> | string, type = 'text/csv', query = '') => {
      const headers = { authorization, 'content-type': type };
      const answer = await fetch(url + query, { method: 'POST', headers, body });
      return { status: answer.status, body: (await answer.json()) as { detail: string } };
    };
    const bytes = (text: string, encoding: BufferEncoding) =>
      new Uint8Array(Buffer.from(text, encoding));
    const file = (amount: string, reference: string) =>
      `Payout ID;AMOUNT;Currency;Reference\r\n${a};${amount};USD;${reference}\r\n${b};1234,50;USD;Zoë\r\n`;
    const head = await world.store.head();
    const refused: [Awaited<ReturnType<typeof send>>, number, string][] = [
      [
        await send(file('1,234', 'r')),
        422,
        `Line 2, payout "${a}": the amount 1,234 can be read as two amounts`,
      ],
      [await send(file('1,235.00', 'r')), 422, 'the amount is 1234.00, but the file has 1,235.00'],
      [
        await send(file('1,234.00', '1.23E+12')),
        422,
        'the reference 1.23E+12 is an id that a spreadsheet has turned into a number',
      ],
      [await send(file('1,234.00', '7301234567890120000')), 422, 'rounded to 15 digits'],
      [
        await send(file('1,234.00', '#REF!')),
        400,
        'Line 2: reference: #REF! is what a spreadsheet shows instead of a value',
      ],
      [
        await send(file('1,234.00', '"r')),
        400,
        'Line 2: the quote that begins cell 4 is never closed',
      ],
      [
        await send(file('1,234.00', 'r').replace('AMOUNT', 'Reference')),
        400,
        'has the column "reference" more than once',
      ],
      [await send(bytes(file('1,234.00', 'r'), 'latin1')), 400, 'is not UTF-8 in line 3'],
      [
        await send('PK\x03\x04 xl/workbook.xml'),
        400,
        'The file is an Excel workbook (.xlsx), not CSV.',
      ],
      [await send('<html><table>'), 400, 'The file is a web page (HTML), not CSV'],
      [
        await send(file('1,234.00', 'r'), 'text/csv; charset=koi8-r'),
        415,
        'The encoding koi8-r is not known',
      ],
    ];
    for (const [answer, status, detail] of refused)
      expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(detail) } });
    const wide = bytes(`\uFEFF${file('1,234.00', 'r')}`, 'utf16le');
    expect((await send(wide, 'text/csv', '?dryRun=true')).body).toEqual({
      paid: 2,
      failed: 0,
      unchanged: 0,
    });
    expect(await world.store.head()).toBe(head);
    const latin = bytes(file('1,234.00', 'r'), 'latin1');
    expect((await send(latin, 'text/csv; charset=windows-1252')).body).toEqual({
      paid: 2,
      failed: 0,
      unchanged: 0,
    });
    expect((await send(wide)).body).toEqual({ paid: 0, failed: 0, unchanged: 2 });
    expect((await world.get(`/payouts/${b}`)).body.externalReference).toBe('Zoë');
  });

  it('a payout goes where its creator wanted it then, and waits if that was changed meanwhile', async () => {
    await earn(world, 'mia', 10_000);
    const set = (account: string) =>
      world.post('/creators/mia/payout-account', { provider: 'manual', account });
    await set('old bank');
    const payoutId = await requested(world, 'mia', 100);
    const old = { provider: 'manual', account: 'old bank' };
    const shown = async () => (await world.get(`/payouts/${payoutId}`)).body;
    expect(await shown()).toMatchObject({ destination: old, waitsUntil: null });
    world.clock.advance(1_000);
    await set('new bank');
    const until = new Date(world.clock.now().getTime() + 72 * 3_600_000).toISOString();
    expect(await shown()).toMatchObject({ destination: old, waitsUntil: until });
    const { items } = (await world.get('/payouts?creatorId=mia')).body;
    expect(items[0]).toMatchObject({ payoutId, waitsUntil: until });
    const { status, body } = await approve(world, payoutId);
    expect([status, body.code]).toEqual([409, 'payout_account_changed']);
    expect(body.detail).toContain(`from ${until} on`);
    // What is asked for after the change goes to the new account.
    const later = await requested(world, 'mia', 100);
    const after = { provider: 'manual', account: 'new bank' };
    expect((await approve(world, later)).body).toMatchObject({ status: 'APPROVED', destination: after });
    world.clock.advance(72 * 3_600_000);
    expect((await approve(world, payoutId)).body).toMatchObject({ status: 'APPROVED', destination: old, waitsUntil: null });
  }); // prettier-ignore

  it('nothing goes to Stripe if it is not set up', async () => {
    await earn(world, 'zoe', 10_000);
    expect(
      (await world.post('/creators/zoe/payout-account', { provider: 'stripe', account: 'zoe' }))
        .status,
    ).toBe(400);
    await world.post('/creators/zoe/payout-account', { provider: 'stripe', account: 'acct_zoe' });
    const payoutId = await requested(world, 'zoe', 100);
    expect(await approve(world, payoutId)).toMatchObject({
      status: 409,
      body: { code: 'provider_refuses' },
    });
    expect((await world.post('/webhooks/stripe', {})).status).toBe(404);
    expect(
      (await world.get('/creators/zoe/payout-account', { as: ['creator', 'ann'] })).status,
    ).toBe(403);
  });
});
