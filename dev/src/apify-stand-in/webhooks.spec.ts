import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApifyClient, type ActorStartOptions } from 'apify-client';
import { clockOf } from '@cliptally/contracts';
import { until } from '../servers/index.js';
import { generatedCurves, startApifyStandIn, type ApifyStandIn } from './index.js';

const worldStart = new Date('2026-03-01T00:00:00Z');
const curves = generatedCurves({ worldStart });
const tiktok = 'clockworks/tiktok-scraper';
const input = (videos: number) => ({
  postURLs: Array.from(
    { length: videos },
    (_, i) => `https://www.tiktok.com/@somebody/video/753373195917286120${i}`,
  ),
});

describe('webhooks', () => {
  let standIn: ApifyStandIn;
  let client: ApifyClient;
  let received: { headers: IncomingMessage['headers']; body: Record<string, unknown> }[];
  let answers: number[];
  let close: () => void;
  let webhooks: NonNullable<ActorStartOptions['webhooks']>;

  beforeEach(async () => {
    received = [];
    answers = [];
    const server = createServer((req, res) => {
      let text = '';
      req.on('data', (chunk) => (text += String(chunk)));
      req.on('end', () => {
        received.push({ headers: req.headers, body: JSON.parse(text) as Record<string, unknown> });
        res.writeHead(answers.shift() ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => server.close();
    const requestUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/apify`;
    webhooks = [
      {
        eventTypes: ['ACTOR.RUN.SUCCEEDED', 'ACTOR.RUN.ABORTED'],
        requestUrl,
        headersTemplate: '{"x-secret": "abc", "x-run": {{resource.id}}}',
      },
    ];
    const clock = clockOf({
      world: worldStart.getTime() + 86_400_000,
      real: Date.now(),
      speed: 7_200,
    });
    standIn = await startApifyStandIn({ clock, curves });
    client = new ApifyClient({ token: 'any', baseUrl: standIn.url, maxRetries: 0 });
  });
  afterEach(async () => {
    close();
    await standIn.close();
  });

  const arrived = async (n: number) => {
    await until(`${n} webhooks`, () => received.length >= n);
    return received;
  };

  it('tell of the end of a run, with the headers that were asked for', async () => {
    const { id } = await client.actor(tiktok).start(input(2), { webhooks });
    const [hook] = await arrived(1);
    expect(received).toHaveLength(1);
    expect(hook!.headers).toMatchObject({
      'x-secret': 'abc',
      'x-run': id,
      'x-apify-webhook-dispatch-id': expect.stringMatching(/^\w{17}$/),
    });
    expect(hook!.body).toMatchObject({
      eventType: 'ACTOR.RUN.SUCCEEDED',
      eventData: { actorRunId: id },
      resource: { id, status: 'SUCCEEDED', usageTotalUsd: 0.0084 },
    });
  });

  it('tell of what was asked for only, and are sent again until they are taken', async () => {
    answers = [500, 503];
    standIn.setFaults([{ kind: 'run', ends: 'FAILED', times: 1 }]);
    await client.actor(tiktok).start(input(1), { webhooks });
    const { id } = await client.actor(tiktok).start(input(1), { webhooks });
    await arrived(3);
    expect(received.map((r) => r.headers['x-run'])).toEqual([id, id, id]);
    expect(new Set(received.map((r) => r.headers['x-apify-webhook-dispatch-id'])).size).toBe(1);
  });

  it('come twice, forged or never, if a fault says so', async () => {
    standIn.setFaults([{ kind: 'webhook', does: 'twice' }]);
    await client.actor(tiktok).start(input(1), { webhooks });
    expect((await arrived(2)).map((r) => r.headers['x-apify-webhook-dispatch-id'])).toEqual(
      Array(2).fill(received[0]!.headers['x-apify-webhook-dispatch-id']),
    );
    standIn.setFaults([{ kind: 'webhook', does: 'forged' }]);
    const { id } = await client.actor(tiktok).start(input(1), { webhooks });
    const [forged, honest] = (await arrived(4)).slice(2);
    expect(forged!.headers['x-secret']).toBeUndefined();
    expect(forged!.body).toMatchObject({
      eventType: 'ACTOR.RUN.SUCCEEDED',
      resource: { id: expect.not.stringMatching(id) },
    });
    expect(honest!.headers).toMatchObject({ 'x-secret': 'abc', 'x-run': id });
    standIn.setFaults([{ kind: 'webhook', does: 'never' }]);
    const { id: silent } = await client
      .actor(tiktok)
      .start(input(1), { webhooks, waitForFinish: 60 });
    standIn.setFaults([]);
    const { id: next } = await client.actor(tiktok).start(input(1), { webhooks });
    const runs = (await arrived(5)).slice(4).map((r) => r.headers['x-run']);
    expect(runs).toEqual([next]);
    expect(runs).not.toContain(silent);
  });

  it('are refused if they cannot be read', async () => {
    const bad = client
      .actor(tiktok)
      .start(input(1), { webhooks: [{ ...webhooks[0]!, headersTemplate: '{nonsense' }] });
    await expect(bad).rejects.toMatchObject({ statusCode: 400, type: 'invalid-parameter' });
  });
});
