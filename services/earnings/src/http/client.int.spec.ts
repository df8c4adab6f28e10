import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document } from 'openapi-client-axios';
import { until } from '@cliptally/dev/servers';
import type { Role } from '@cliptally/contracts/api';
import { startApiWorld } from '../testing/api-world.js';
import { generatedClient } from '../testing/generated-client.js';

const DAY_MS = 86_400_000;

describe('a client generated from /openapi.json', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let document: Document;
  beforeAll(async () => {
    world = await startApiWorld();
    document = (await world.get('/openapi.json', { as: null })).body;
  });
  afterAll(() => world.close());

  const clientOf = async (as: [Role, string]) =>
    generatedClient(document, world.service.url, await world.tokenOf(as));

  it('runs a campaign from launch to payout', async () => {
    const [admin, brand, ann] = await Promise.all([
      clientOf(['admin', 'root']),
      clientOf(['brand', 'acme']),
      clientOf(['creator', 'ann']),
    ]);
    const launched = await brand['launchCampaign']!(
      {},
      world.terms({ name: 'Generated', budget: 50_000, validationDays: 1, minPayout: 500 }),
    );
    expect(launched.status).toBe(201);
    const { campaignId } = launched.data;
    const { clipId } = (
      await ann['submitClip']!({}, { url: 'https://youtu.be/dQw4w9WgXcQ', campaignId })
    ).data;
    await brand['holdClip']!({ id: clipId }, { reason: 'who is this' });
    await brand['releaseClip']!({ id: clipId }, {});
    await brand['approveClip']!({ id: clipId }, {});
    world.clock.advance(DAY_MS);
    await world.see(clipId, 20_000);
    await brand['pauseCampaign']!({ id: campaignId }, { reason: 'lunch' });
    await brand['resumeCampaign']!({ id: campaignId }, {});
    await brand['topUpCampaign']!({ id: campaignId }, { amount: 1_000 });
    expect((await brand['showCampaign']!({ id: campaignId })).data).toMatchObject({
      budget: 51_000,
      spent: 2_000,
      remaining: 49_000,
    });
    expect((await ann['statementClip']!({ id: clipId })).data.lines).toMatchObject([
      { amount: 2_000, toViews: 20_000 },
    ]);
    expect((await brand['statementCampaign']!({ id: campaignId })).data.lines).toHaveLength(1);
    world.clock.advance(2 * DAY_MS);
    expect((await ann['balanceCreator']!({ id: 'ann' })).data.balances).toMatchObject([
      { available: 2_000 },
    ]);
    const { payoutId } = (await ann['requestPayout']!({}, { currency: 'USD', amount: 1_500 })).data;
    await admin['approvePayout']!({ id: payoutId }, {});
    await admin['paidPayout']!({ id: payoutId }, { externalReference: 'bank 1' });
    expect((await ann['showPayout']!({ id: payoutId })).data).toMatchObject({
      status: 'PAID',
      externalReference: 'bank 1',
    });
    expect(
      (await admin['listPayouts']!({ creatorId: 'ann', status: 'PAID' })).data.items,
    ).toHaveLength(1);
    expect(
      (await ann['statementCreator']!({ id: 'ann' })).data.lines.length,
    ).toBeGreaterThanOrEqual(1);
    const scrape = (await admin['trackClip']!({ id: clipId }, {})).data;
    await world.fail(clipId, scrape.requestId);
    expect((await admin['failedFailedScrapes']!()).data.items).toMatchObject([
      { clipId, reason: 'blocked' },
    ]);
    await admin['retryFailedScrape']!({ id: scrape.requestId });
    await brand['endCampaign']!({ id: campaignId }, { reason: 'over' });
    expect((await ann['listCampaigns']!()).data.items).toEqual([]);
    expect((await admin['listClips']!({ campaignId })).data.items).toHaveLength(1);
  });

  it('sets up an endpoint of webhooks, tries it, and replays', async () => {
    const brand = await clientOf(['brand', 'acme']);
    const url = 'https://hooks.example/cliptally';
    const added = (await brand['addWebhookEndpoint']!({}, { url, types: ['clip.submitted'] })).data;
    expect(added).toMatchObject({ url, brandId: 'acme', status: 'ENABLED' });
    const id = { id: added.endpointId };
    expect((await brand['rotateWebhookEndpoint']!(id)).data.secret).not.toBe(added.secret);
    const { webhookId } = (await brand['testWebhookEndpoint']!(id)).data;
    await until('it is delivered', async () => {
      const { items } = (await brand['deliveriesWebhookEndpoint']!(id)).data;
      return items[0].webhookId === webhookId && items[0].status === 'DELIVERED';
    });
    await brand['replayWebhookEndpoint']!(id, { webhookId });
    await brand['replayWebhookEndpoint']!(id, { from: '2026-01-01T00:00:00Z' });
    await brand['disableWebhookEndpoint']!(id, { reason: 'moved' });
    await brand['enableWebhookEndpoint']!(id);
    expect((await brand['showWebhookEndpoint']!(id)).data.status).toBe('ENABLED');
    expect((await brand['listWebhookEndpoints']!()).data.items).toHaveLength(1);
  });

  it('every operation has a name of its own, a schema of its answer and of its faults', () => {
    const operations = Object.entries(document.paths!).flatMap(([path, methods]) =>
      Object.entries(
        methods as Record<
          string,
          { operationId: string; responses: Record<string, { content: object }> }
        >,
      ).map(([method, operation]) => ({ route: `${method} ${path}`, ...operation })),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    const bare = operations.filter(({ responses }) =>
      Object.values(responses).some(({ content }) => JSON.stringify(content).includes('{}')),
    );
    expect(bare.map(({ route }) => route)).toEqual([]);
  });
});
