import { ManualClock } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { freshUrl, startApiWorld } from '../testing/api-world.js';
import { startReceiver } from '../testing/webhook-receiver.js';
import { mailThrough } from './index.js';

/** As much of a mail server as takes a mail: what it received, line by line. */
async function startMailServer() {
  const received: string[] = [];
  const mails: string[] = [];
  const server = createServer((socket) => {
    let data: string | null = null;
    socket.write('220 mail\r\n');
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (part: string) => {
      if (data !== null) {
        data += part;
        if (!data.endsWith('\r\n.\r\n')) return;
        mails.push(data);
        data = null;
        socket.write('250 taken\r\n');
        return;
      }
      for (const line of part.split('\r\n').filter(Boolean)) {
        received.push(line);
        if (line === 'DATA') data = '';
        socket.write(line === 'DATA' ? '354 go on\r\n' : '250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, received, mails, close: () => server.close() };
}

describe('webhooks for people', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let mailServer: Awaited<ReturnType<typeof startMailServer>>;
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeEach(async () => {
    [receiver, mailServer] = await Promise.all([startReceiver(), startMailServer()]);
    receiver.network.mail = mailThrough({ url: mailServer.url, from: 'Clips <clips@example.com>' });
    world = await startApiWorld({ clock: new ManualClock(new Date()), webhooks: receiver.network });
  });
  afterEach(async () => {
    await world.close();
    receiver.close();
    mailServer.close();
  });

  const add = async (body: object) => (await world.post('/webhook-endpoints', body)).body;
  const submit = async (campaignId: string): Promise<string> =>
    (await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' })).body.clipId;
  const received = (path: string) =>
    receiver.accepted(path).map(({ body }): Record<string, unknown> => JSON.parse(body));

  it('a chat room gets a sentence in which nobody can be called, and its address stays secret', async () => {
    const slack = await add({
      form: 'slack',
      url: 'https://hooks.slack.example/services/T0/B0/key',
    });
    const discord = await add({
      form: 'discord',
      url: 'https://discord.example/api/webhooks/1/key',
    });
    expect([slack.url, discord.url]).toEqual([
      'https://hooks.slack.example/',
      'https://discord.example/',
    ]);
    expect(JSON.stringify((await world.get('/webhook-endpoints')).body)).not.toContain('/key');
    await world.post('/campaigns', world.terms({ campaignId: 'a', brandId: 'acme' }));
    const clipId = await submit('a');
    await world.post(`/clips/${clipId}/reject`, { reason: '<!channel> & @everyone' });
    const paths = ['/services/T0/B0/key', '/api/webhooks/1/key'] as const;
    await until('both have it', () => paths.every((path) => receiver.accepted(path).length === 2));
    const said = `The clip ${clipId} was rejected in the campaign a:`;
    expect(received(paths[0])[1]).toEqual({ text: `${said} &lt;!channel&gt; &amp; @everyone` });
    expect(received(paths[1])[1]).toEqual({
      content: `${said} <!channel> & @everyone`,
      allowed_mentions: { parse: [] },
    });
    expect(receiver.accepted(paths[0])[0]!.headers['webhook-signature']).toBeUndefined();
  });

  it('a budget that is used at 80 %, and one that is gone, bring one message each', async () => {
    await add({ url: 'https://hooks.example/money', types: [
      'campaign.budget_nearly_used', 'campaign.budget_exhausted',
    ] }); // prettier-ignore
    await world.post(
      '/campaigns',
      world.terms({ campaignId: 'a', brandId: 'acme', budget: 1_000 }),
    );
    const clipId = await submit('a');
    await world.post(`/clips/${clipId}/approve`, {});
    // 1.00 USD for a thousand views, of 10.00 USD.
    for (const views of [7_990, 8_000, 9_000]) {
      world.clock.advance(3_600_000);
      await world.see(clipId, views);
    }
    await until('80 %', () => received('/money').length > 0);
    world.clock.advance(3_600_000);
    await world.see(clipId, 20_000);
    await until('gone', () => received('/money').length === 2);
    expect(received('/money')).toMatchObject([
      { type: 'campaign.budget_nearly_used', data: { budget: 1_000, remaining: 200 } },
      { type: 'campaign.budget_exhausted', data: { budget: 1_000 } },
    ]);
  });

  it('a mailbox gets mail through the mail server, the same again with the same Message-ID', async () => {
    const { endpointId } = await add({ form: 'email', url: 'mailto:ops@example.com' });
    const { webhookId } = (await world.post(`/webhook-endpoints/${endpointId}/test`)).body;
    await until('it has arrived', () => mailServer.mails.length === 1);
    expect(mailServer.received).toContain('RCPT TO:<ops@example.com>');
    expect(mailServer.mails[0]).toContain(`Message-ID: <${webhookId}@example.com>`);
    expect(mailServer.mails[0]).toContain(`Subject: This is a test of the endpoint`);
    await until('it is delivered', async () => {
      const path = `/webhook-endpoints/${endpointId}/deliveries?status=DELIVERED`;
      return (await world.get(path)).body.items.length === 1;
    });
    await world.post(`/webhook-endpoints/${endpointId}/replay`, { webhookId });
    await until('it arrives a second time', () => mailServer.mails.length === 2);
    expect(mailServer.mails[1]).toContain(`Message-ID: <${webhookId}@example.com>`);
  });

  it('only an admin adds a mailbox, one at a time', async () => {
    const url = 'mailto:ops@example.com';
    expect(
      await world.post('/webhook-endpoints', { form: 'email', url }, { as: ['brand', 'acme'] }),
    ).toMatchObject({ status: 403 });
    for (const wrong of [
      'mailto:a@b.example,c@d.example',
      'mailto:a@b.example?bcc=c@d.example',
      'https://a.example/',
    ])
      expect(await world.post('/webhook-endpoints', { form: 'email', url: wrong })).toMatchObject({
        status: 422,
        body: { code: 'endpoint_address' },
      });
    receiver.network.mail = null;
    expect(await world.post('/webhook-endpoints', { form: 'email', url })).toMatchObject({
      status: 409,
      body: { code: 'no_mail' },
    });
  });
});
