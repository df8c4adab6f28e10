import { ManualClock } from '@cliptally/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import { until } from '../servers/index.js';
import { startStripeStandIn, type StripeStandIn } from './index.js';

/** What the official client gets from it is what it gets from Stripe. */
describe('the stand-in of Stripe, asked by the official client', () => {
  const clock = new ManualClock('2026-02-01T00:00:00Z');
  let standIn: StripeStandIn;
  let client: Stripe;
  beforeEach(async () => {
    standIn = await startStripeStandIn({
      clock,
      secretKey: 'sk_test_1',
      accounts: ['acct_1'],
      balance: { usd: 1_000 },
    });
    client = clientWith('sk_test_1');
  });
  afterEach(() => standIn.close());

  const clientWith = (key: string) => {
    const { hostname: host, port } = new URL(standIn.url);
    return new Stripe(key, {
      host,
      port,
      protocol: 'http',
      maxNetworkRetries: 0,
      telemetry: false,
    });
  };
  const order = {
    amount: 100,
    currency: 'usd',
    destination: 'acct_1',
    transfer_group: 'g',
    metadata: { payout: 'p' },
  };
  const refused = (asked: Promise<unknown>) => asked.then(() => null, ({ type, code, statusCode }: Stripe.errors.StripeError) => [type, code, statusCode]); // prettier-ignore

  it('makes a transfer, and finds it by its id and its group', async () => {
    const made = await client.transfers.create(order);
    expect(made).toMatchObject({
      object: 'transfer',
      amount: 100,
      destination: 'acct_1',
      reversed: false,
      metadata: { payout: 'p' },
    });
    expect((await client.transfers.retrieve(made.id)).id).toBe(made.id);
    expect((await client.transfers.list({ transfer_group: 'g' })).data.map(({ id }) => id)).toEqual(
      [made.id],
    );
    expect((await client.transfers.list({ transfer_group: 'other' })).data).toEqual([]);
  });

  it('makes one transfer of requests with one key, and refuses the key for another', async () => {
    const once = { idempotencyKey: 'k' };
    const [first, second] = [
      await client.transfers.create(order, once),
      await client.transfers.create(order, once),
    ];
    expect([second.id, standIn.transfers.length]).toEqual([first.id, 1]);
    expect(await refused(client.transfers.create({ ...order, amount: 101 }, once))).toEqual([
      'StripeIdempotencyError',
      undefined,
      400,
    ]);
    standIn.forgetKeys();
    expect((await client.transfers.create(order, once)).id).not.toBe(first.id);
  });

  it('refuses as Stripe does, and repeats a refusal to the same key', async () => {
    expect(await refused(clientWith('sk_other').transfers.create(order))).toEqual([
      'StripeAuthenticationError',
      undefined,
      401,
    ]);
    expect(await refused(client.transfers.create({ ...order, destination: 'acct_2' }))).toEqual(['StripeInvalidRequestError', 'resource_missing', 400]); // prettier-ignore
    const poor = () =>
      refused(client.transfers.create({ ...order, amount: 1_001 }, { idempotencyKey: 'poor' }));
    expect(await poor()).toEqual(['StripeInvalidRequestError', 'balance_insufficient', 400]);
    expect(await poor()).toEqual(['StripeInvalidRequestError', 'balance_insufficient', 400]);
    expect(standIn.transfers).toEqual([]);
  });

  it('takes a transfer back, in part or as a whole, and not twice', async () => {
    const { id } = await client.transfers.create(order);
    await client.transfers.createReversal(id, { amount: 40 });
    expect(await client.transfers.retrieve(id)).toMatchObject({
      amount_reversed: 40,
      reversed: false,
    });
    await client.transfers.createReversal(id);
    expect(await client.transfers.retrieve(id)).toMatchObject({
      amount_reversed: 100,
      reversed: true,
    });
    expect(await refused(client.transfers.createReversal(id))).toEqual([
      'StripeInvalidRequestError',
      undefined,
      400,
    ]);
  });

  it('sends its webhook until it is taken, signed as the official library checks it', async () => {
    const received: Stripe.Event[] = [];
    let deaf = 2;
    const receiver = createServer((req, res) => {
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () => {
        const signature = req.headers['stripe-signature'] as string;
        const taken = deaf-- <= 0;
        if (taken)
          received.push(
            client.webhooks.constructEvent(
              Buffer.concat(chunks),
              signature,
              'whsec_1',
              300,
              undefined,
              clock.now().getTime(),
            ),
          );
        res.writeHead(taken ? 200 : 500).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    standIn.setWebhook({
      url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
      secret: 'whsec_1',
    });
    const { id } = await client.transfers.create(order);
    await until('the webhook', () => received.length > 0);
    expect(received).toMatchObject([{ type: 'transfer.created', data: { object: { id } } }]);
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });
});
