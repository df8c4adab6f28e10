import { ManualClock } from '@cliptally/contracts';
import { until as untilSo } from '@cliptally/dev/servers';
import { startStripeStandIn, type StripeStandIn } from '@cliptally/dev/stripe-stand-in';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stripe } from 'stripe';
import type { Role } from '../http/auth/access.js';
import { freshUrl, startApiWorld, type ApiAnswer } from '../testing/api-world.js';

const SECRET_KEY = 'sk_test_stand_in';
const WEBHOOK_SECRET = 'whsec_stand_in';
const HOUR_MS = 3_600_000;

type World = Awaited<ReturnType<typeof startApiWorld>>;

/** Gives a creator `views` x 1.00 per thousand, at once available. */
async function earn(
  world: World,
  creatorId: string,
  views: number,
  currency = 'USD',
): Promise<string> {
  const terms = world.terms({ validationDays: 0, currency, anomalyThreshold: null });
  const { campaignId } = (await world.post('/campaigns', terms)).body;
  const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body;
  await world.post(`/clips/${clipId}/approve`);
  world.clock.advance(1_000);
  await world.see(clipId, views);
  return clipId;
}

async function requested(
  world: World,
  creatorId: string,
  amount: number,
  more: object = {},
): Promise<string> {
  const answer = await world.post('/payouts', { creatorId, currency: 'USD', amount, ...more });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body.payoutId;
}

const approve = (world: World, payoutId: string) => world.post(`/payouts/${payoutId}/approve`);
const typesOf = async (world: World, creatorId: string) =>
  (await Array.fromAsync(world.store.readStream(`payout-${creatorId}`))).map(({ type }) => type);

const until = (holds: () => Promise<boolean> | boolean) => untilSo(String(holds), holds);
const untilStatus = (world: World, payoutId: string, status: string) =>
  until(async () => (await world.get(`/payouts/${payoutId}`)).body.status === status);

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

describe('payouts by Stripe Connect', () => {
  const clock = new ManualClock('2026-02-01T00:00:00Z');
  let world: World;
  let stripe: StripeStandIn;
  beforeAll(async () => {
    stripe = await startStripeStandIn({
      clock,
      secretKey: SECRET_KEY,
      accounts: ['acct_ann', 'acct_bob', 'acct_yen'],
      balance: { eur: 50 },
    });
    world = await startApiWorld({
      clock,
      stripe: { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET, baseUrl: stripe.url },
    });
    for (const creator of ['ann', 'bob', 'yen'])
      await world.post(`/creators/${creator}/payout-account`, {
        provider: 'stripe',
        account: `acct_${creator}`,
      });
    await earn(world, 'ann', 1_000_000);
    await earn(world, 'bob', 1_000_000);
  });
  afterAll(async () => {
    await world.close();
    await stripe.close();
  });

  const send = async (creatorId: string, amount: number, more: object = {}) => {
    const payoutId = await requested(world, creatorId, amount, more);
    expect((await approve(world, payoutId)).status).toBe(200);
    return payoutId;
  };
  const transfersOf = (payoutId: string) =>
    stripe.transfers.filter((t) => t.transfer_group === payoutId);
  const deliver = (body: string, signature: string) =>
    fetch(`${world.service.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body,
    });
  const signatureOf = (payload: string, secret = WEBHOOK_SECRET, at = clock.now()) =>
    Stripe.webhooks.generateTestHeaderString({
      payload,
      secret,
      timestamp: Math.floor(at.getTime() / 1000),
    });
  const tell = (type: string, object: object) => {
    const body = JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } });
    return deliver(body, signatureOf(body)).then(({ status }) => status);
  };

  it('an approval is a transfer, and its id the reference', async () => {
    const payoutId = await send('ann', 12_345);
    await untilStatus(world, payoutId, 'PAID');
    const [transfer, ...more] = transfersOf(payoutId);
    expect(more).toEqual([]);
    expect(transfer).toMatchObject({ amount: 12_345, currency: 'usd', destination: 'acct_ann' });
    expect((await world.get(`/payouts/${payoutId}`)).body).toMatchObject({
      externalReference: transfer!.id,
    });
    // A person cannot say otherwise of what Stripe carries out.
    stripe.strike(
      { kind: 'error', status: 429, type: 'rate_limit_error' },
      { kind: 'error', status: 429, type: 'rate_limit_error' },
    );
    const open = await send('ann', 100);
    expect(await world.post(`/payouts/${open}/paid`, { externalReference: 'bank' })).toMatchObject({
      status: 409,
      body: { code: 'payout_at_stripe' },
    });
    expect((await world.post(`/payouts/${open}/failed`, { reason: 'slow' })).status).toBe(409);
    await until(() => (clock.advance(5_000), transfersOf(open).length === 1));
    await untilStatus(world, open, 'PAID');
  });

  it('no answer, a lost answer and an error of Stripe are asked about again, and paid once', async () => {
    const faults = [
      { kind: 'reset', when: 'before' },
      { kind: 'reset', when: 'after' },
      { kind: 'error', status: 500, type: 'api_error' },
      { kind: 'error', status: 401, type: 'invalid_request_error' },
      { kind: 'error', status: 409, type: 'idempotency_error', code: 'idempotency_key_in_use' },
    ] as const;
    for (const fault of faults) {
      // The client repeats a request by itself once; the second fault makes the sender come back.
      stripe.strike(fault, fault);
      const payoutId = await send('bob', 100);
      await until(async () => {
        clock.advance(5_000);
        return (await world.get(`/payouts/${payoutId}`)).body.status === 'PAID';
      });
      expect([fault, transfersOf(payoutId).length]).toEqual([fault, 1]);
      stripe.forgetKeys();
    }
  });

  it('what Stripe refuses has failed, with its reason, and is available again', async () => {
    const before = (await world.get('/creators/ann/balance')).body.balances[0].available;
    stripe.accounts.delete('acct_ann');
    const payoutId = await send('ann', 1_000);
    await untilStatus(world, payoutId, 'FAILED');
    stripe.accounts.add('acct_ann');
    expect((await world.get('/creators/ann/balance')).body.balances[0].available).toBe(before);
    const last = (await Array.fromAsync(world.store.readStream('payout-ann'))).at(-1)!;
    expect(last.data).toMatchObject({
      reason: expect.stringContaining("No such destination: 'acct_ann'"),
      by: 'cliptally:stripe',
    });
  });

  const metric = async (name: string) =>
    (await (await fetch(`${world.service.url}/metrics`)).text())
      .split('\n')
      .find((line) => line.startsWith(`${name}{`) && line.includes('"balance"'))
      ?.split(' ')
      .at(-1);
  const waitsForBalance = () =>
    until(async () => (await metric('cliptally_payouts_waiting')) === '1');

  it('D6: a payday waits for the balance at Stripe, and is paid the same day by itself', async () => {
    await earn(world, 'ann', 20_000, 'EUR');
    const poor = await send('ann', 100, { currency: 'EUR' });
    await waitsForBalance();
    clock.advance(30_000);
    expect((await world.get(`/payouts/${poor}`)).body.status).toBe('APPROVED');
    stripe.fund('eur', 50);
    await until(async () => {
      clock.advance(60_000);
      return (await world.get(`/payouts/${poor}`)).body.status === 'PAID';
    });
    expect(transfersOf(poor)).toHaveLength(1);
    await until(async () => (await metric('cliptally_payouts_waiting')) === '0');
  });

  it('and fails when the balance has not come for 20 hours', async () => {
    const poor = await send('ann', 50, { currency: 'EUR' });
    await waitsForBalance();
    clock.advance(20 * HOUR_MS);
    await untilStatus(world, poor, 'FAILED');
    expect(transfersOf(poor)).toEqual([]);
    const last = (await Array.fromAsync(world.store.readStream('payout-ann'))).at(-1)!;
    expect(last.data).toMatchObject({ reason: expect.stringContaining('balance_insufficient') });
  });

  it('currencies go in their own decimals, and never rounded', async () => {
    await earn(world, 'yen', 100_000, 'JPY');
    await earn(world, 'yen', 100_000, 'KWD');
    const yen = await send('yen', 1_234, { currency: 'JPY' });
    const fils = await send('yen', 1_230, { currency: 'KWD' });
    for (const id of [yen, fils]) await untilStatus(world, id, 'PAID');
    expect(transfersOf(yen)[0]).toMatchObject({ amount: 1_234, currency: 'jpy' });
    expect(transfersOf(fils)[0]).toMatchObject({ amount: 1_230, currency: 'kwd' });
    const odd = await requested(world, 'yen', 1_234, { currency: 'KWD' });
    expect(await approve(world, odd)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('1.234 KWD cannot be sent exactly') },
    });
  });

  it('a payout that a reversal has uncovered is not sent until new earnings have made up for it', async () => {
    const clipId = await earn(world, 'bob', 100_000, 'GBP');
    const payoutId = await requested(world, 'bob', 10_000, { currency: 'GBP' });
    stripe.strike(
      { kind: 'error', status: 429, type: 'rate_limit_error' },
      { kind: 'error', status: 429, type: 'rate_limit_error' },
    );
    await approve(world, payoutId);
    expect(
      (await world.post(`/clips/${clipId}/reverse`, { amount: 1, reason: 'bots' })).status,
    ).toBe(200);
    for (let i = 0; i < 5; i++) {
      clock.advance(HOUR_MS);
      await world.service.settled(AbortSignal.timeout(120_000));
    }
    expect([
      transfersOf(payoutId).length,
      (await world.get(`/payouts/${payoutId}`)).body.status,
    ]).toEqual([0, 'APPROVED']);
    await world.see(clipId, 100_010);
    await until(() => (clock.advance(HOUR_MS), transfersOf(payoutId).length === 1));
    await untilStatus(world, payoutId, 'PAID');
  });

  describe('webhooks', () => {
    it('are taken only as Stripe signed them, and not long ago', async () => {
      const body = JSON.stringify({
        id: 'evt_1',
        object: 'event',
        type: 'transfer.created',
        data: { object: { metadata: {} } },
      });
      const old = new Date(clock.now().getTime() - 10 * 60_000);
      const forged: [string, string][] = [
        [body, ''],
        [body, 'nonsense'],
        [body, signatureOf(body, 'whsec_other')],
        [body, signatureOf(body, WEBHOOK_SECRET, old)],
        [`${body} `, signatureOf(body)],
      ];
      for (const [text, signature] of forged) {
        const answer = await deliver(text, signature);
        expect([signature, answer.status]).toEqual([signature, 400]);
        expect(await answer.text()).not.toContain('whsec');
      }
      expect((await deliver(body, signatureOf(body))).status).toBe(200);
      expect(await tell('charge.succeeded', {})).toBe(200);
    });

    it('say what the answer could not, and count once, in any order and number', async () => {
      stripe.setWebhook({ url: `${world.service.url}/webhooks/stripe`, secret: WEBHOOK_SECRET });
      stripe.strike({ kind: 'reset', when: 'after' }, { kind: 'reset', when: 'after' });
      const payoutId = await send('ann', 777);
      // The clock stands still, so that the sender does not ask again: the webhook alone tells.
      await untilStatus(world, payoutId, 'PAID');
      const [transfer] = transfersOf(payoutId);
      for (let i = 0; i < 3; i++) expect(await tell('transfer.created', transfer!)).toBe(200);
      const paid = (await Array.fromAsync(world.store.readStream('payout-ann'))).filter(
        (e) => e.type === 'PayoutPaid' && e.data.payoutId === payoutId,
      );
      expect(paid).toHaveLength(1);
      stripe.setWebhook(undefined);
    });

    it('of a transfer that was taken back make the payout fail, and its amount available again', async () => {
      stripe.setWebhook({ url: `${world.service.url}/webhooks/stripe`, secret: WEBHOOK_SECRET });
      const payoutId = await send('ann', 555);
      await untilStatus(world, payoutId, 'PAID');
      const { paid, available } = (await world.get('/creators/ann/balance')).body.balances.find(
        (b: { currency: string }) => b.currency === 'USD',
      );
      const [transfer] = transfersOf(payoutId);
      stripe.reverse(transfer!.id, 5);
      stripe.reverse(transfer!.id);
      await untilStatus(world, payoutId, 'FAILED');
      expect(await tell('transfer.reversed', { ...transfer, reversed: true })).toBe(200);
      expect(await tell('transfer.created', transfer!)).toBe(200);
      expect((await world.get('/creators/ann/balance')).body.balances).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            currency: 'USD',
            paid: paid - 555,
            available: available + 555,
          }),
        ]),
      );
      stripe.setWebhook(undefined);
    });

    it('of other transfers, or of other amounts and accounts, change nothing', async () => {
      stripe.strike(
        { kind: 'error', status: 503, type: 'api_error' },
        { kind: 'error', status: 503, type: 'api_error' },
      );
      const payoutId = await send('bob', 100);
      const ours = {
        id: 'tr_x',
        amount: 100,
        currency: 'usd',
        destination: 'acct_bob',
        reversed: false,
        metadata: { cliptally_payout: payoutId },
      };
      expect(await tell('transfer.created', { ...ours, metadata: {} })).toBe(200);
      expect(await tell('transfer.created', { ...ours, amount: 99 })).toBe(200);
      expect(await tell('transfer.created', { ...ours, destination: 'acct_ann' })).toBe(200);
      expect((await world.get(`/payouts/${payoutId}`)).body.status).toBe('APPROVED');
      await until(() => (clock.advance(5_000), transfersOf(payoutId).length === 1));
      await untilStatus(world, payoutId, 'PAID');
    });
  });

  it('nobody was paid twice', async () => {
    const groups = Map.groupBy(stripe.transfers, ({ transfer_group }) => transfer_group);
    expect([...groups.values()].filter((transfers) => transfers.length > 1)).toEqual([]);
    const as: [Role, string] = ['creator', 'ann'];
    const { balances } = (await world.get('/creators/ann/balance', { as })).body;
    const sent = stripe.transfers.filter(
      (t) => t.destination === 'acct_ann' && t.currency === 'usd',
    );
    const usd = balances.find(({ currency }: { currency: string }) => currency === 'USD');
    expect(usd.paid).toBe(
      sent.reduce((sum, { amount, amount_reversed: back }) => sum + amount - back, 0),
    );
  });
});
